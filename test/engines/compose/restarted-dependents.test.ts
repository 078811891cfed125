import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/engines/compose/comparison.ts';
import { actions, built, compared, container, model, newImage } from './compared-services.ts';

describe('a service that depends on another one with restart: true', () => {
	const depends = (more: object = {}) => ({
		network_mode: 'none',
		image: 'shop/app:1.1',
		depends_on: { web: { condition: 'service_started', restart: true } },
		...more,
	});

	test('is restarted with it, and one that waits only for its start is not', () => {
		const job = depends({ depends_on: { web: { condition: 'service_started' } } });
		const after = model({ web: built, api: depends(), job });
		const containers = ['web', 'api', 'job'].map((name) => container(name, { image: newImage }));
		const { changes } = compare(compared({ after, containers, rebuilds: true }));
		expect(changes.map(({ service, action, interrupted }) => [service, action, interrupted])).toEqual([
			['api', 'restart', true],
			['job', 'keep', false],
			['web', 'recreate', true],
		]);
	});

	test('is not restarted where it does not run, nor where the other one is left alone', () => {
		const after = model({ web: built, api: depends() });
		const off = [container('web'), container('api', { image: newImage, status: 'exited' })];
		expect(actions(compared({ after, containers: off, rebuilds: true }))).toEqual({ web: 'recreate', api: 'keep' });
		const on = [container('web'), container('api', { image: newImage })];
		expect(actions(compared({ after, containers: on }))).toEqual({ web: 'keep', api: 'keep' });
	});
});
