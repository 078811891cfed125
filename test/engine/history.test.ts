import { describe, expect } from 'vitest';
import { plainProject } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';

interface Deployment {
	readonly source: string;
	readonly how: string;
	readonly commit?: string;
	readonly images: readonly { readonly service: string; readonly imageId: string }[];
	readonly run?: string;
	readonly reason?: string;
	readonly verdict?: string;
	readonly until?: number;
	readonly blocked?: boolean;
}

describe.skipIf(withoutEngine)('the history of what was deployed', () => {
	test('has a deployment by hand, one under the lock and a rollback, newest first', { tags: ['long'] }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await site.commit('version 1', plainProject('1'));
		await site.deploy();
		await site.git('checkout', '-q', '-b', 'next');
		const second = await site.commit('version 2', plainProject('2'));
		await site.git('checkout', '-q', 'main');
		const script = 'git merge -q --ff-only next && docker compose up -d --build';
		const locked = await site.backout('with-lock', '--reason', 'release 2', '--', 'sh', '-c', script);
		expect(locked.code, locked.text).toBe(0);
		const back = await site.backout(
			...['run', 'rollback-commit', '--input', `commit=${first}`, '--yes', '--reason', 'orders fail'],
		);
		expect(back.code, back.text).toBe(0);
		const said = await site.backout('history', '--json');
		const all = said.text
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Deployment);
		const [rollback, release] = all;
		expect(rollback, said.text).toMatchObject({
			source: 'run',
			commit: first,
			reason: 'orders fail',
			verdict: 'passed',
		});
		expect(rollback?.until).toBeUndefined();
		expect(rollback?.images.map(({ service }) => service)).toEqual(['web']);
		expect(rollback?.images[0]?.imageId).toBe(
			(await site.docker('inspect', '-f', '{{.Image}}', `${site.token}-web-1`)).trim(),
		);
		expect(release).toMatchObject({ source: 'run', commit: second, reason: 'release 2', blocked: true });
		expect(all.at(-1)).toMatchObject({ source: 'git', commit: first });
		const text = (await site.backout('history')).text;
		expect(text).toMatch(new RegExp(`${first.slice(0, 9)}.*version 1.*Roll back to a commit.*now, for .*verified`));
		// Somebody recreates the container by hand.
		await site.compose('up', '-d', '--force-recreate');
		expect((await site.backout('history')).text.split('\n')[0]).toMatch(/created: web .*now, for/);
	});
});
