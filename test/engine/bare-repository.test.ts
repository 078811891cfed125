import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs } from './harness/judge.ts';

describe.skipIf(withoutEngine)('a folder that a bare repository deploys', () => {
	test('is refused with what to do; done as the manual says, it is brought back, and comes again', {
		tags: 'long',
	}, async ({ openSite }) => {
		const [source, site] = [await openSite(), await openSite({ noGit: true })];
		const first = await twoVersions(source);
		const repository = `${site.folder}/shop.git`;
		const hook = `#!/bin/sh\nGIT_WORK_TREE=${site.directory} git checkout -q -f main\n`;
		await site.sh(
			`git init -q --bare -b main '${repository}' && printf '%s' '${hook}' >'${repository}/hooks/post-receive' && chmod +x '${repository}/hooks/post-receive'`,
		);
		await source.git('push', '-q', repository, 'main');
		await site.deploy();
		for (const args of [
			['inputs', 'rollback-commit'],
			['plan', 'rollback-commit', '--input', `commit=${first}`],
		]) {
			const said = await site.backout(...args);
			expect(said.text).toContain(`there is no .git in ${site.directory}, nor above it`);
			expect(said.text).toContain('"A bare repository deploys the folder"');
		}
		const git = `git --git-dir='${repository}' config`;
		await site.sh(
			`${git} core.bare false; ${git} core.worktree '${site.directory}'; ${git} receive.denyCurrentBranch ignore; echo 'gitdir: ${repository}' >.git`,
		);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], runs({ web: '1' }));
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		await source.commit('version 3', { Dockerfile: 'FROM scratch\n' });
		await source.git('push', '-q', repository, 'main');
		expect(await site.sh('cat Dockerfile; git status --short')).toBe('FROM scratch');
	});
});
