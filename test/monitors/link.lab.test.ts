import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerReading, type Reading, unread } from '../../src/runbook/reading.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { watchInstances } from '../../src/services/instances/instance-watch.ts';
import { watchContainers } from '../../src/services/monitors/containers.ts';
import { createStore } from '../../src/stores/store.ts';
import { labIsThere, openProject, type TestProject } from '../helpers/containers.ts';
import { until } from '../helpers/until.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';
import { readLabInfo } from '../lab/index.ts';

const there = await labIsThere();

describe.skipIf(!there)('when the connection is cut', () => {
	let project: TestProject;
	let host: Host;
	beforeEach(() => {
		project = openProject();
		const { sshPort, identityFile, knownHosts } = readLabInfo();
		const target: Pick<Target, 'host' | 'ssh'> = {
			host: `root@127.0.0.1:${sshPort}`,
			ssh: { identityFile, knownHosts },
		};
		host = openHost(target);
	});
	afterEach(async () => {
		await host.close();
		await project.close();
	});

	test('what is known stays and is said to be old; afterwards what happened meanwhile is seen', async () => {
		const watched = watchedCompose(host, { project: project.project, directory: '/', projectGiven: true });
		const store = createStore<Reading<readonly ContainerReading[]>>(unread(0));
		const first = await project.run('web', 'sleep 600');
		const panel = watchContainers(watched, store);
		const watch = watchInstances(watched);
		const before = await until(store, ({ state }) => state === 'ok');
		expect((await watched.engine.reach()).isDirect).toBe(true);

		// The shell's parent is the server's process of this connection.
		const cut = host.exec('kill -9 $PPID').catch(() => {});
		const during = await until(store, ({ state }) => state === 'unknown');
		expect(during.reason).toMatch(/^the link is /);
		expect(during.value?.[0]?.id).toBe(first);
		expect(during.at).toBeGreaterThanOrEqual(before.at);
		await project.command('kill', first);
		await project.run('next', 'sleep 600');
		await cut;

		const standings = ({ value = [] }: Reading<readonly ContainerReading[]>) =>
			value
				.map(({ service, status }) => `${service} ${status}`)
				.sort()
				.join(', ');
		// It may have been seen between being created and being started.
		await until(store, (reading) => standings(reading) === 'next running, web exited');
		await project.command('rm', first);
		await until(store, ({ state, value }) => state === 'ok' && value?.length === 1);
		watch.stop();
		panel.stop();
	});
});
