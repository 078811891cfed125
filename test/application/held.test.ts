import { expect, test } from 'vitest';
import type { ServiceChange } from '../../src/engines/compose/comparison.ts';
import { containerFacts } from '../../src/engines/compose/container-facts.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import { heldDependencies, startsHeld } from '../../src/engines/compose/plan/held.ts';

const { services } = parseModel(
	JSON.stringify({
		name: 'shop',
		services: {
			web: { image: 'web', depends_on: { api: { condition: 'service_started' } } },
			api: { image: 'api', depends_on: { db: { condition: 'service_healthy' } } },
			db: { image: 'db' },
			mail: { image: 'mail' },
		},
	}),
);

const container = (service: string, held: boolean) =>
	containerFacts({
		Id: `${service}1`,
		Name: `/shop-${service}-1`,
		Image: `sha256:${'a'.repeat(64)}`,
		State: { Status: held ? 'exited' : 'running' },
		Config: { Env: [], Labels: { 'com.docker.compose.service': service } },
		HostConfig: { NetworkMode: 'shop_default', RestartPolicy: { Name: 'no' } },
		Mounts: [],
		NetworkSettings: { Networks: { shop_default: {}, ...(held && { 'held-by-backout': {} }) } },
	});

const change = (service: string, action: ServiceChange['action'], staysStopped = false): ServiceChange => ({
	service,
	action,
	staysStopped,
	interrupted: false,
	why: [],
});

test('what starts cannot depend on a service that is held, however far away', () => {
	const containers = ['web', 'api', 'db', 'mail'].map((name) => container(name, name !== 'api'));
	const [refused, ...more] = heldDependencies(services, [change('web', 'recreate'), change('db', 'keep')], containers);
	expect(refused).toMatchObject({ state: 'failed', detail: expect.stringMatching(/^db: .*start-everything/) });
	expect(more).toEqual([]);
});

test('nothing starts, what is held is started too, or nothing is held: it may go on', () => {
	const held = ['web', 'db'].map((name) => container(name, true));
	expect(heldDependencies(services, [change('web', 'recreate', true)], held)).toEqual([]);
	expect(heldDependencies(services, [change('web', 'recreate'), change('db', 'recreate')], held)).toEqual([]);
	expect(heldDependencies(services, [change('web', 'recreate')], [container('db', false)])).toEqual([]);
});

test('that it starts what was stopped on purpose is said, unless one of its containers runs', () => {
	expect(startsHeld('web', [container('web', true)])).toEqual([expect.stringContaining('STARTS')]);
	expect(startsHeld('web', [container('web', true), container('web', false)])).toEqual([]);
	expect(startsHeld('mail', [container('web', true)])).toEqual([]);
});
