import { describe } from 'vitest';
import { followSuggestion } from '../helpers/follow-suggestion.ts';
import { image } from '../nodes/images.ts';
import { cases, judgeOf } from './harness/cases.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { evidence } from './harness/keys.ts';
import { runTo } from './harness/steps.ts';

const long = { tags: ['long'] };

describe.skipIf(withoutCluster !== undefined)('from the alarm to the verdict, by the screen', () => {
	test.for(cases)('$name', long, async ({ bad, screen: way, noted }, { openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await deployment.apply({ note: 'first' });
		const place = openFor(deployment);
		await deployment.runs('web', [image('1'), image('1')]);
		if (noted === true) {
			await runTo(place, 'pre-deploy-checklist');
		}
		const judge = await judgeOf(deployment);
		await deployment.apply({ note: 'first', ...bad });
		const screen = place.open();
		try {
			await evidence(screen, way.said);
			await followSuggestion(screen, { ...way, verdict: ' and verified' }, 180_000);
			await screen.waitFor(/(?:Rolled back|Done) and verified/, 180_000);
		} finally {
			await screen.close();
		}
		await judge();
	});
});
