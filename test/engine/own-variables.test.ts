import { describe, expect } from 'vitest';
import { twoVersions } from './harness/history.ts';
import { test, withoutEngine } from './harness/index.ts';
import { judgeRun, runs, type Wanted } from './harness/judge.ts';

/** Names of variables that scripts on the host have, too. */
const names = ['project', 'directory', 'service', 'commit', 'image', 'main_service', 'run_id', 'state_dir', 'becomes'];

describe.skipIf(withoutEngine)('variables of the Compose file with the names of ours', () => {
	test('have the values of .env, in a plan, a run, an undo and under the lock', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		site.write({ '.gitignore': '.env\n', '.env': names.map((name) => `${name}=shop-${name}\n`).join('') });
		const environment = names.map((name) => `${name.toUpperCase()}: "\${${name}}"`).join(', ');
		const first = await twoVersions(site, () => ({
			'compose.yaml': `services:\n  web: { build: ., restart: always, stop_grace_period: 2s, environment: { ${environment} } }\n`,
		}));
		await site.deploy();
		const has: Wanted = ({ containers }) =>
			names
				.filter((name) => containers.some(({ env }) => !env.includes(`${name.toUpperCase()}=shop-${name}`)))
				.map((name) => `${name} is not that of .env: ${containers[0]?.env.join(' ')}`);
		const judged = await judgeRun(site, ['rollback-commit', '--input', `commit=${first}`], async (now, before) => [
			...(await runs({ web: '1' })(now, before)),
			...(await has(now, before)),
		]);
		expect(judged.findings, judged.text).toEqual([]);
		expect([judged.outcome, judged.undo], judged.text).toEqual(['verified', 'verified']);
		const deployed = await site.backout('with-lock', '--', 'docker', 'compose', 'up', '-d', '--force-recreate');
		expect(deployed.code, deployed.text).toBe(0);
		const now = await site.snapshot();
		expect(await has(now, now), deployed.text).toEqual([]);
	});
});
