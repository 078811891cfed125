import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { readSecrets } from '../../src/application/secrets/known-secrets.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import type { Host } from '../../src/services/host/host.ts';
import { type Deployment, eachDeployment, readOnlySession } from './fixture.ts';

let deployment: Deployment;
let host: Host;
let session: Session;
let folder: string;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-known-'));
	session = readOnlySession(deployment, host);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('secrets of the Compose file, its secret files and other env files are read, and masked in all texts from then on', async () => {
	const write = (name: string, text: string) => writeFileSync(join(deployment.directory, name), text);
	write(
		'compose.yaml',
		[
			'services:',
			'  app:',
			'    environment:',
			'      DB_PASSWORD: "of-the-Mapping-1"',
			'  other:',
			'    environment:',
			"      - 'API_TOKEN=of-the-List-2'",
			'      - X_SECRET=of-the-List-3',
			'configs:',
			'  web:',
			'    file: web.conf',
			'secrets:',
			'  key:',
			'',
			'    file: "./key.txt" # of the app',
			'  short: { file: short.txt }',
			'volumes:',
			'  data: { file: web.conf }',
		].join('\n'),
	);
	write('web.conf', 'listen on 8080\n');
	write('short.txt', 'of-the-Short-6');
	write('key.txt', "it's-the\\File-4\n");
	write('app.env', 'APP_TOKEN: "of-an\\"Env-5"\n');
	const known = [
		'of-the-Mapping-1',
		'of-the-List-2',
		'of-the-List-3',
		"it's-the\\File-4",
		'of-an"Env-5',
		'of-the-Short-6',
	];
	expect(maskSecrets(known.join(' '))).toBe(known.join(' '));
	const secrets = await readSecrets(session, 'none');
	expect(secrets.toSorted()).toEqual(known.toSorted());
	expect(maskSecrets(known.join(' '))).toMatch(/^(?:••••[0-9a-f]{4} ?){6}$/);
});

test('secrets of the files under env_file, whatever they are called and wherever they are, are read', async () => {
	const write = (name: string, text: string) => {
		mkdirSync(dirname(join(deployment.directory, name)), { recursive: true });
		writeFileSync(join(deployment.directory, name), text);
	};
	write(
		'compose.yaml',
		[
			'services:',
			'  one: { image: x, env_file: .envs/.production/.postgres, init: true }',
			'  two:',
			'    env_file:',
			'      - "config/two settings.conf"',
			'      # - config/nothing',
			'      - path: ./three # of the app',
			'        required: false',
			`      - ${folder}/four`,
			'    environment:',
			'      - MODE=config/five',
			"  three: { env_file: [six, 'seven', { path: eight, required: false }] }",
			'  four:',
			'    env_file: [',
			'      nine,',
			'    ]',
		].join('\n'),
	);
	const names = ['.envs/.production/.postgres', 'config/two settings.conf', 'three', 'six', 'seven', 'eight', 'nine'];
	names.forEach((name, at) => {
		write(name, `DB_PASSWORD=under-env-file-${at}\n`);
	});
	writeFileSync(join(folder, 'four'), 'DB_PASSWORD=under-env-file-9\n');
	write('config/five', 'DB_PASSWORD=not-an-env-file\n');
	const expected = [0, 1, 2, 9, 3, 4, 5, 6].map((at) => `under-env-file-${at}`);
	expect((await readSecrets(session, 'none')).filter((value) => /env-file/.test(value))).toEqual(expected);
});

test('secrets are read from the Compose files and env files that the engine names, and from those saved before a run', async () => {
	const saved = join(deployment.state, 'runs/20261130T000000Z-aaaaaa/restore/files');
	for (const [root, when] of [
		['', 'now'],
		[saved, 'before'],
	] as const) {
		for (const [name, text] of [
			[`${deployment.directory}/deploy/production.yml`, `services: { web: { env_file: ${folder}/web.settings } }\n`],
			[`${folder}/web.settings`, `WEB_TOKEN="set-in-web-${when}"\n`],
			[`${folder}/common`, `API_TOKEN=set-in-common-${when}\n`],
		] as const) {
			mkdirSync(dirname(root + name), { recursive: true });
			writeFileSync(root + name, text);
		}
	}
	chmodSync(deployment.state, 0o700);
	const environment = {
		compose_files: join(deployment.directory, 'deploy/production.yml'),
		compose_env_files: join(folder, 'common'),
	};
	const engine = { ...session.engine, deployment: async () => ({ project: 'app', environment }) };
	const secrets = await readSecrets({ ...session, engine }, '20261130T000000Z-aaaaaa');
	expect(secrets.filter((value) => value.startsWith('set-in-')).toSorted()).toEqual([
		'set-in-common-before',
		'set-in-common-now',
		'set-in-web-before',
		'set-in-web-now',
	]);
});

test('a quote without an end in one file hides no secret of the next one', async () => {
	writeFileSync(join(deployment.directory, '.env'), 'TITLE="unfinished\n');
	writeFileSync(join(deployment.directory, '.env.local'), 'AFTER_TOKEN="after-the-quote"\n');
	expect(await readSecrets(session, 'none')).toContain('after-the-quote');
});

test('a password that is the name of a service, an image or the project hides none of these', async () => {
	writeFileSync(
		join(deployment.directory, '.env'),
		'POSTGRES_PASSWORD=postgres\nREDIS_PASSWORD=valkey-server\nMQ_PASSWORD=guestbook\nKEY_PASSWORD=not-in-any-name\n',
	);
	writeFileSync(
		join(deployment.directory, 'compose.yaml'),
		'services:\n  postgres:\n    image: db:16\n  cache:\n    image: example.org/valkey-server:8\n',
	);
	const target = { ...session.target, project: 'guestbook' };
	expect(await readSecrets({ ...session, target }, 'none')).toEqual(['not-in-any-name']);
	const text = 'guestbook-postgres-1 of valkey-server:8';
	expect(maskSecrets(text)).toBe(text);
	expect(maskSecrets('POSTGRES_PASSWORD=postgres')).toMatch(/^POSTGRES_PASSWORD=••••[0-9a-f]{4}$/);
});
