import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { type Settings, kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { alarm, runTo } from './harness/steps.ts';

const long = { tags: ['long'] };

interface Case {
	readonly name: string;
	/** What goes wrong after a good deployment. */
	readonly bad: Settings;
	/** What `status` says of it. */
	readonly alarm: RegExp;
	readonly run: readonly string[];
	/** Whether the deployment before was noted by the checklist, with its ConfigMap. */
	readonly noted?: boolean;
}

const cases: readonly Case[] = [
	{
		name: 'a bad image',
		bad: { web: 'none' },
		alarm: /Converged: failed, web: .*0 of 2 run as specified/,
		run: ['rollback-revision'],
	},
	{
		name: 'a crash loop',
		bad: { web: 'bad' },
		alarm: /web +restarting .*app:bad/,
		run: ['take-back-rollout', '--input', 'stuck=web'],
	},
	{
		name: 'a failed probe',
		bad: { web: '2', probe: '/missing' },
		alarm: /Converged: failed, web: .*0 of 2 run as specified/,
		run: ['rollback-revision'],
	},
	{
		name: 'a bad ConfigMap, edited in place',
		bad: { mode: 'wrong', note: 'second' },
		alarm: /web +restarting/,
		run: ['rollback-all'],
		noted: true,
	},
];

describe.skipIf(withoutCluster !== undefined)('from the alarm to the verdict, by one command', () => {
	test.for(cases)('$name', long, async ({ bad, alarm: words, run, noted }, { openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await deployment.apply({ note: 'first' });
		const place = openFor(deployment);
		await deployment.runs('web', [image('1'), image('1')]);
		if (noted === true) {
			await runTo(place, 'pre-deploy-checklist');
		}
		const others = (await deployment.pods()).filter(({ workload }) => workload !== 'web').map(({ name }) => name);
		await deployment.apply({ note: 'first', ...bad });
		await alarm(place, words);
		await runTo(place, ...run);
		await deployment.runs('web', [image('1'), image('1')]);
		const read = (path: string) => deployment.kubectl('get', 'deployment', 'web', '-o', `jsonpath={${path}}`);
		expect(await read('.spec.template.metadata.annotations.note')).toBe('first');
		expect(await read('.spec.template.spec.containers[0].readinessProbe.exec.command[2]')).toBe('/app.sh');
		expect(await deployment.kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.mode}')).toBe('right');
		// Nobody has touched the others.
		const now = (await deployment.pods()).filter(({ workload }) => workload !== 'web').map(({ name }) => name);
		expect(now).toEqual(others);
	});
});
