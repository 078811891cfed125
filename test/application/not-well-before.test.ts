import { expect, test } from 'vitest';
import { expectsThen, notWellBefore } from '../../src/application/runs/not-well-before.ts';
import { keptContainers } from '../../src/engines/compose/undo/kept-containers.ts';
import { who } from '../runner/fixture.ts';

const at = Date.parse('2026-01-01T12:00:00Z');
const inspected = (service: string, number: string, state: object, RestartCount = 0) => ({
	Id: `${service}${number}`,
	Name: `/app-${service}-${number}`,
	Image: `sha256:${service}`,
	RestartCount,
	State: { StartedAt: '2026-01-01T11:59:50Z', ...state },
	Config: {
		Image: `app-${service}`,
		Labels: { 'com.docker.compose.service': service, 'com.docker.compose.container-number': number },
	},
});
const kept = (...all: readonly object[]) => keptContainers(JSON.stringify(all), at);
const checks = [
	{ id: 'containers', kind: 'containers', title: 'Containers' },
	{ id: 'health', kind: 'http', title: 'Health' },
] as const;

test('all was well: every check decides, and what ran must run', () => {
	const containers = kept(inspected('web', '1', { Status: 'running' }), inspected('job', '1', { Status: 'exited' }));
	expect(notWellBefore({}, containers, checks, 'web')).toEqual({ words: [], checks: [] });
	expect(expectsThen(containers, 'web', undefined)).toEqual({
		service: 'web',
		image: 'sha256:web',
		services: [{ service: 'web', image: 'sha256:web', replicas: 1, ran: true }],
	});
});

test('a crash loop is seen while it waits, and in the moment when it is up', () => {
	for (const container of [
		inspected('web', '1', { Status: 'restarting', ExitCode: 1 }),
		inspected('web', '1', { Status: 'running' }, 4),
	]) {
		const containers = kept(container, inspected('db', '1', { Status: 'running' }));
		const before = notWellBefore({}, containers, checks, 'web');
		expect(before.checks).toEqual(['containers']);
		expect(before.words).toEqual([expect.stringMatching(/^web (was restarting|crashed)/)]);
		expect(expectsThen(containers, 'web', undefined)?.services).toEqual([
			{ service: 'db', image: 'sha256:db', replicas: 1, ran: true },
			{ service: 'web', image: 'sha256:web', replicas: 1, unwell: true },
		]);
	}
});

test('a check that the readings say had failed decides nothing, and the others do', () => {
	const seen = { what: 'check Health', state: 'down', said: 'status 500', at, stale: false } as const;
	const readings = [{ moment: 'before', at, by: who, seen: [seen] }] as const;
	const containers = kept(inspected('web', '1', { Status: 'running' }));
	expect(notWellBefore({ readings }, containers, checks, 'web')).toEqual({
		words: ['Health: status 500'],
		checks: ['health'],
	});
});

test('the service that counts stood still: it must not run', () => {
	const containers = kept(inspected('web', '1', { Status: 'exited', ExitCode: 0 }));
	expect(notWellBefore({}, containers, checks, 'web').words).toEqual(['web was stopped']);
	expect(expectsThen(containers, 'web', undefined)?.services).toEqual([{ service: 'web', replicas: 0 }]);
});
