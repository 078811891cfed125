import { describe, expect } from 'vitest';
import { followSuggestion } from '../helpers/follow-suggestion.ts';
import { pressUntil } from '../helpers/press-until.ts';
import { image } from '../nodes/images.ts';
import { takenBack } from './harness/cases.ts';
import { type Deployment, kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { reads } from './harness/keys.ts';
import { revert } from './harness/revert.ts';

const long = { tags: ['long'] };
const none = 'backout-test/app:none';

/** A deployment whose last image is bad. */
const badImage = async (deployment: Deployment): Promise<void> => {
	await deployment.apply({ web: '1' });
	await deployment.runs('web', [image('1'), image('1')]);
	await deployment.apply({ web: 'none' });
};
const imageOf = (deployment: Deployment) =>
	deployment.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}');

describe.skipIf(withoutCluster !== undefined)('by the screen, somebody puts the bad version back', () => {
	test(
		'while the run waits for its pods: it fails, says which program did it and what to do',
		long,
		async ({ openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await badImage(deployment);
			const screen = openFor(deployment).open();
			const stop = revert(deployment, none);
			try {
				await followSuggestion(screen, { ...takenBack, verdict: 'Failed  step 4 of 4' }, 180_000);
				await screen.waitFor(reads(/somebody has changed it since this run did, kubectl-client-side-apply at 20/));
				await screen.waitFor(
					reads(/it would be put back again: stop what does that, or roll back where it comes from/),
				);
			} finally {
				expect(await stop()).toBeGreaterThan(0);
				await screen.close();
			}
			expect(await imageOf(deployment)).toBe(none);
		},
	);

	test(
		'after its last step: the verification fails, and the verdict says which program did it',
		long,
		async ({ openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await badImage(deployment);
			const screen = openFor(deployment, { settle: '60s' }).open();
			try {
				await followSuggestion(screen, { ...takenBack, verdict: '4 of 4 done' }, 180_000);
				const stop = revert(deployment, none);
				try {
					const who =
						/Verification failed: .*somebody has changed it since the run did \(kubectl-client-side-apply at 20/;
					await screen.waitFor(reads(who), 300_000);
				} finally {
					expect(await stop()).toBeGreaterThan(0);
				}
			} finally {
				await screen.close();
			}
			expect(await imageOf(deployment)).toBe(none);
		},
	);

	test(
		'by an apply after the verdict: there is an alarm again, with its reason',
		long,
		async ({ openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await badImage(deployment);
			const screen = openFor(deployment).open();
			try {
				await followSuggestion(screen, { ...takenBack, verdict: 'Done and verified' }, 180_000);
				await deployment.runs('web', [image('1'), image('1')]);
				await screen.waitFor('✓ both checks pass', 60_000);
				await deployment.kubectl('apply', '-f', `${deployment.clone}/shop.yaml`);
				await screen.waitFor(/checks? failed/, 120_000);
				await pressUntil(screen, 'esc', 'Suggested');
				await followSuggestion(screen, { ...takenBack, verdict: 'Done and verified' }, 180_000);
			} finally {
				await screen.close();
			}
			await deployment.runs('web', [image('1'), image('1')]);
			expect(await imageOf(deployment)).toBe(image('1'));
		},
	);
});
