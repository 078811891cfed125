import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { openCopy } from '../../src/application/runs/write-journal-copy.ts';
import { run } from '../report/fixture.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

// Each starts the program several times, on a machine that may be busy.
const secrets = /s3cr3t-value-9|hunter-two|pa55word/;

/** Every file and folder below, with its mode. */
const modes = (folder: string): Record<string, string> =>
	Object.fromEntries(
		readdirSync(folder, { withFileTypes: true, recursive: true })
			.map((entry) => join(entry.parentPath, entry.name))
			.concat(folder)
			.map((path) => {
				const stat = statSync(path);
				return [path, `${stat.isDirectory() ? 'd' : 'f'}${(stat.mode & 0o777).toString(8)}`];
			}),
	);

const contents = (folder: string): string =>
	readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile())
		.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
		.join('\n');

const change = [
	'run',
	'change',
	'--input',
	'api_token=s3cr3t-value-9',
	'--yes',
	'--reason',
	'password=hunter-two says it',
];

describe('the journal and the report of a run', () => {
	let place: LocalPlace;
	let output: string;

	beforeAll(async () => {
		place = createLocalPlace();
		const said = await place.run(change);
		expect(said.stderr).toBe('');
		expect(said.code).toBe(0);
		output = said.stdout;
	});
	afterAll(() => place?.remove());

	test('the plan shows no secret, as text or JSON', async () => {
		for (const args of [[], ['--json']]) {
			const { stdout, code } = await place.run(['plan', 'change', '--input', 'api_token=s3cr3t-value-9', ...args]);
			expect(code).toBe(0);
			expect(stdout).toContain('••••');
			expect(stdout).not.toMatch(secrets);
		}
		expect(output).not.toMatch(/hunter-two/);
	});

	test('a refused value is not told', async () => {
		const said = await place.run(['run', 'change', '--input', 'api_token=', '--yes']);
		expect(said.code).toBe(4);
		const { stderr } = await place.run(['inputs', 'change', '--json']);
		expect(stderr).toBe('');
	});

	test('readings before and after are kept with the run', async () => {
		const { stdout } = await place.run(['report', 'last', '--format', 'json']);
		const report = JSON.parse(stdout);
		expect(report.before.seen.map(({ what }: { what: string }) => what)).toContain('disk');
		expect(report.after.seen.map(({ what }: { what: string }) => what)).toContain('disk');
		expect(report.changes).toEqual([{ kind: 'database', what: 'backup', to: '/x/y.gz' }]);
		expect(report.steps.map(({ state, exitCode }: { state: string; exitCode: number }) => [state, exitCode])).toEqual(
			report.steps.map(() => ['succeeded', 0]),
		);
	});

	test('the report holds what was run and what came, and no secret', async () => {
		const { stdout, code } = await place.run(['report', 'last']);
		expect(code).toBe(0);
		expect(stdout).toContain('# Change it on here');
		expect(stdout).toContain('echo changed >changed');
		expect(stdout).toMatch(/token ••••/);
		expect(stdout).not.toMatch(secrets);
	});

	test('the copy here holds no secret, and tells when the run is no longer on the host', async () => {
		expect(contents(place.home)).not.toMatch(secrets);
		const [id = ''] = readdirSync(join(place.state, 'runs')).filter((name) => !name.startsWith('.'));
		rmSync(join(place.state, 'runs', id), { recursive: true });
		const { stdout, stderr, code } = await place.run(['report', id]);
		expect(code).toBe(0);
		expect(stderr).toContain('from the copy on this machine');
		expect(stdout).toContain('no longer has this run');
		expect(stdout).toContain('All steps done; nothing was verified, as this procedure has no checks');
		expect(stdout).toMatch(/token ••••/);
	});

	test('a run that nobody knows is a usage error', async () => {
		const { code, stderr } = await place.run(['report', '20200101T000000Z-000000']);
		expect(code).toBe(2);
		expect(stderr).toContain('there is no run');
	});
});

describe.each([
	['000', {}],
	['277', { tags: 'long' }],
])('files of the operator under umask %s', (umask, form) => {
	let place: LocalPlace;

	beforeAll(() => {
		place = createLocalPlace();
	});
	afterAll(() => place?.remove());

	test('are 0600, and their folders 0700', form, async () => {
		const ran = await place.run(change, { umask });
		expect(ran.stderr).toBe('');
		const written = await place.run(['report', 'last', '--output', 'report.md'], { umask });
		expect(written.stderr).toContain(join(place.folder, 'report.md'));
		expect(statSync(join(place.folder, 'report.md')).mode & 0o777).toBe(0o600);
		// Written over: whole, and still nobody else's.
		await place.run(['report', 'last', '--output', 'report.md', '--format', 'json'], { umask });
		expect(JSON.parse(readFileSync(join(place.folder, 'report.md'), 'utf8')).title).toBe('Change it');
		expect(statSync(join(place.folder, 'report.md')).mode & 0o777).toBe(0o600);
		const copies = Object.values(modes(join(place.home, 'backout')));
		expect(copies.length).toBeGreaterThan(3);
		expect(new Set(copies)).toEqual(new Set(['d700', 'f600']));
	});

	test('a folder as output is refused', form, async () => {
		mkdirSync(join(place.folder, 'there'));
		const { code, stderr } = await place.run(['report', 'last', '--output', 'there'], { umask });
		expect(code).toBe(2);
		expect(stderr).toContain('is not a file');
	});
});

describe('a host that cannot be reached', () => {
	let place: LocalPlace;

	beforeAll(async () => {
		place = createLocalPlace();
		// A port that nobody listens at: one that was just given back.
		const server = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as { port: number };
		await new Promise((resolve) => server.close(resolve));
		const host = `nobody@127.0.0.1:${port}`;
		writeFileSync(
			join(place.folder, 'backout.yaml'),
			`targets:\n  far: { host: '${host}', directory: /srv/app, runbook: ./local.yaml }\n`,
		);
		const target = { host, directory: '/srv/app' } as Session['target'];
		const copy = openCopy({ target }, run.id, { ...process.env, XDG_STATE_HOME: place.home });
		copy.run({ ...run, state: 'running' });
		copy.output(Buffer.from('building\n'), 0);
		await copy.end();
	});
	afterAll(() => place?.remove());

	test('the report is that of the copy, and says so', async () => {
		for (const id of [run.id, 'last']) {
			const { code, stdout, stderr } = await place.run(['report', id]);
			expect(code).toBe(0);
			expect(stderr).toContain('from the copy on this machine');
			expect(stdout).toContain('The host could not be reached');
			expect(stdout).toContain('Unknown: the host could not be reached.');
			expect(stdout).toContain('building');
		}
		const other = await place.run(['report', '20200101T000000Z-000000']);
		expect(other.code).toBe(3);
	});

	test('the runs are those of the copies, with their age, and what was going on is unknown', async () => {
		const text = await place.run(['runs']);
		expect(text.code).toBe(3);
		expect(text.stdout).toMatch(new RegExp(`^\\d+s ago +${run.id} .*unknown`, 'm'));
		expect(text.stderr).toMatch(
			/from the copies on this machine[\s\S]*cannot be reached|from the copies on this machine[\s\S]*refused/,
		);
		const json = await place.run(['runs', '--json']);
		expect(json.code).toBe(3);
		const [first, last] = json.stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line));
		expect(first).toMatchObject({ type: 'run', id: run.id, state: 'unknown', source: 'copy' });
		expect(Date.now() - first.asOf).toBeLessThan(600_000);
		expect(last).toMatchObject({ type: 'error', code: 'unreachable' });
	});
});
