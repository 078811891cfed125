import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { composeLook } from '../../src/engines/compose/doctor/compose-look.ts';
import type { Finding } from '../../src/runbook/finding.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import { checkHost } from '../../src/services/doctor/host.ts';
import { judgeHost } from '../../src/services/doctor/judge-host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';

let folder: string;
let bin: string;
let directory: string;

/** A docker command that does what the look asks of one. */
const docker = `#!/bin/sh
case "$*" in
'version --format {{.Server.Version}}') echo 20.10.24 ;;
'compose version --short') echo 2.26.1 ;;
'ps -a '*) ;;
*' config --services') [ -e docker-compose.yml ] || { echo 'no configuration file provided' >&2; exit 14; } ;;
*' config') [ -e docker-compose.yml ] || exit 14; echo 'name: srv' ;;
'info '*) echo / ;;
*) exit 1 ;;
esac
`;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-doctor-'));
	bin = join(folder, 'bin');
	directory = join(folder, 'srv');
	mkdirSync(bin);
	mkdirSync(directory);
	for (const from of ['/usr/bin', '/bin']) {
		for (const name of readdirSync(from)) {
			if (name === 'docker') continue;
			try {
				symlinkSync(join(from, name), join(bin, name));
			} catch {
				// It is in both.
			}
		}
	}
	writeFileSync(join(bin, 'docker'), docker, { mode: 0o755 });
	writeFileSync(join(directory, 'docker-compose.yml'), 'services: {}\n');
	const git = (...args: string[]) => execFileSync('git', ['-C', directory, ...args]);
	git('init', '-q');
	git('-c', 'user.name=A', '-c', 'user.email=a@example.net', 'commit', '-q', '--allow-empty', '-m', 'First');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const look = async (settings: Partial<Target> = {}): Promise<readonly Finding[]> => {
	const host = new LocalHost({ env: { PATH: bin, HOME: folder } });
	try {
		const target = { name: 'shop', host: 'local', directory, project: 'shop', ...settings } as Target;
		return await checkHost(host, target, composeLook, AbortSignal.timeout(60_000));
	} finally {
		await host.close();
	}
};
const troubles = (findings: readonly Finding[]) =>
	findings
		// Disk space and Docker's version depend on the machine that runs this test.
		.filter(({ id, state }) => state !== 'ok' && !id.startsWith('room-') && id !== 'docker-api')
		.map(({ id, found, fix }) => `${id}: ${found} → ${fix}`);

test('a program is missing, is named with its package, and is found once it is there', async () => {
	rmSync(join(bin, 'flock'));
	expect(troubles(await look())).toEqual([
		'tool-flock: not on the PATH, and in none of the usual places → Install util-linux, e.g. apt-get install util-linux; or set path of this target to its folder',
	]);
	symlinkSync('/usr/bin/flock', join(bin, 'flock'));
	expect(troubles(await look())).toEqual([]);
});

test('a directory that is not there, and a Compose file that does not parse', async () => {
	expect(troubles(await look({ directory: join(folder, 'nowhere') }))[0]).toMatch(
		/^directory: .*nowhere does not exist.* → Correct targets\.shop\.directory/,
	);
	rmSync(join(directory, 'docker-compose.yml'));
	expect(troubles(await look())).toEqual([
		expect.stringMatching(
			/^compose-file: no configuration file provided → For the full message: cd .* && docker compose config -q/,
		),
	]);
});

test('no git clone, an old Compose, and Docker closed to this user', async () => {
	rmSync(join(directory, '.git'), { recursive: true });
	writeFileSync(
		join(bin, 'docker'),
		`#!/bin/sh\ncase "$*" in *--short) echo 1.29.2 ;; *) echo 'permission denied while trying to connect'; exit 1 ;; esac\n`,
	);
	chmodSync(join(bin, 'docker'), 0o755);
	const found = troubles(await look());
	expect(found).toEqual([
		expect.stringMatching(/^git: not a git clone → Procedures that use commits are not available/),
		expect.stringMatching(/^docker: permission denied.* → Let this user use it: sudo usermod -aG docker/),
		'compose: 1.29.2 → Install the Compose v2 plugin: apt-get install docker-compose-plugin',
		'deployment: Docker does not answer on the host → Fix this, then run doctor again.',
	]);
});

/** A docker that lists these containers (project, service, folder, Compose files, env file) and warns of one variable. */
const listing = (line: string) => `#!/bin/sh
case "$*" in
'ps -a '*) printf '${line}\n' ;;
*' config --services') echo 'level=warning msg="The \\"TAG\\" variable is not set. Defaulting to a blank string."' >&2; echo web ;;
'version --format {{.Server.Version}}') echo 20.10.24 ;;
'compose version --short') echo 2.26.1 ;;
'info '*) echo / ;;
*) exit 1 ;;
esac
`;

