import { execFile, execFileSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../../src/application/fleet/choose-engine.ts';
import { makePlan } from '../../src/application/plans/make-plan.ts';
import { BackoutError } from '../../src/runbook/errors.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import { quote } from '../../src/runbook/shell-quote.ts';
import { openConfig } from '../../src/services/files/files.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { gitAsOwner } from '../../src/services/runner/host/git-as-owner.ts';

/** Each would make the file `canary` if any shell or program took it for more than a text. */
const hostile = (canary: string): Readonly<Record<string, string>> => ({
	// Out of every kind of quotes, and on a line of its own.
	shell: `$(touch ${canary})\`touch ${canary}\`; touch ${canary}; '; touch ${canary}; '"; touch ${canary}; "\ntouch ${canary}\n`,
	output: `--output=${canary}`,
	program: `--upload-pack=touch ${canary};`,
	help: '--help',
	force: '-rf',
	path: `../../../../../../..${canary}`,
	source: `file:--output=${canary}:file`,
	outside: 'file:HEAD:../outside',
	range: 'HEAD..HEAD~1',
	utf8: '名前\u202e🜁\u0301 \t|&<>*?[]{}~!\\',
	long: `${'a'.repeat(10_000)}$(touch ${canary})`,
	empty: '',
});

// Notes what it was called with, and makes the canary when a hostile value stands where docker reads options.
const dockerScript = `#!/bin/sh
options=1
for word; do
	[ "$word" != -- ] || options=
	[ -z "$options" ] || [ "$word" != "$HOSTILE" ] || case $word in -*) case $last in
		-U | -d | -c | --filter | --network | --name) ;;
		*) printf '%s\\n' "docker $*" >>"$CANARY" ;;
	esac ;; esac
	last=$word
done
case "$*" in
	*ps*-q* | *'{{.Id}}'* | *'{{.Image}}'*) echo ${'a'.repeat(64)} ;;
	*DockerRootDir*) echo / ;;
	*'config --services'*) echo app ;;
	*'config --images'*) echo app:latest ;;
	*'compose'*'config'*) printf 'services:\\n  app:\\n    image: app:latest\\n' ;;
	*inspect*) echo running ;;
esac
exit 0
`;

describe('a hostile value of an input or variable', { timeout: 400_000 }, () => {
	let folder: string;
	let app: string;
	let canary: string;
	let target: Target;
	let head: string;
	let values: Readonly<Record<string, string>>;
	let env: NodeJS.ProcessEnv;

	const git = (...args: string[]) =>
		execFileSync('git', ['-C', app, '-c', 'user.name=x', '-c', 'user.email=x@localhost', ...args], {
			stdio: 'pipe',
		}).toString();

	beforeAll(() => {
		folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-inputs-')));
		app = join(folder, 'app');
		canary = join(folder, 'canary');
		values = hostile(canary);
		const bin = join(folder, 'bin');
		for (const path of [app, bin, join(app, 'backups')]) {
			mkdirSync(path, { recursive: true });
		}
		writeFileSync(join(bin, 'docker'), dockerScript);
		writeFileSync(join(bin, 'sleep'), '#!/bin/sh\nexit 0\n');
		for (const name of ['docker', 'sleep']) {
			chmodSync(join(bin, name), 0o755);
		}
		git('init', '-q', '-b', 'main');
		writeFileSync(join(app, 'compose.yaml'), 'services:\n  app:\n    image: app:latest\n');
		writeFileSync(join(app, '.gitignore'), '.env*\nbackups\n');
		git('add', '.');
		git('commit', '-q', '-m', 'first');
		writeFileSync(join(app, 'file'), '2\n');
		git('add', '.');
		git('commit', '-q', '-m', 'second');
		git('remote', 'add', 'origin', app);
		git('fetch', '-q', 'origin');
		git('branch', '-q', '-u', 'origin/main');
		writeFileSync(join(app, '.env'), 'A=1\n');
		writeFileSync(join(app, 'backups', 'a.sql'), 'CREATE TABLE a ();\n-- PostgreSQL database dump complete\n');
		head = git('rev-parse', 'HEAD').trim();
		writeFileSync(
			join(folder, 'backout.yaml'),
			`targets:\n  local:\n    host: local\n    directory: ${app}\n    project: app\n    state: ${join(folder, 'state')}\n    runbook: abstractfinance\n`,
		);
		const [found] = openConfig({ cwd: folder, env: process.env }).targets;
		if (found === undefined) {
			throw new Error('the config has no target');
		}
		target = found;
		env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CANARY: canary, HOME: folder };
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	const state = () =>
		[
			git('rev-parse', 'HEAD', 'refs/heads/main'),
			git('status', '--porcelain'),
			readFileSync(join(app, '.env'), 'utf8'),
		].join('');
	const expectUnharmed = (before: string, what: string) => {
		expect(
			existsSync(canary) ? statSync(canary).isFile() && readFileSync(canary, 'utf8') : undefined,
			what,
		).toBeUndefined();
		expect(state(), what).toBe(before);
	};

	/** Plans with each input of each procedure, with hostile values of these kinds; returns how many plans it tried. @param kindsFor of the nth input, from 0 */
	const tryAll = async (kindsFor: (nth: number) => readonly string[]): Promise<number> => {
		const before = state();
		let tried = 0;
		const inputs = target.runbook.procedures.flatMap(({ id, inputs: its }) => its.map(({ name }) => ({ id, name })));
		for (const [nth, { id, name }] of inputs.entries()) {
			await Promise.all(
				kindsFor(nth).map(async (kind) => {
					const what = `${id} ${name} ${kind}`;
					const value = values[kind] ?? '';
					const host = new LocalHost({ env: { ...env, HOSTILE: value } });
					const error = await makePlan({ host, target, engine: engineOf(host, target) }, id, {
						[name]: value,
					}).catch((error: unknown) => error);
					await host.close();
					expect(error, what).toBeInstanceOf(BackoutError);
					expect(error, what).toMatchObject({ code: 'refused' });
					expect((error as Error).message, what).toMatch(
						/cannot be used for|is not one of the choices for|lists nothing/,
					);
					tried++;
				}),
			);
			expectUnharmed(before, `${id} ${name}`);
		}
		return tried;
	};

	test('is refused in words when the plan is made: each in some procedure, some in each', async () => {
		const kinds = Object.keys(values);
		// Each input has the next three, so all are tried when there are four inputs.
		const tried = await tryAll((nth) => [0, 1, 2].flatMap((at) => kinds[(nth * 3 + at) % kinds.length] ?? []));
		expect(tried).toBeGreaterThan(20);
	});

	test('is refused in words when the plan is made: each in every procedure', { tags: 'long' }, async () => {
		expect(await tryAll(() => Object.keys(values))).toBeGreaterThan(80);
	});

	/** Runs a script as a step does, past all that a plan looks at. */
	const runScript = (script: string, environment: Readonly<Record<string, string>>, at: string): Promise<void> => {
		const restore = join(at, 'restore');
		mkdirSync(join(restore, 'undo'), { recursive: true });
		const given = {
			...environment,
			directory: app,
			project: 'app',
			run_dir: at,
			restore_dir: restore,
			run_facts: join(at, 'facts'),
			run_id: '20261123T000000Z-abcdef',
			state_dir: join(folder, 'state'),
		};
		const assignments = Object.entries(given).map(([name, value]) => `export ${name}=${quote(value)}`);
		const program = [...assignments, 'cd -- "$directory" || exit', gitAsOwner, script].join('\n');
		return new Promise((resolve) => {
			const child = execFile('sh', ['-s'], { env: { ...env, HOSTILE: environment.HOSTILE }, timeout: 60_000 }, () =>
				resolve(),
			);
			child.stdin?.on('error', () => {});
			child.stdin?.end(program);
		});
	};

	test('does no harm in any script it reaches past the plan', async () => {
		const scripts = new Set<string>();
		for (const { preconditions, previews, steps, inputs } of target.runbook.procedures) {
			const own = [
				...[...preconditions, ...previews, ...steps].map(({ script }) => script),
				...inputs.flatMap(({ choices, resolve }) => (resolve === undefined ? [choices] : [choices, resolve])),
			];
			for (const script of own) {
				scripts.add(script);
			}
		}
		const usual = {
			...target.runbook.variables,
			commit: head,
			image: `sha256:${'a'.repeat(64)}`,
			source: `env:${join(app, '.env')}`,
			backup: join(app, 'backups', 'a.sql'),
			value: head,
		};
		// Not `path`: where the backups are is a variable's to say.
		const inputKinds = ['shell', 'output', 'program', 'help', 'source', 'outside'] as const;
		const variableKinds = ['shell', 'program', 'help'] as const;
		const before = state();
		const jobs = [...scripts].flatMap((script) =>
			Object.keys(usual)
				.filter((name) => new RegExp(`\\$\\{?${name}\\b`).test(script))
				.flatMap((name) =>
					(name in target.runbook.variables ? variableKinds : inputKinds).map((kind) => ({ script, name, kind })),
				),
		);
		expect(jobs.length).toBeGreaterThan(250);
		const queue = [...jobs.entries()];
		const worker = async () => {
			for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
				const [number, { script, name, kind }] = next;
				const value = values[kind] ?? '';
				await runScript(script, { ...usual, [name]: value, HOSTILE: value }, join(folder, 'runs', String(number)));
			}
		};
		await Promise.all([worker(), worker(), worker(), worker()]);
		expectUnharmed(before, 'all');
	});
});
