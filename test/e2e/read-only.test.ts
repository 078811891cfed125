import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorkspace } from '../../src/application/fleet/workspace.ts';
import { openConfig } from '../../src/services/files/files.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import type { Actions } from '../../src/stores/workspace.ts';
import { ownTerminal } from '../../src/terminal/lent-terminal.ts';
import { createLocalPlace, type LocalPlace, type Said } from './local-place.ts';
import { argumentsOf, onHost } from './runner-functions.ts';

// Each starts the program several times, on a machine that may be busy.
let place: LocalPlace;
/** By what became of them: each a run that some action could change. */
const runs = { verified: '', unverified: '', failed: '', waiting: '' };

/** Everything that is kept on the host: names, modes, contents, of the deployment, its git, and its runs. */
const hostState = (): readonly string[] =>
	[place.directory, place.state].flatMap((root) =>
		readdirSync(root, { withFileTypes: true, recursive: true })
			.map((entry) => join(entry.parentPath, entry.name))
			.sort()
			.map((path) => {
				const stat = statSync(path);
				return `${path} ${stat.mode.toString(8)} ${stat.isFile() ? readFileSync(path).toString('base64') : ''}`;
			}),
	);

const start = async (args: readonly string[], code: number): Promise<string> => {
	const said = await place.run(['run', ...args, '--yes', '--json']);
	expect(said.code, said.stderr).toBe(code);
	const lines = said.stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, string>);
	return lines.find(({ type }) => type === 'detached')?.run ?? lines.find(({ type }) => type === 'end')?.run ?? '';
};

beforeAll(async () => {
	place = createLocalPlace();
	writeFileSync(join(place.directory, 'app.txt'), 'one\n');
	const git = (...args: string[]) =>
		execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: place.directory });
	git('init', '-q', '-b', 'main');
	git('add', '.');
	git('commit', '-q', '-m', 'one');
	runs.verified = await start(['change', '--input', 'api_token=s3cr3t-value-9'], 0);
	runs.failed = await start(['change', '--input', 'api_token=fails-here'], 1);
	runs.unverified = await start(['verified', '--detach'], 0);
	await vi.waitFor(() => expect(readdirSync(join(place.state, 'runs', runs.unverified))).toContain('result'), 60_000);
	runs.waiting = await start(['ask', '--detach'], 0);
	// It tells what is to be done, and then writes nothing more.
	await vi.waitFor(
		() => expect(readFileSync(join(place.state, 'runs', runs.waiting, 'out'), 'utf8')).toContain('Look.'),
		60_000,
	);
	place.write(
		'read-only.yaml',
		`targets:\n  here:\n    host: local\n    directory: ${place.directory}\n    state: ${place.state}\n    runbook: ./local.yaml\n    readOnly: true\n`,
	);
});
afterAll(async () => {
	await place?.run(['cancel', runs.waiting]);
	place?.remove();
});

/**
 * What each command is. One that changes something must be refused with 4; one that looks may end in any way, for the target is
 * not well, but leaves the host as it was; one that is for this machine alone contacts no target of the config.
 */
const commands: Readonly<
	Record<string, { readonly is: 'change' | 'look' | 'here'; readonly args?: () => readonly string[] }>
> = {
	run: { is: 'change', args: () => ['change', '--input', 'api_token=s3cr3t-value-9', '--yes'] },
	guard: {
		is: 'change',
		args: () => ['--for', '1m', '--procedure', 'change', '--input', 'api_token=s3cr3t-value-9', '--yes'],
	},
	deploy: { is: 'change', args: () => ['--yes'] },
	'with-lock': { is: 'change', args: () => ['--no-restore-point', '--', 'touch', 'changed-by-a-pipeline'] },
	undo: { is: 'change', args: () => [runs.unverified, '--yes'] },
	unblock: { is: 'change', args: () => ['--reason', 'x'] },
	unlock: { is: 'change', args: () => ['abcdef', '--confirm', 'here', '--reason', 'x'] },
	retry: { is: 'change', args: () => [runs.failed, '--yes'] },
	continue: { is: 'change', args: () => [runs.waiting] },
	approve: { is: 'change', args: () => [runs.waiting] },
	cancel: { is: 'change', args: () => [runs.waiting] },
	prune: { is: 'change', args: () => ['--keep', '0', '--yes'] },
	status: { is: 'look' },
	logs: { is: 'look' },
	verify: { is: 'look' },
	procedures: { is: 'look' },
	inputs: { is: 'look', args: () => ['change'] },
	plan: { is: 'look', args: () => ['change', '--input', 'api_token=s3cr3t-value-9'] },
	runs: { is: 'look' },
	history: { is: 'look' },
	attach: { is: 'look', args: () => [runs.unverified] },
	report: { is: 'look', args: () => ['last'] },
	'restore-points': { is: 'look' },
	doctor: { is: 'look' },
	check: { is: 'here' },
	init: { is: 'here' },
	demo: { is: 'here' },
	// It runs until it is stopped: it has a test of its own below.
	serve: { is: 'here' },
	// A screen: its actions are below.
	targets: { is: 'here' },
	completion: { is: 'here' },
	help: { is: 'here' },
};

