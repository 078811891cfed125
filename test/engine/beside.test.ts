import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';

describe.skipIf(withoutEngine)('what runs beside the deployment is named in the plan', () => {
	test('a container of docker compose run, and another project of the same folder', async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const worker = `worker-${site.token}`;
		await site.compose('run', '-d', '--name', worker, 'web');
		await site.docker('compose', '-p', `green-${site.token}`, 'create', '--build');
		site.configure([`project: ${site.token}`]);
		const { code, text } = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
		expect(code, text).toBe(0);
		expect(text).toContain(`${worker} was started by docker compose run, and stays as it is`);
		expect(text).toContain(`The project green-${site.token} was started from the same folder.`);
	});

	test('and not where it has ended, or what it is of stays', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await twoVersions(site);
		await site.deploy();
		const worker = `worker-${site.token}`;
		await site.compose('run', '-d', '--name', worker, 'web', 'true');
		await site.docker('wait', worker);
		const { code, text } = await site.backout('plan', 'rollback-commit', '--input', `commit=${first}`);
		expect(code, text).toBe(0);
		expect(text).not.toContain(worker);
		expect(text).not.toContain('from the same folder');
	});
});
