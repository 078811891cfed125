import { describe, expect } from 'vitest';
import { followSuggestion, withOneInput } from '../helpers/follow-suggestion.ts';
import { image } from '../nodes/images.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';

describe.skipIf(withoutCluster !== undefined)('by the screen', () => {
	test('a bad image is seen, taken back and verified, by the keys that the screen offers', { tags: ['long'] }, async ({
		openDeployment,
		openFor,
	}) => {
		const deployment = await openDeployment();
		await deployment.apply({ web: '1' });
		await deployment.runs('web', [image('1'), image('1')]);
		await deployment.apply({ web: 'none' });
		const screen = openFor(deployment).open();
		try {
			const suggested = {
				suggested: 'Take a stuck rollout back',
				why: /a rollout goes no further, as its new pods do not start/,
				// It goes back to what ran before.
				plan: /then +containers\[web\]\.image "backout-test\/app:1"/,
			};
			await followSuggestion(screen, { ...suggested, keys: withOneInput, verdict: ' and verified' }, 180_000);
			await screen.waitFor(/(?:Rolled back|Done) and verified/, 180_000);
		} finally {
			await screen.close();
		}
		await deployment.runs('web', [image('1'), image('1')]);
		const read = (path: string) => deployment.kubectl('get', 'deployment', 'web', '-o', `jsonpath={${path}}`);
		expect(await read('.spec.template.spec.containers[0].image')).toBe(image('1'));
	});
});
