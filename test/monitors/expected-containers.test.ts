import { expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { desiredOf } from '../../src/engines/compose/desired.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import { judgeServices, mainServices } from '../../src/services/monitors/expected-containers.ts';

const model = (services: Record<string, object>) => parseModel(JSON.stringify({ name: 'shop', services }));

const container = (service: string, more: Partial<Instance> & { number?: number } = {}) =>
	({
		id: `${service}-${more.number ?? 1}`,
		name: `shop-${service}-${more.number ?? 1}`,
		service,
		status: 'running',
		restarts: 0,
		restartPolicy: 'no',
		publishesPorts: false,
		labels: {},
		startedAt: 1000,
		finishedAt: 5000,
		...more,
	}) as Instance;
const ended = (service: string, more: Partial<Instance> & { number?: number } = {}) =>
	container(service, { status: 'exited', exitCode: 0, error: '', ...more });

const judge = (
	containers: readonly Instance[],
	services: Record<string, object> | undefined,
	more: { main?: string[]; stopped?: string[]; ended?: string[]; except?: string[] } = {},
) =>
	Object.fromEntries(
		judgeServices(
			containers,
			'shop',
			{
				desired: services && desiredOf(model(services)),
				main: more.main ?? [],
				stopped: new Set(more.stopped ?? []),
				...(more.ended !== undefined && { ended: new Set(more.ended) }),
			},
			more.except,
		).map(({ service, state, reason, note }) => [service, reason ?? note ?? state]),
	);

test('of several containers it is said which one is down, and how many run', () => {
	const three = { web: { image: 'x', scale: 3 } };
	expect(
		judge(
			[1, 2, 3].map((number) => container('web', { number })),
			three,
		),
	).toEqual({ web: 'ok' });
	const one = [container('web'), ended('web', { number: 2, exitCode: 143 }), container('web', { number: 3 })];
	expect(judge(one, three)).toEqual({ web: 'web-2 is exited, exit code 143, 2 of 3 run' });
	expect(judge([container('web')], three)).toEqual({ web: '1 of 3 containers of web exist' });
});

test('a service that is scaled to nothing needs no container, and one without a container is missing otherwise', () => {
	expect(judge([], { gpu: { image: 'x', deploy: { replicas: 0 } }, web: { image: 'x' } })).toEqual({
		gpu: 'ok',
		web: 'web has no container',
	});
	expect(judge([ended('gpu', { exitCode: 137 })], { gpu: { image: 'x', deploy: { replicas: 0 } } })).toEqual({
		gpu: 'ok',
	});
});

test('what Compose does not know is said, and fails only while it restarts', () => {
	const web = { web: { image: 'x' } };
	expect(judge([container('web'), container('old')], web)).toEqual({
		web: 'ok',
		old: 'old is not in the Compose files in use, but runs',
	});
	expect(judge([container('web'), ended('old', { exitCode: 1 })], web)).toEqual({
		web: 'ok',
		old: 'old is not in the Compose files in use',
	});
	expect(judge([container('web'), container('old', { status: 'restarting', exitCode: 1, restarts: 4 })], web)).toEqual({
		web: 'ok',
		old: 'old is restarting, exit code 1, restarted 4 times',
	});
});

const waiting = { image: 'x', depends_on: { migrate: { condition: 'service_completed_successfully' } } };

test('a job that others wait for is done when it has ended with 0, whatever health check its image has', () => {
	const services = { migrate: { image: 'x' }, web: waiting };
	expect(judge([ended('migrate', { health: 'unhealthy' }), container('web')], services)).toEqual({
		migrate: 'ok',
		web: 'ok',
	});
	expect(judge([ended('migrate', { exitCode: 1 }), container('web')], services)).toMatchObject({
		migrate: 'migrate is exited, exit code 1',
	});
	// Without the files, those who wait for it say so.
	const waits = { waitsForEndOf: ['migrate'] };
	expect(judge([ended('migrate'), container('web', waits)], undefined)).toEqual({ migrate: 'ok', web: 'ok' });
});

test('a server that was stopped never passes for a job', () => {
	const server = { web: { image: 'x', restart: 'no' } };
	const fails = { web: 'web is exited, exit code 0' };
	// It is the runbook's main service; it publishes a port; it has a health check; somebody stopped it; it is restarted.
	expect(judge([ended('web')], server, { main: ['web'] })).toEqual(fails);
	expect(judge([ended('web', { publishesPorts: true })], server)).toEqual(fails);
	expect(judge([ended('web', { health: 'healthy' })], server)).toEqual(fails);
	expect(judge([ended('web')], server, { stopped: ['web-1'] })).toEqual(fails);
	expect(judge([ended('web', { restartPolicy: 'unless-stopped' })], { web: { image: 'x' } })).toEqual(fails);
	const doubt = 'web exited with code 0, and nothing shows whether it is a finished job or was stopped';
	// Its policy is not given; it has run for a day.
	expect(judge([ended('web')], { web: { image: 'x' } })).toEqual({ web: doubt });
	expect(judge([ended('web', { finishedAt: 86_400_000 })], server)).toEqual({ web: doubt });
	expect(judge([ended('web')], undefined)).toEqual({ web: doubt });
});

test('a job that nobody waits for is one where the files say that it is not restarted', () => {
	expect(judge([ended('init')], { init: { image: 'x', restart: 'no' } })).toEqual({ init: 'ok' });
	expect(
		judge([ended('init', { restartPolicy: 'on-failure' })], { init: { image: 'x', restart: 'on-failure' } }),
	).toEqual({
		init: 'ok',
	});
});

test('one that may be started again after a failure is a job only if it was seen to end by itself', () => {
	const services = { init: { image: 'x', restart: 'on-failure' } };
	const init = ended('init', { restartPolicy: 'on-failure' });
	const doubt = 'init exited with code 0, and nothing shows whether it is a finished job or was stopped';
	expect(judge([init], services, { ended: ['init-1'] })).toEqual({ init: 'ok' });
	// Docker has forgotten it, and it may be a server that somebody has stopped.
	expect(judge([init], services, { ended: [] })).toEqual({ init: doubt });
	expect(judge([init], services, { ended: [], stopped: ['init-1'] })).toEqual({ init: 'init is exited, exit code 0' });
});

test('services that need not run are left out, and a default that Compose does not know is no service', () => {
	expect(judge([ended('web', { exitCode: 1 })], { web: { image: 'x' } }, { except: ['web'] })).toEqual({});
	expect(mainServices('app', ['web'])).toEqual([]);
	expect(mainServices('web', ['web'], ['worker'])).toEqual(['worker', 'web']);
});