test('what the deployment is, who says so, and a variable that nothing sets', async () => {
	writeFileSync(join(bin, 'docker'), listing(`pictures\tweb\t${directory}\t${directory}/docker-compose.yml\t`));
	const findings = await look({ project: 'srv', projectGiven: false });
	expect(findings.find(({ id }) => id === 'deployment')?.found).toBe(
		`project pictures (by its containers); 1 container; folder ${directory}; Compose files docker-compose.yml (by its containers)`,
	);
	expect(troubles(findings)).toEqual([
		expect.stringMatching(/^unset-variables: nothing sets TAG: Compose uses an empty value for it → Set it in \.env/),
	]);
});

test('an env file that is gone names the program that may make it, and the key of the config', async () => {
	writeFileSync(join(directory, 'dc'), '#!/bin/sh\nexec docker compose --env-file "$(mktemp)" "$@"\n', { mode: 0o755 });
	writeFileSync(join(directory, 'deploy'), '#!/bin/sh\ngit pull && docker compose up -d\n', { mode: 0o755 });
	writeFileSync(join(bin, 'docker'), listing(`shop\tweb\t${directory}\t\t/run/gone.env`));
	const [conflict] = troubles(await look());
	expect(conflict).toMatch(/^deployment-conflict: .*\/run\/gone\.env, which is not there any more/);
	expect(conflict).toContain(`${directory}/dc calls Compose and may be that program`);
	expect(conflict).toContain('→ Set targets.shop.compose.command in the config.');
});

test('a folder inside the tool that manages the containers is said as that, and is no failure of the folder', async () => {
	writeFileSync(join(bin, 'docker'), listing('blog\tapp\t/data/compose/3\t/data/compose/3/docker-compose.yml\t'));
	const findings = await look({ directory: '/data/compose/3', project: 'blog', projectGiven: true });
	expect(findings.find(({ id }) => id === 'directory')).toBeUndefined();
	expect(findings.find(({ id }) => id === 'deployment-conflict')).toMatchObject({
		state: 'warn',
		found: expect.stringContaining('it is inside the tool that manages them'),
	});
	expect(findings.find(({ id }) => id === 'compose-file')).toBeUndefined();
});

test('a folder for runs that others can write is refused', async () => {
	const state = join(folder, 'state');
	mkdirSync(state);
	chmodSync(state, 0o777);
	expect(troubles(await look({ state }))).toEqual([
		expect.stringMatching(/^state: .*can be written by everybody.* → sudo chmod o-rwx/),
	]);
	chmodSync(state, 0o700);
	expect(troubles(await look({ state }))).toEqual([]);
	expect(readdirSync(state)).toEqual([]);
});

test('a folder for runs that cannot be made is told before a run needs it, and nothing is made meanwhile', async () => {
	writeFileSync(join(folder, 'file'), '');
	expect(troubles(await look({ state: join(folder, 'file', 'state') }))).toEqual([
		expect.stringMatching(/^state: .* cannot create a folder for the runs of .* → sudo install -d /),
	]);
	expect(troubles(await look({ state: join(folder, 'new', 'state') }))).toEqual([]);
	expect(readdirSync(folder)).not.toContain('new');
});

test('room and clock', () => {
	const judged = judgeHost(
		'clock\t1000\nroom\tdocker 1000000 1000\nroom\tstate 9000000 1000000\n',
		{ asked: 1_030_000, answered: 1_030_500 },
		{ name: 'shop', directory },
		composeLook,
	);
	const of = (id: string) => judged.find((finding) => finding.id === id);
	expect(of('room-docker')).toMatchObject({
		state: 'failed',
		found: '1 MiB of 977 MiB free',
		fix: expect.stringContaining('docker'),
	});
	expect(of('room-state')).toMatchObject({ state: 'warn' });
	expect(of('clock')).toMatchObject({ state: 'warn', found: '29 s behind this machine' });
	const same = judgeHost(
		'clock\t1000\n',
		{ asked: 1_000_400, answered: 1_000_900 },
		{ name: 'shop', directory },
		composeLook,
	);
	expect(same.find(({ id }) => id === 'clock')).toMatchObject({ state: 'ok', found: 'same as this machine' });
});

test('where the middle of a long output cannot be taken out, it is said that there is no limit', async () => {
	const state = join(folder, 'runs');
	mkdirSync(state, { mode: 0o700 });
	expect(troubles(await look({ state }))).toEqual([]);
	rmSync(join(bin, 'fallocate'));
	expect(troubles(await look({ state }))).toEqual([
		`output-limit: files in ${state} cannot have holes: the whole output of every run is kept, however long → Install util-linux (fallocate), or set state of this target to a folder on ext4, XFS, Btrfs or tmpfs.`,
	]);
	expect(readdirSync(state)).toEqual([]);
});
