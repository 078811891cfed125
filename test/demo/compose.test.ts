import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compose } from '../../demo/compose/compose.ts';
import { createDeployment } from '../../demo/deployment/deployment.ts';
import { createEngine } from '../../demo/docker/engine.ts';
import { createWorld } from '../../demo/programs/world.ts';

let folder: string;
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'bo-compose-')));
	mkdirSync(join(folder, 'app'));
	const write = (name: string, text: string) => writeFileSync(join(folder, 'app', name), text);
	write(
		'docker-compose.yml',
		`services:
  engine:
    build: .
    container_name: engine
    restart: always
    env_file: engine.env
    environment:
      - MODE=\${MODE:-paper}
      - PLAIN
      - TOKEN=\${TOKEN}
    command: python -m "src main"
    volumes: [./config:/app/config:ro, "state:/state"]
    ports: ["127.0.0.1:\${PORT:-8080}:8080", "9000"]
    labels: ["autoheal=true"]
    depends_on:
      postgres: { condition: service_healthy }
    logging: { driver: json-file, options: { max-size: 10m } }
  postgres:
    image: postgres:14-alpine
    environment: { POSTGRES_PASSWORD: $PW, N: 5 }
    healthcheck: { test: pg_isready, interval: 90s, retries: 3 }
  tools:
    image: busybox
    profiles: [tools]
    depends_on: [engine]
    deploy: { replicas: 2, resources: { limits: { memory: 1G } } }
volumes:
  state:
`,
	);
	write('docker-compose.override.yml', 'services: { postgres: { environment: { N: 6, MORE: "$$x" } } }\n');
	write('prod.yml', 'services: { engine: { environment: { MODE: live }, volumes: ["./other:/app/config"] } }\n');
	write('.env', 'PW=a1\nPORT=81\n');
	write('engine.env', 'FROM_FILE="x y"\nMODE=file\n');
	writeFileSync(join(folder, 'more.env'), 'TOKEN=secret\nPW=b2\n');
	writeFileSync(join(folder, 'last.env'), 'PW=c3\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const play = async (cwd: string, args: readonly string[]) => {
	const deployment = createDeployment(createWorld(folder));
	const engine = createEngine({ programOf: (container) => deployment.programOf(container), root: folder });
	let out = '';
	let error = '';
	const code = await compose(engine, deployment)(args, {
		cwd,
		env: { PATH: process.env.PATH ?? '' },
		signal: AbortSignal.timeout(60_000),
		out: (text) => {
			out += text;
		},
		error: (text) => {
			error += text;
		},
		input: async () => '',
		pipe: () => {
			throw new Error('there is no pipe');
		},
	});
	return { code, out, error };
};

const realCompose = (cwd: string, args: readonly string[]) =>
	spawnSync('docker', ['compose', ...args], { cwd, env: { PATH: process.env.PATH }, encoding: 'utf8' });
const isThere = realCompose('/', ['version']).status === 0;

describe('docker compose, as the real one answers', () => {
	const cases: readonly (readonly [where: string, args: string])[] = [
		['app', 'config --format json'],
		['app', 'config'],
		['app', '--profile tools config --format json'],
		['app', '-f docker-compose.yml config --format json'],
		['app', '-f docker-compose.yml -f prod.yml --env-file ../more.env --env-file ../last.env config --format json'],
		['app', '-p other --env-file ../more.env config --format json'],
		['.', '-f app/docker-compose.yml --project-directory app config --format json'],
		['.', '--project-directory app -p x config --format json'],
		['app/config-of', 'config --format json'],
		['app', 'config --profiles'],
		['app', 'config --volumes'],
		['app', 'config -q'],
		['app', 'config engine --format json'],
		['.', 'config'],
		['app', '--env-file nowhere.env config'],
		['app', '-f nowhere.yml config'],
		['app', 'stop nothing'],
	];
	test.skipIf(!isThere).each(cases)('in %s: %s', async (where, text) => {
		mkdirSync(join(folder, 'app', 'config-of'), { recursive: true });
		const cwd = join(folder, where);
		const args = text.split(' ');
		const real = realCompose(cwd, args);
		const played = await play(cwd, args);
		expect(played.out.trimEnd()).toBe(real.stdout.trimEnd());
		expect(played.code === 0).toBe(real.status === 0);
		if (real.status !== 0) {
			expect(played.error).toContain(real.stderr.trim().split('\n').at(-1));
		}
	});

	test.skipIf(!isThere)('the same services, whatever their order', async () => {
		const sorted = (text: string) => text.trim().split('\n').sort();
		for (const args of [
			['config', '--services'],
			['--profile', 'tools', 'config', '--services'],
			['config', '--images'],
		]) {
			const cwd = join(folder, 'app');
			expect(sorted((await play(cwd, args)).out)).toEqual(sorted(realCompose(cwd, args).stdout));
		}
	});
});

test('a variable that is not set is warned of, and its hash is that of an empty one', async () => {
	const cwd = join(folder, 'app');
	const { error, out } = await play(cwd, ['config', '--hash', 'engine']);
	expect(error).toContain('The \\"TOKEN\\" variable is not set. Defaulting to a blank string.');
	writeFileSync(join(cwd, '.env'), 'PW=a1\nPORT=81\nTOKEN=\n');
	expect((await play(cwd, ['config', '--hash', 'engine'])).out).toBe(out);
	writeFileSync(join(cwd, '.env'), 'PW=a1\nPORT=81\nTOKEN=x\n');
	expect((await play(cwd, ['config', '--hash', 'engine'])).out).not.toBe(out);
});
