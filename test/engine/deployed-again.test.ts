import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { serves } from './harness/files.ts';
import { releaseFiles } from './harness/guarding.ts';
import { test, withoutEngine } from './harness/index.ts';

const runbook = `extends: compose
verification: { checks: [containers], settle: 2s, deadline: 40s }
procedures:
  deploy:
    title: Deploy the next version
    kind: deploy
    risk: disruptive
    guard: 3s
    steps:
      - { id: up, title: Fetch and start it, run: 'git merge -q --ff-only next && docker compose up -d --build', timeout: 5m }
  hidden:
    title: Deploy what nothing names
    kind: deploy
    risk: disruptive
    guard: 0s
    steps:
      - { id: up, title: Start it, run: 'git merge -q --ff-only "$(cat .git/refs/heads/next)" && docker compose up -d --build', timeout: 5m }
`;

describe.skipIf(withoutEngine ?? (process.getuid?.() === 0 ? undefined : 'a crontab needs root'))(
	'a version that was rolled back, deployed again',
	() => {
		test('is refused by with-lock and by deploy; by a cron job it is named before and seen after', {
			tags: 'long',
			timeout: 900_000,
		}, async ({ openSite, onTestFinished }) => {
			const site = await openSite({ runbook });
			const first = await site.commit('version 1', releaseFiles('1', serves));
			await site.deploy();
			const bad = await site.commit('version 2', releaseFiles('2', serves));
			await site.deploy();
			await site.git('branch', 'next');
			// A day that no year has: cron never runs them.
			const [crontab, other] = [`/etc/cron.d/backout-${site.token}`, `/etc/cron.d/backout-${site.token}-other`];
			onTestFinished(() => {
				rmSync(crontab, { force: true });
				rmSync(other, { force: true });
			});
			const again = `cd ${site.directory} && git merge -q --ff-only next && docker compose up -d --build`;
			writeFileSync(crontab, `0 0 30 2 * root ${again}\n`);
			writeFileSync(other, `0 0 30 2 * root cd ${site.folder}/home && docker compose up -d\n`);

			const back = ['rollback-commit', '--input', `commit=${first}`];
			const planned = await site.backout('plan', ...back);
			expect(planned.text).toContain(crontab);
			expect(planned.text).not.toContain(other);
			const rolledBack = await site.backout('run', ...back, '--yes', '--reason', 'orders fail');
			expect(rolledBack.code, rolledBack.text).toBe(0);

			const words = ['sh', '-c', 'git merge -q --ff-only next && docker compose up -d --build'];
			const locked = await site.backout('with-lock', '--no-restore-point', '--', ...words);
			expect(locked.code, locked.text).toBe(4);
			expect(locked.text).toMatch(/"next" in the command: commit [0-9a-f]{40} was rolled back .*\(orders fail\)/);

			const deployed = await site.backout('deploy', 'deploy', '--yes');
			expect(deployed.code, deployed.text).toBe(4);
			expect(deployed.text).toMatch(/"next" in the command: commit [0-9a-f]{40} was rolled back .*\(orders fail\)/);
			expect(await site.git('rev-parse', 'HEAD')).toBe(first);

			const hidden = await site.backout('deploy', 'hidden', '--yes');
			expect(hidden.text).toMatch(/it was undone, and that was verified: a blocked version is deployed: commit/);
			expect(hidden.code, hidden.text).toBe(1);
			expect(await site.git('rev-parse', 'HEAD')).toBe(first);

			await site.sh(again);
			expect(await site.git('rev-parse', 'HEAD')).toBe(bad);
			const status = await site.backout('status');
			expect(status.text).toMatch(/the version that was rolled back at .* UTC is deployed again/);
			const guarded = await site.backout(
				...['guard', '--procedure', ...back, '--for', '4s', '--grace', '1s', '--interval', '1s', '--yes'],
			);
			expect(guarded.text).toMatch(/the version that it watches is blocked: commit [0-9a-f]{40} was rolled back/);

			// A fix needs no unblock.
			const fix = await site.commit('version 3', releaseFiles('3', serves));
			await site.git('branch', '-f', 'next');
			await site.git('reset', '-q', '--hard', bad);
			const fixed = await site.backout('deploy', 'deploy', '--yes');
			expect(fixed.text).toContain(
				'the version that runs now is blocked, so the deployment will not be undone by itself',
			);
			expect(fixed.text).not.toContain('The host watches');
			expect(fixed.code, fixed.text).toBe(0);
			expect(await site.git('rev-parse', 'HEAD')).toBe(fix);
		});
	},
);
