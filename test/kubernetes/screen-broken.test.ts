import { describe, expect } from 'vitest';
import { followSuggestion, withOneInput } from '../helpers/follow-suggestion.ts';
import { image } from '../nodes/images.ts';
import { takenBack } from './harness/cases.ts';
import { ownClusterTest as test, withoutCluster } from './harness/index.ts';

const long = { tags: ['long'] };
const two = [image('1'), image('1')];

describe.skipIf(withoutCluster !== undefined)('by the screen, the cluster breaks', () => {
	test(
		'in the middle of a run: what is not known is said to be unknown, and the run goes on when the API server is back',
		long,
		async ({ cluster: { control }, openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			await deployment.runs('web', two);
			await deployment.apply({ web: 'none' });
			const screen = openFor(deployment).open();
			try {
				await followSuggestion(screen, { ...takenBack, verdict: 'Running  step 4 of 4' }, 180_000);
				await control.server.kill();
				try {
					await screen.waitFor(/\? Converged +unknown/, 120_000);
					await screen.waitFor(/unknown: the API server at \S+ refuses connections/, 120_000);
				} finally {
					control.server.start();
					await control.serves();
				}
				await screen.waitFor('Done and verified', 300_000);
			} finally {
				await screen.close();
			}
			await deployment.runs('web', two);
		},
	);

	test(
		'when a node is lost: it is named, and drained as the screen suggests',
		long,
		async ({ cluster: { kubectl, nodes }, openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			await deployment.runs('web', two);
			await deployment.runs('agent', two);
			await deployment.runs('database', [image('1')]);
			// A stateful set gets no other pod while the one on a lost node may still run.
			const [database] = await deployment.pods('database');
			const lost = nodes.find(({ name }) => name !== database?.node);
			const name = lost?.name ?? '';
			const screen = openFor(deployment).open();
			try {
				await screen.waitFor(new RegExp(`● ${name} worker`), 120_000);
				await lost?.kill();
				await screen.waitFor(new RegExp(`✗ ${name} unknown worker`), 120_000);
				const way = {
					suggested: 'Drain a node',
					why: new RegExp(`a node is lost.*agent: 1 of its pods is on ${name}, which is lost`),
					keys: withOneInput,
				};
				await followSuggestion(screen, { ...way, verdict: 'Done and verified' }, 240_000);
				expect(await kubectl('get', 'node', name, '-o', 'jsonpath={.spec.unschedulable}')).toBe('true');
				const running = (await deployment.pods('web')).filter(({ ending }) => !ending);
				expect(running.map(({ node, ready }) => `${node} ${ready}`)).toEqual(Array(2).fill(`${database?.node} true`));
			} finally {
				await screen.close();
				await lost?.start();
				await kubectl('uncordon', name);
			}
			await deployment.runs('agent', two);
		},
	);
});
