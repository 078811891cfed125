import { afterEach, describe, expect, test } from 'vitest';
import { HostList } from '../../src/services/host/host-list.ts';
import { openHost } from '../../src/services/host/open.ts';
import { until } from '../helpers/until.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).toReversed()) {
		await end();
	}
});

const server = async (): Promise<Sshd> => {
	const started = await startSshd();
	ends.push(() => started.stop());
	return started;
};

/** Opens a list of servers. `unfit` are the names of those that cannot answer for the deployment. */
const listOf = (
	servers: readonly Sshd[],
	{ unfit = new Set<string>(), keepsTrying = true, settledMs = 60_000 } = {},
): HostList => {
	const list = new HostList({
		names: servers.map(({ destination }) => destination),
		open: (name) => {
			const at = servers.find(({ destination }) => destination === name);
			const ssh = { identityFile: at?.identity, knownHosts: at?.knownHosts };
			return openHost({ host: name, ssh }, { retryFirst: false, home: at?.home ?? '', env: {} });
		},
		refuses: async ({ name }) => (unfit.has(name) ? 'it is a worker' : undefined),
		keepsTrying,
		readOnly: false,
		settledMs,
	});
	ends.push(() => list.close());
	return list;
};

const portOf = async (host: HostList): Promise<string> =>
	(await host.exec('echo ${SSH_CONNECTION##* }')).stdout.toString().trim();

describe.skipIf(sshdMissing() !== undefined)('several hosts', () => {
	test('the first that can answer is asked, and it is said why', async () => {
		const [first, second] = [await server(), await server()];
		const list = listOf([first, second], { unfit: new Set([first.destination]) });
		expect(await portOf(list)).toBe(String(second.port));
		expect(list.name).toBe(second.destination);
		expect(list.link.get()).toMatchObject({
			status: 'up',
			host: second.destination,
			instead: `instead of ${first.destination} (it is a worker)`,
		});
	});

	test('a lost one is left for the next, unless a run is followed on it', async () => {
		const [first, second] = [await server(), await server()];
		const list = listOf([first, second]);
		expect(await portOf(list)).toBe(String(first.port));
		expect(list.link.get().instead).toBeUndefined();
		const leave = list.stay();
		await first.stop();
		// The server of this connection is a process of its own.
		await list.exec('kill -9 $PPID').catch(() => {});
		await until(list.link, ({ status, attempt = 0 }) => status === 'reconnecting' && attempt > 2);
		expect(list.name).toBe(first.destination);
		leave();
		await until(list.link, ({ host }) => host === second.destination);
		expect(await portOf(list)).toBe(String(second.port));
		expect(list.link.get().instead).toContain(`instead of ${first.destination} (`);
	});

	test('where none answers, the reasons of all are told', async () => {
		const [first, second] = [await server(), await server()];
		await Promise.all([first.stop(), second.stop()]);
		const list = listOf([first, second], { keepsTrying: false });
		await expect(list.ready()).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringMatching(new RegExp(`${first.destination}: .*; ${second.destination}: `)),
		});
	});

	test('one that can answer no more is left', async () => {
		const [first, second] = [await server(), await server()];
		const unfit = new Set<string>();
		const list = listOf([first, second], { unfit, settledMs: 0 });
		await list.ready();
		list.passOn('a request has failed');
		expect(await portOf(list)).toBe(String(first.port));
		unfit.add(first.destination);
		list.passOn('it is no manager any more');
		await until(list.link, ({ host }) => host === second.destination);
		expect(await portOf(list)).toBe(String(second.port));
	});
});
