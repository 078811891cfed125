import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { exec } from '../lab/exec.ts';
import { dockerfile, plainProject, serves } from './harness/files.ts';
import { twoVersions } from './harness/history.ts';
import { test, type WithSite, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';
import type { Site } from './harness/site.ts';
import { differences } from './harness/snapshot.ts';

/** True when a text is in a file of the deployment, of backout's state, or in an object of git. */
const isKept = async (site: Site, text: string): Promise<boolean> => {
	const files = await exec('grep', ['-rqF', '--', text, site.top, site.state], { env: site.env });
	if (files.code === 0) {
		return true;
	}
	const script =
		'git cat-file --batch-all-objects --batch-check="%(objectname)" | while read -r id; do git cat-file -p "$id"; done | grep -aqF -- "$1"';
	const packed = 'find "$2" -name "*.gz" -exec gzip -dc {} + 2>/dev/null | grep -aqF -- "$1"';
	const found = await exec('sh', ['-c', `${script} || ${packed}`, 'sh', text, site.state], {
		cwd: site.top,
		env: site.env,
	});
	return found.code === 0;
};

/** Version 1 tracks `path`; version 2 ignores it, and this host has a content of its own there. */
const becameIgnored = async (site: Site, path: string, here: () => void): Promise<string> => {
	const first = await site.commit('one', { ...plainProject('1'), [path]: 'mode=default\n' });
	await site.git('rm', '-q', '-r', '--cached', path);
	rmSync(join(site.top, path));
	await site.commit('two', { ...plainProject('2'), '.gitignore': `/${path}\n` });
	here();
	await site.deploy();
	return first;
};

describe.skipIf(withoutEngine)('nothing is lost', () => {
	const keepsIgnoredFile = async (procedure: string, { openSite }: WithSite): Promise<void> => {
		const site = await openSite();
		const path = 'config/local.ini';
		const first = await becameIgnored(site, path, () => site.write({ [path]: 'licence=ABC-DEF\n' }));
		const plan = await site.backout('plan', procedure, '--input', `commit=${first}`);
		expect(plan.text).toContain(path);
		const judged = await judgeRun(site, [procedure, '--input', `commit=${first}`], async () =>
			(await isKept(site, 'licence=ABC-DEF')) ? [] : ['the content of the ignored file is nowhere'],
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect(await isKept(site, 'licence=ABC-DEF')).toBe(true);
	};
	test.for(['rollback-commit'])('of an ignored file that the older commit tracks: %s', keepsIgnoredFile);
	test.for(['failed-deployment'])(
		'of an ignored file that the older commit tracks: %s',
		{ tags: 'long' },
		keepsIgnoredFile,
	);

	test('of an ignored folder that stands where the older commit has a file', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await becameIgnored(site, 'storage', () => site.write({ 'storage/rows.txt': 'precious rows\n' }));
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async () =>
			(await isKept(site, 'precious rows')) ? [] : ['what was in the folder is nowhere'],
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect(await isKept(site, 'precious rows')).toBe(true);
	});

	test('of a file that is bind-mounted and ignored, and that the older commit tracks', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const compose = {
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, volumes: ["./app.conf:/app.conf"] }\n',
		};
		const first = await site.commit('one', { ...plainProject('1'), ...compose, 'app.conf': 'from git\n' });
		await site.git('rm', '-q', '--cached', 'app.conf');
		await site.commit('two', {
			...plainProject('2'),
			...compose,
			'.gitignore': 'app.conf\n',
			'app.conf': 'only here\n',
		});
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async () =>
			(await isKept(site, 'only here')) ? [] : ['the content of the mounted file is nowhere'],
		);
		expect(judged.findings, judged.text).toEqual([]);
		expect(await isKept(site, 'only here')).toBe(true);
	});

	test('of an edit that undo would overwrite: a config file', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const path = 'config/local.ini';
		const first = await becameIgnored(site, path, () => site.write({ [path]: 'mode=broken\n' }));
		const run = await site.backout('run', 'config-error', '--input', `source=file:${first}:${path}`, '--yes');
		expect([0, 4, 5], run.text).toContain(run.code);
		site.write({ [path]: 'mode=production, by hand\n' });
		const undo = await site.backout('undo', 'last', '--yes');
		expect(await isKept(site, 'mode=production, by hand'), undo.text).toBe(true);
	});

	test('of an edit that undo would overwrite: .env', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env*\n', '.env': 'MODE=live\n', '.env.before': 'MODE=before\n' });
		await site.commit('one', {
			'compose.yaml':
				'services:\n  web: { build: ., restart: always, stop_grace_period: 2s, environment: { MODE: "${MODE}" } }\n',
			Dockerfile: dockerfile('1'),
			'app.sh': serves,
		});
		await site.deploy();
		const run = await site.backout(
			'run',
			'config-error',
			'--input',
			`source=env:${site.directory}/.env.before`,
			'--yes',
		);
		expect(run.code, run.text).toBe(0);
		site.write({ '.env': 'MODE=before\nADDED=by-hand\n' });
		const undo = await site.backout('undo', 'last', '--yes');
		expect(await isKept(site, 'ADDED=by-hand'), undo.text).toBe(true);
	});

	test('of an edit that undo would overwrite: the Compose file', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const run = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect(run.code, run.text).toBe(0);
		const edited = readFileSync(join(site.directory, 'compose.yaml'), 'utf8');
		site.write({ 'compose.yaml': `${edited}# a note, by hand\n` });
		const undo = await site.backout('undo', 'last', '--yes');
		expect(await isKept(site, 'a note, by hand'), undo.text).toBe(true);
	});

	test('of the images that undo needs, whatever is pruned; or the loss is seen where restore points are listed', {
		tags: 'long',
	}, async ({ openSite }) => {
		const site = await openSite();
		const marked = (version: string) => ({ Dockerfile: dockerfile(version, `LABEL test.site=${site.token}\n`) });
		const first = await twoVersions(site, marked);
		await site.deploy();
		const before = await site.snapshot();
		const run = await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		expect(run.code, run.text).toBe(0);
		// Only those of this deployment: other tests have images in the same engine.
		await site.docker('image', 'prune', '-af', '--filter', `label=test.site=${site.token}`);
		await site.docker('builder', 'prune', '-af');
		const listed = await site.backout('restore-points');
		const undo = await site.backout('undo', 'last', '--yes');
		if (undo.code === 0) {
			expect(differences(before, await site.snapshot(), 'settings'), undo.text).toEqual([]);
		} else {
			expect(listed.text).toMatch(/image/i);
			expect(listed.text).toMatch(/gone|missing|lost|not (there|here|on the host)/i);
		}
	});

	test('of the restore point that undo was started for, though it is past its time', async ({ openSite }) => {
		const site = await openSite({
			runbook: `title: T\nvariables: { service: web }\nchecks:\n  all-stopped: { title: Stopped, kind: stopped }\nverification: { checks: [all-stopped], settle: 1s, deadline: 20s }\nprocedures:\n  edit: { title: Edit, when: test, risk: disruptive, verify: [], steps: [{ id: one, title: One, run: 'echo "N=$run_id" >.env', timeout: 1m }] }\n`,
		});
		site.write({ '.gitignore': '.env\n', '.env': 'N=the-original\n' });
		await site.commit('one', { 'compose.yaml': 'services: { web: { image: none } }\n' });
		const clock = join(site.folder, 'clock.cjs');
		writeFileSync(
			clock,
			'const R = Date; const off = -Number(process.env.DAYS_AGO ?? 0) * 86400000;\n' +
				'globalThis.Date = class extends R { constructor(...a) { a.length ? super(...a) : super(R.now() + off); } static now() { return R.now() + off; } };\n',
		);
		site.env.NODE_OPTIONS = `--require ${clock}`;
		const limits = (keepFor: string) => site.configure([`runs: { keepFor: ${keepFor}, freeSpace: 1MB }`]);
		limits('900d');
		// More than are kept whatever their age.
		for (let days = 110; days > 99; days--) {
			site.env.DAYS_AGO = String(days);
			const said = await site.backout('run', 'edit', '--yes', '--reason', 'test');
			expect(said.code, said.text).toBe(0);
		}
		site.env.DAYS_AGO = '0';
		limits('90d');
		const oldest = (await exec('ls', [join(site.state, 'runs')])).stdout.split('\n')[0] ?? '';
		const undo = await site.backout('undo', oldest, '--yes', '--reason', 'test');
		expect(undo.code, undo.text).toBe(0);
		expect(readFileSync(join(site.directory, '.env'), 'utf8')).toBe('N=the-original\n');
	});

	test("of somebody else's work tree, whose folder is not there for the moment", { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await twoVersions(site);
		const other = join(site.folder, 'other');
		await site.git('worktree', 'add', '-q', '-b', 'other', other);
		renameSync(other, `${other}.unmounted`);
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => [
			...(await runs({ web: '1' })(now, before)),
			...((await site.git('worktree', 'list')).includes(other) ? [] : ['the other work tree is forgotten']),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect(existsSync(join(site.top, '.git', 'worktrees', 'other'))).toBe(true);
	});
});
