import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { desiredOf } from '../../src/engines/compose/desired.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import { type ContainerReading, type LogErrorsReading, type Reading, unread } from '../../src/runbook/reading.ts';
import { watchInstances } from '../../src/services/instances/instance-watch.ts';
import { type ExpectedServices, watchContainers } from '../../src/services/monitors/containers.ts';
import { watchLogErrors } from '../../src/services/monitors/log-errors.ts';
import { closely } from '../../src/services/monitors/poll-rate.ts';
import { createStore } from '../../src/stores/store.ts';
import { labIsThere, openProject, type TestProject } from '../helpers/containers.ts';
import { until } from '../helpers/until.ts';

const there = await labIsThere();

describe.skipIf(!there)('watching', () => {
	let project: TestProject;
	const stops: (() => void)[] = [];
	beforeEach(() => {
		project = openProject();
	});
	afterEach(async () => {
		for (const stop of stops.splice(0)) {
			stop();
		}
		await project.close();
	});

	/** The containers are made by hand, without Compose: of its files, `task` would be a job. */
	const expected: ExpectedServices = async () => {
		const listed = await project.engine.list();
		const services = listed.map(({ service }) => [service, service === 'task' ? { restart: 'no' } : {}] as const);
		return { main: [], desired: desiredOf(parseModel(JSON.stringify({ services: Object.fromEntries(services) }))) };
	};
	const containers = () => {
		const store = createStore<Reading<readonly ContainerReading[]>>(unread(0));
		stops.push(watchContainers(project, store, closely, expected).stop, watchInstances(project).stop);
		return store;
	};
	const one = (reading: Reading<readonly ContainerReading[]>, service: string) =>
		reading.value?.find((container) => container.service === service);

	test('no container at all is down, not fine', async () => {
		const reading = await until(containers(), ({ state }) => state !== 'unknown');
		expect(reading).toMatchObject({ state: 'down', reason: `no container of project ${project.project}`, value: [] });
	});

	test('a container is seen coming, running with its figures, dying and going', async () => {
		const store = containers();
		await until(store, ({ state }) => state === 'down');
		const id = await project.run('web', 'sleep 600');
		const running = await until(store, (reading) => one(reading, 'web')?.memoryBytes !== undefined);
		expect(one(running, 'web')).toMatchObject({ id, status: 'running', state: 'ok', restarts: 0, image: 'lab/base:1' });
		const dated = await until(store, (reading) => one(reading, 'web')?.imageCreatedAt !== undefined);
		expect(new Date(one(dated, 'web')?.imageCreatedAt ?? 0).getUTCFullYear()).toBeGreaterThan(2013);
		await project.command('kill', id);
		const dead = await until(store, (reading) => one(reading, 'web')?.status === 'exited');
		expect(one(dead, 'web')).toMatchObject({ exitCode: 137, state: 'down' });
		expect(one(dead, 'web')?.cpuPercent).toBeUndefined();
		expect(dead).toMatchObject({ state: 'down', reason: 'web: exited, exit code 137' });
		await project.command('rm', id);
		await until(store, ({ value }) => value?.length === 0);
	});

	test('a restart loop is said, with its count, also between two crashes', async () => {
		const store = containers();
		await project.run('crash', 'sleep 0.3; exit 3', '--restart', 'always');
		await project.run('calm', 'sleep 600');
		const looping = await until(store, ({ reason }) => reason?.startsWith('crash: restarting, exit code 3') === true);
		expect(looping.state).toBe('down');
		const between = await until(store, (reading) => {
			const crash = one(reading, 'crash');
			return crash?.status === 'running' && crash.restarts > 1;
		});
		expect(between).toMatchObject({ state: 'down', reason: expect.stringMatching(/^crash: restarted \d+ times/) });
		expect(one(between, 'calm')?.state).toBe('ok');
	});

	test('health is followed; a task that ended well is no trouble', async () => {
		const store = containers();
		await project.run('task', 'exit 0');
		const id = await project.run(
			'web',
			'touch /tmp/well; sleep 600',
			'--health-cmd',
			'test -e /tmp/well',
			'--health-interval',
			'0.3s',
			'--health-retries',
			'1',
		);
		const both = await until(store, ({ state, value }) => state === 'ok' && value?.length === 2);
		expect(both.value?.map(({ state }) => state)).toEqual(['ok', 'ok']);
		await project.command('exec', id, 'rm', '/tmp/well');
		await until(store, ({ reason }) => reason === 'web: unhealthy');
		await project.command('exec', id, 'touch', '/tmp/well');
		await until(store, ({ state }) => state === 'ok');
	});

	test('errors in the log are counted, and still after the container was replaced', async () => {
		const store = createStore<Reading<LogErrorsReading>>(unread(0));
		const monitor = { service: 'web', pattern: '\\berror\\b', except: 'expected error' };
		const first = await project.run('web', 'echo fine; echo an ERROR; echo expected error; echo terror; sleep 600');
		stops.push(watchLogErrors(project, monitor, store).stop);
		const reading = await until(store, ({ value }) => value?.perMinute === 1);
		expect(reading).toMatchObject({ state: 'warn', reason: '1 in the last minute', value: { lastLine: 'an ERROR' } });
		expect(reading.value?.history.length).toBe(10);
		await project.command('rm', '-f', first);
		await project.run('web', 'echo error of the next; sleep 600');
		expect((await until(store, ({ value }) => value?.perMinute === 2)).value?.lastLine).toBe('error of the next');
	});
});