test('every command there is, is known here', async () => {
	const { stdout } = await place.run(['--help']);
	const listed = stdout.slice(stdout.indexOf('Commands:'));
	const names = [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name = '']) => name);
	expect(names).toContain('run');
	const exitCodes = listed.indexOf('Exit codes:');
	expect(exitCodes).toBeGreaterThan(0);
	expect(names.filter((name) => !(name in commands))).toEqual([]);
	expect(Object.keys(commands).filter((name) => name !== 'help' && !names.includes(name))).toEqual([]);
});

const commandsThat = (is: 'change' | 'look') =>
	Object.entries(commands).flatMap(([name, command]) =>
		command.is === is ? [[name, ...(command.args?.() ?? [])]] : [],
	);

const refusesChanges = async (...globals: readonly string[]): Promise<void> => {
	const before = hostState();
	const said = await Promise.all(
		commandsThat('change').map(async (args) => {
			const { code, stderr } = await place.run([...globals, ...args]);
			return [args[0], code, stderr];
		}),
	);
	expect(said).toEqual(said.map(([name]) => [name, 4, expect.stringMatching(/read-only/)]));
	expect(hostState()).toEqual(before);
};
test('--read-only: what changes something is refused with 4, and the host is as it was', () =>
	refusesChanges('--read-only'));
test('readOnly: true: what changes something is refused with 4, and the host is as it was', { tags: 'long' }, () =>
	refusesChanges('--config', 'read-only.yaml'),
);

test('readOnly: true: what looks leaves the host as it was, also where it verifies', { tags: 'long' }, async () => {
	const before = hostState();
	const said = await Promise.all(
		commandsThat('look').map(
			async (args): Promise<[string, Said]> => [
				args[0] ?? '',
				await place.run(['--config', 'read-only.yaml', ...args]),
			],
		),
	);
	// 4 would be a refusal, 2 a mistake of this test.
	expect(said.filter(([, { code }]) => code === 4 || code === 2)).toEqual([]);
	expect(hostState()).toEqual(before);
});

test('the page that is served follows a run and leaves the host as it was, also without readOnly: true', async () => {
	const before = hostState();
	const file = join(place.folder, 'page.html');
	const child = place.start(['serve', '--write', file]);
	await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/Waiting for an operator: .*Look\./s), 60_000);
	child.kill('SIGTERM');
	await once(child, 'close');
	expect(readFileSync(file, 'utf8')).toContain('backout has ended');
	expect(hostState()).toEqual(before);
});

