import { describe, expect } from 'vitest';
import { serving } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';

const use = `image: "backout-test/base:1", ${serving}, stop_grace_period: 2s`;

describe.skipIf(withoutEngine)('the restart of a service', () => {
	test('restarts its containers and those that use its network, and no others', async ({ openSite }) => {
		const site = await openSite();
		site.write({
			'compose.yaml': `services:\n  web: { ${use} }\n  side: { ${use}, network_mode: "service:web" }\n  db: { ${use} }\n`,
		});
		await site.compose('up', '-d');
		const before = await site.containers();
		const run = await site.backout('run', 'restart-service', '--input', 'restarted=web', '--yes', '--reason', 'test');
		expect(run.code, run.text).toBe(0);
		const after = await site.containers();
		const restarted = before.map(({ service, id, startedAt }) => {
			const now = after.find((one) => one.id === id);
			return [service, now?.state, now?.startedAt !== startedAt];
		});
		expect(Object.fromEntries(restarted.map(([service, ...rest]) => [service, rest]))).toEqual({
			web: ['up', true],
			side: ['up', true],
			db: ['up', false],
		});
	});
});
