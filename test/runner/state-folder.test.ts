import { execFileSync, spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunVerdict } from '../../src/runbook/run.ts';
import { maskDeep } from '../../src/runbook/secrets-deep.ts';
import { quote } from '../../src/runbook/shell-quote.ts';
import type { Host } from '../../src/services/host/host.ts';
import { shellProgram } from '../../src/services/host/shell-program.ts';
import { createState, locateState } from '../../src/services/runner/host/state-folder.ts';
import { appendVerdict, cancelRun, listRuns, lockHolder, readRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, localHost, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const nobody = 65_534;
const central = '/var/lib/backout';

/** Finds or makes the folder as a user; gives its path, or what was refused. */
const find = (
	create: boolean,
	directory = deployment.directory,
	uid = process.getuid?.() ?? 0,
	configured = '',
	{ shell: [shell = '', ...args] = ['sh'], path = '' }: { shell?: readonly string[]; path?: string } = {},
) => {
	const program = shellProgram('mark', { directory, configured }, [
		locateState,
		createState,
		`locate_state\n${create ? 'create_state' : ''}\nprintf '%s' "$state"`,
	]);
	const { stdout, stderr } = spawnSync(shell, [...args, '-s'], {
		input: program,
		uid,
		gid: uid,
		cwd: '/',
		env: { ...process.env, HOME: '/nonexistent', PATH: `${path}:${process.env.PATH}` },
	});
	return { state: stdout.toString().replace('mark\n', ''), said: stderr.toString().replace('mark\n', '') };
};

const plan = () => deployment.plan([step('a', 'echo a; id -u')]);

test('looking creates nothing', async () => {
	expect(await listRuns(host, deployment.where)).toEqual([]);
	expect(await lockHolder(host, deployment.where)).toBeUndefined();
	await expect(readRun(host, deployment.where, '20261122T203501Z-3fa9c1')).rejects.toMatchObject({ code: 'usage' });
	expect(existsSync(deployment.state)).toBe(false);
	expect(find(false).state).toBe('');
});

test('a directory that is not there is refused in words', async () => {
	await expect(listRuns(host, { directory: '/no/such', state: '' })).rejects.toMatchObject({
		code: 'refused',
		message: expect.stringContaining('/no/such'),
	});
});

test('a folder that anybody may write to is refused', async () => {
	mkdirSync(deployment.state);
	chmodSync(deployment.state, 0o777);
	await expect(startRun(host, { plan: plan(), who, reason: '', state: deployment.state })).rejects.toMatchObject({
		code: 'refused',
		next: expect.stringContaining('chmod'),
	});
});

test('a tool that is missing is named', async () => {
	const bin = join(dirname(deployment.directory), 'bin');
	mkdirSync(bin);
	for (const tool of ['sh', 'setsid', 'mkfifo', 'stat', 'cksum', 'head', 'tail', 'grep', 'sed', 'tr', 'cut', 'id']) {
		symlinkSync(execFileSync('which', [tool]).toString().trim(), join(bin, tool));
	}
	// Not `/`: programs are looked for in the home's bin, too.
	const poor = localHost({ PATH: bin, HOME: deployment.directory });
	await expect(startRun(poor, { plan: plan(), who, reason: '', state: deployment.state })).rejects.toMatchObject({
		code: 'refused',
		message: expect.stringContaining('flock is not installed'),
	});
	expect(existsSync(deployment.state)).toBe(false);
	await poor.close();
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
	const made: string[] = [];

	beforeEach(() => chmodSync(dirname(deployment.directory), 0o755));

	afterEach(() => {
		for (const folder of made.splice(0)) {
			rmSync(folder, { recursive: true, force: true });
		}
		if (existsSync(central) && readdirSync(central).length === 0) {
			rmSync(central, { recursive: true });
		}
	});

	test("makes the central folder, for the directory's owner alone; everybody finds the same", () => {
		chownSync(deployment.directory, nobody, nobody);
		const link = join(dirname(deployment.directory), 'link');
		symlinkSync(deployment.directory, link);
		const { state, said } = find(true, link);
		made.push(state);
		expect(said).toBe('');
		expect(state).toMatch(/^\/var\/lib\/backout\/tmp-backout-runner-\w+-app-\d+$/);
		expect(statSync(state)).toMatchObject({ uid: nobody, gid: nobody });
		expect(statSync(state).mode & 0o7777).toBe(0o700);
		expect(find(false).state).toBe(state);
		expect(find(false, deployment.directory, nobody).state).toBe(state);
		expect(find(false, deployment.directory, 1).said).toContain('refused\tdaemon may not use');
	});

	test('a directory that its group may write to gives a folder for the group', () => {
		chownSync(deployment.directory, 0, nobody);
		chmodSync(deployment.directory, 0o775);
		const { state } = find(true);
		made.push(state);
		expect(statSync(state)).toMatchObject({ uid: 0, gid: nobody });
		expect(statSync(state).mode & 0o7777).toBe(0o2770);
		expect(find(false, deployment.directory, nobody).state).toBe(state);
	});

	test('without root it lies beside the directory, and root finds it there', () => {
		const parent = dirname(deployment.directory);
		chownSync(parent, nobody, nobody);
		chownSync(deployment.directory, nobody, nobody);
		const { state } = find(true, deployment.directory, nobody);
		expect(state).toBe(join(parent, '.backout-app'));
		expect(statSync(state).mode & 0o7777).toBe(0o700);
		expect(find(true).state).toBe(state);
	});

	test("without root and without a place beside it, it is in the user's home, and root finds it there", () => {
		const home = join(dirname(deployment.directory), 'home');
		mkdirSync(home);
		chownSync(home, nobody, nobody);
		chownSync(deployment.directory, nobody, nobody);
		// The database of users is the host's own: getent is another program here, and says where this user lives.
		const bin = join(dirname(deployment.directory), 'users');
		mkdirSync(bin);
		writeFileSync(join(bin, 'getent'), `#!/bin/sh\n[ "$2" = ${nobody} ] && echo "nobody:x:$2:$2::${home}:/bin/sh"\n`);
		chmodSync(join(bin, 'getent'), 0o755);
		for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh']]) {
			const at = (create: boolean, uid: number) => find(create, deployment.directory, uid, '', { shell, path: bin });
			const { state, said } = at(true, nobody);
			expect(said).toBe('');
			expect(state).toMatch(new RegExp(`^${home}/\\.local/state/backout/tmp-backout-runner-\\w+-app-\\d+$`));
			expect(statSync(state)).toMatchObject({ uid: nobody, mode: 0o40700 });
			expect(at(false, nobody).state).toBe(state);
			expect(at(true, 0).state).toBe(state);
			// Another user, who is not of its group, has another place or none, and is not let in.
			expect(at(false, 1).state).toBe('');
			rmSync(join(home, '.local'), { recursive: true });
		}
	});

	test('where it may not be made, the command that makes it is given', () => {
		chownSync(deployment.directory, nobody, nobody);
		const { state, said } = find(true, deployment.directory, nobody);
		expect(state).toBe('');
		const [word, , next] = said.trim().split('\t');
		expect(word).toBe('refused');
		expect(next).toContain('sudo install -d -m 0700 -o 65534 -g 65534');
		execFileSync('sh', ['-c', (next ?? '').replaceAll('sudo ', '')]);
		const { state: now } = find(true, deployment.directory, nobody);
		made.push(now);
		expect(now).toMatch(/^\/var\/lib\/backout\//);
	});

	test('a folder planted by somebody else is not used', () => {
		const parent = dirname(deployment.directory);
		mkdirSync(join(parent, '.backout-app'), { mode: 0o700 });
		chownSync(join(parent, '.backout-app'), 1, 1);
		expect(find(true).said).toContain('refused');
	});

	test("two users of a group see, follow and cancel each other's runs", async () => {
		chownSync(deployment.directory, 0, nobody);
		chmodSync(deployment.directory, 0o2775);
		// Not root, another user than the directory's, of its group.
		const other = localHost({ ...process.env, PATH: `${asUser(deployment)}:${process.env.PATH}` });
		const first = await startRun(host, { plan: plan(), who, reason: '', state: deployment.state });
		expect((await finish(other, deployment.where, first.id)).output).toBe('a\n0\n');
		const second = await startRun(other, { plan: plan(), who, reason: '', state: deployment.state });
		expect((await finish(host, deployment.where, second.id)).output).toBe('a\n2\n');
		expect(await listRuns(other, deployment.where)).toHaveLength(2);
		expect(await listRuns(host, deployment.where)).toHaveLength(2);
		for (const [one, another] of [
			[host, other],
			[other, host],
		] as const) {
			const slow = deployment.plan([step('slow', 'sleep 1000')]);
			const { id } = await startRun(one, { plan: slow, who, reason: '', state: deployment.state });
			await expect(startRun(another, { plan: slow, who, reason: '', state: deployment.state })).rejects.toMatchObject({
				code: 'refused',
				message: expect.stringContaining(id),
			});
			expect(await cancelRun(another, deployment.where, id)).toMatchObject({ outcome: 'cancelled' });
			const verdict = { at: 1, by: who, reason: '', checks: [] };
			await appendVerdict(another, deployment.where, id, maskDeep<RunVerdict>({ ...verdict, verdict: 'unknown' }));
			await appendVerdict(one, deployment.where, id, maskDeep<RunVerdict>({ ...verdict, verdict: 'failed', at: 2 }));
			expect((await readRun(another, deployment.where, id)).verified?.verdict).toBe('failed');
		}
		await other.close();
	});

	test.each([
		['its group', 0o2775, 0o2770, 0o660],
		['its owner alone', 0o755, 0o700, 0o600],
	])("a run's files are open to %s, as the directory is", async (_, directoryMode, folderMode, fileMode) => {
		chownSync(deployment.directory, 1, nobody);
		chmodSync(deployment.directory, directoryMode);
		const other = localHost({ ...process.env, PATH: `${asUser(deployment)}:${process.env.PATH}` });
		const { id } = await startRun(host, {
			plan: deployment.plan([step('a', 'echo a; printf "note\\tb\\n" >>"$run_facts"; exit 3')]),
			who,
			reason: 'r',
			state: deployment.state,
		});
		const { run, output } = await finish(host, deployment.where, id);
		const verdict: RunVerdict = { verdict: 'failed', at: 1, by: who, reason: '', checks: [] };
		await appendVerdict(host, deployment.where, id, maskDeep(verdict));
		const folder = join(deployment.state, 'runs', id);
		// Whoever may read a program may run it.
		const programMode = fileMode | ((fileMode & 0o444) >> 2);
		const modes = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
			const { uid, gid, mode } = statSync(join(entry.parentPath, entry.name));
			const wanted = entry.isDirectory() ? folderMode : entry.parentPath.endsWith('/bin') ? programMode : fileMode;
			return { name: entry.name, uid, gid, mode: (mode & 0o7777).toString(8), wanted };
		});
		for (const { name, uid, gid, mode, wanted } of modes) {
			const right = { name, uid: 1, gid: nobody, mode: wanted.toString(8) };
			expect({ name, uid, gid, mode }).toEqual(right);
		}
		expect(statSync(folder).mode & 0o7777).toBe(folderMode);
		if (folderMode === 0o700) {
			for (const asked of [
				() => listRuns(other, deployment.where),
				() => readRun(other, deployment.where, id),
				() => finish(other, deployment.where, id),
				() => cancelRun(other, deployment.where, id),
				() => lockHolder(other, deployment.where),
				() => startRun(other, { plan: plan(), who, reason: '', state: deployment.state }),
			]) {
				await expect(asked()).rejects.toMatchObject({
					code: 'refused',
					message: expect.stringContaining('may not use'),
				});
			}
		} else {
			expect(await finish(other, deployment.where, id)).toMatchObject({ output, run: { state: run.state, who } });
		}
		await other.close();
	});
});

/** A folder with a `sh` that is run as user 2 of the group `nobody`: the host's shell is found by PATH. */
const asUser = (where: Deployment): string => {
	const bin = join(dirname(where.directory), 'as-user');
	mkdirSync(bin);
	execFileSync(
		'sh',
		[
			'-c',
			`printf '%s\\n' ${quote(`#!/bin/sh\nPATH=\${PATH#*:}; export PATH\nexec setpriv --reuid 2 --regid ${nobody} --clear-groups /bin/sh "$@"`)} >sh && chmod 755 sh`,
		],
		{ cwd: bin },
	);
	return bin;
};