test('every action of the screen: refused, or without a trace on the host', async () => {
	const config = openConfig({ config: join(place.folder, 'backout.yaml'), cwd: place.folder, env: process.env });
	const [target] = config.targets;
	if (target === undefined) {
		throw new Error('the config has no target');
	}
	const never = new AbortController().signal;
	// What is saved goes where the program was started.
	vi.spyOn(process, 'cwd').mockReturnValue(place.folder);
	vi.stubEnv('XDG_STATE_HOME', place.home);
	const before = hostState();
	const workspace = openWorkspace(target, { readOnly: true });
	try {
		const { actions } = workspace;
		const plan = await actions.plan('change', { api_token: 's3cr3t-value-9' }, never);
		/** Undefined: it must be refused. Otherwise what it gives is waited for. */
		const every: { readonly [K in keyof Actions]: { readonly changes: boolean; readonly call: () => unknown } } = {
			start: { changes: true, call: () => actions.start(plan, 'because') },
			cancel: { changes: true, call: () => actions.cancel(runs.waiting) },
			answer: { changes: true, call: () => actions.answer(runs.waiting, 1, 'done', '') },
			inputs: { changes: false, call: () => actions.inputs('change', never) },
			choicePreviews: {
				changes: false,
				call: () => actions.choicePreviews('change', { input: 'api_token', value: 's3cr3t-value-9' }, never),
			},
			plan: { changes: false, call: () => actions.plan('change', { api_token: 's3cr3t-value-9' }, never) },
			undoPlan: { changes: false, call: () => actions.undoPlan(runs.unverified, never) },
			retryPlan: { changes: false, call: () => actions.retryPlan(runs.failed, never) },
			attach: {
				changes: false,
				call: async () => {
					const followed = await actions.attach(runs.unverified);
					await vi.waitFor(() => expect(followed.following.get().status).toBe('ended'), 60_000);
					followed.close();
				},
			},
			openShell: {
				changes: true,
				call: () => actions.openShell({ id: 'none', name: 'none', service: 'app' }, ownTerminal()),
			},
			describe: { changes: false, call: () => actions.describe('none', never) },
			followLog: { changes: false, call: () => actions.followLog('app').close() },
			followLogs: { changes: false, call: () => actions.followLogs(['app'], 'all').close() },
			saveLines: { changes: false, call: () => actions.saveLines('app', [Buffer.from('a line\n')]) },
			saveOutput: { changes: false, call: () => actions.saveOutput(runs.verified) },
			saveLog: {
				changes: false,
				call: async () => {
					const log = actions.followLog('app');
					await actions.saveLog(log);
					log.close();
				},
			},
			saveReport: { changes: false, call: () => actions.saveReport(runs.verified) },
			history: { changes: false, call: () => actions.history(new AbortController().signal) },
			refresh: { changes: false, call: () => actions.refresh() },
		};
		expect(Object.keys(every).sort()).toEqual(Object.keys(actions).sort());
		for (const [name, { changes, call }] of Object.entries(every)) {
			const error = await Promise.resolve()
				.then(call)
				.then(
					() => undefined,
					(reason: unknown) => reason,
				);
			expect([name, (error as { code?: string } | undefined)?.code === 'refused']).toEqual([name, changes]);
			expect(hostState(), name).toEqual(before);
		}
	} finally {
		await workspace.close();
		vi.restoreAllMocks();
		vi.unstubAllEnvs();
	}
	expect(hostState()).toEqual(before);
});

type OnHost = (host: Host, ...rest: unknown[]) => Promise<unknown>;

test('below all that, the runner itself refuses on a connection that is read-only', async () => {
	const folder = join(import.meta.dirname, '..', '..', 'src', 'services', 'runner');
	const modules = await Promise.all(
		readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith('.ts'))
			.map((name) => import(pathToFileURL(join(folder, name)).href) as Promise<Record<string, unknown>>),
	);
	const found = modules.flatMap((module) =>
		Object.entries(module).filter(
			(entry): entry is [string, OnHost] =>
				typeof entry[1] === 'function' &&
				/^(?:async )?(?:function\*? ?\w*|\*? ?)\s*\(?host\b(?!,? ?stderr)/.test(String(entry[1])),
		),
	);
	// `host` is a name in these, not a connection.
	const names = [...new Set(found.map(([name]) => name))].filter(
		(name) => !['busyError', 'refusal', 'runGone'].includes(name),
	);
	expect(names.filter((name) => !(name in onHost))).toEqual([]);
	expect(names).toContain('startRun');
	const before = hostState();
	const host = new LocalHost({ readOnly: true });
	const rest = argumentsOf(place, runs);
	const changing = Object.keys(onHost).filter((name) => onHost[name] === 'changes');
	for (const name of changing) {
		const call = found.find(([other]) => other === name)?.[1];
		expect(call, name).toBeDefined();
		await expect(
			Promise.resolve().then(() => call?.(host, ...(rest[name] ?? []))),
			name,
		).rejects.toMatchObject({ code: 'refused' });
	}
	expect(hostState()).toEqual(before);
	await host.close();
});
