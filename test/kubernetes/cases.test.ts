import { describe } from 'vitest';
import { image } from '../nodes/images.ts';
import { cases, judgeOf } from './harness/cases.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { alarm, runTo } from './harness/steps.ts';

const long = { tags: ['long'] };

describe.skipIf(withoutCluster !== undefined)('from the alarm to the verdict, by one command', () => {
	test.for(cases)('$name', long, async ({ bad, alarm: words, run, noted }, { openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await deployment.apply({ note: 'first' });
		const place = openFor(deployment);
		await deployment.runs('web', [image('1'), image('1')]);
		if (noted === true) {
			await runTo(place, 'pre-deploy-checklist');
		}
		const judge = await judgeOf(deployment);
		await deployment.apply({ note: 'first', ...bad });
		await alarm(place, words);
		await runTo(place, ...run);
		await judge();
	});
});
