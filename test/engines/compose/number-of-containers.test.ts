import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/engines/compose/comparison.ts';
import type { ContainerFacts } from '../../../src/engines/compose/container-facts.ts';
import { built, compared, container, model, other } from './compared-services.ts';

describe('the number of containers', () => {
	const cache = (replicas: number) => ({ image: 'redis:7', network_mode: 'none', deploy: { replicas } });
	const images = [{ id: other, tags: ['redis:7'], environment: [] }];
	const some = (count: number, status = 'running') =>
		Array.from({ length: count }, () => container('cache', { image: other, status }));
	const between = (now: number, after: number, containers: readonly ContainerFacts[]) => {
		const what = { now: model({ cache: cache(now) }), after: model({ cache: cache(after) }), containers, images };
		const [change] = compare(compared({ ...what, rebuilds: true })).changes;
		return [change?.action, ...(change?.why ?? [])];
	};

	test.each([
		[3, 1, 3, ['recreate', '3 containers run, then 1']],
		[1, 3, 1, ['recreate', '1 of 3 containers exist']],
		[3, 0, 3, ['stop', 'it is scaled to 0, and 3 run']],
		[0, 3, 0, ['create', 'it has no container now']],
		[3, 3, 3, ['keep']],
		[3, 2, 2, ['keep']],
	] as const)('%i in the files, then %i, when %i run', (now, after, running, expected) => {
		expect(between(now, after, some(running))).toEqual(expected);
	});

	test('one that was changed by hand is left alone, and said', () => {
		const after = model({ cache: cache(1), web: built });
		const containers = [...some(2), container('web')];
		const { changes } = compare(compared({ after, containers, images, always: ['web'] }));
		expect(changes.find(({ service }) => service === 'cache')).toMatchObject({
			action: 'keep',
			why: ['it already differs from the files, and stays as it is'],
		});
	});

	test('one that was changed by hand comes along with what depends on it: Compose makes it as the files say', () => {
		const after = model({
			cache: cache(1),
			web: { ...built, depends_on: { cache: { condition: 'service_started' } } },
		});
		const { changes, losses: lost } = compare(
			compared({ after, containers: [...some(2), container('web')], images, always: ['web'] }),
		);
		expect(changes.find(({ service }) => service === 'cache')).toMatchObject({ action: 'recreate' });
		expect(lost.map(({ name }) => name)).toEqual(['cache:replicas:1']);
	});

	test('what is stopped, and scaled to 0 anyway, stays', () => {
		expect(between(1, 0, some(1, 'exited'))[0]).toBe('keep');
	});
});
