import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { must } from '../lab/exec.ts';
import { baseImage } from './harness/base-image.ts';
import { plainProject } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';

describe.skipIf(withoutEngine)('deployments that were made in another way', () => {
	test('a shallow clone: it is said that older commits are not there', async ({ openSite }) => {
		const site = await openSite({ noGit: true });
		const origin = join(site.folder, 'origin');
		const git = (...args: string[]) => must('git', args, { cwd: site.folder, env: site.env });
		mkdirSync(origin);
		await git('init', '-q', '-b', 'main', origin);
		for (const version of ['1', '2', '3']) {
			site.write(
				Object.fromEntries(Object.entries(plainProject(version)).map(([path, text]) => [`../origin/${path}`, text])),
			);
			await git('-C', origin, 'add', '-A');
			await git('-C', origin, 'commit', '-q', '-m', `version ${version}`);
			await git('-C', origin, 'tag', `v${version}`);
		}
		await git('clone', '-q', '--depth', '1', `file://${origin}`, site.top);
		await site.deploy();
		const choices = await site.backout('inputs', 'rollback-commit');
		expect(choices.text).toMatch(/shallow/i);
		const plan = await site.backout('plan', 'rollback-commit', '--input', 'commit=v2');
		if (plan.code !== 0) {
			expect(plan.text).toMatch(/shallow/i);
		}
	});

	test('by a tool whose folder is not on this host: what goes by labels works', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite({ noGit: true });
		const project = `blog-${site.token}`;
		for (const service of ['app', 'db']) {
			const labels = {
				project,
				service,
				'container-number': '1',
				oneoff: 'False',
				'project.working_dir': `/data/compose/${site.token}`,
				'project.config_files': `/data/compose/${site.token}/docker-compose.yml`,
				'config-hash': 'abc',
			};
			const given = Object.entries(labels).flatMap(([name, value]) => ['-l', `com.docker.compose.${name}=${value}`]);
			const serve = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1 & wait $!; done'];
			await site.docker(
				...['run', '-d', '--name', `${project}-${service}-1`, '--network', 'none', '--stop-timeout', '2', ...given],
				...[baseImage, ...serve],
			);
		}
		site.configure([`directory: /data/compose/${site.token}`, `project: ${project}`, 'variables: { service: app }']);
		const stopped = await judgeRun(
			site,
			['stop-everything'],
			(now) => now.containers.filter(({ state }) => state === 'up').map(({ service }) => `${service} still runs`),
			{ stopped: true },
		);
		expect(stopped.findings, stopped.text).toEqual([]);
		expect([stopped.outcome, stopped.undo], stopped.text).toEqual(['verified', 'verified']);
	});

	test('a detached HEAD goes back and stays detached', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', plainProject('1'));
		const second = await site.commit('two', plainProject('2'));
		await site.git('checkout', '-q', '--detach', second);
		await site.deploy();
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
	});
});
