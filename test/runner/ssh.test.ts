import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { cancelRun, followRun, listRuns, startRun } from '../helpers/compose-runner.ts';
import { startProxy, type TcpProxy } from '../net/proxy.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';
import { openThroughProxy } from '../ssh/through-proxy.ts';
import { type Deployment, finish, localHost, makeDeployment, step, untilOutput, who } from './fixture.ts';

describe.skipIf(sshdMissing())('a run over a real sshd', () => {
	let sshd: Sshd;
	let proxy: TcpProxy;
	let host: Host;
	let deployment: Deployment;

	beforeAll(async () => {
		sshd = await startSshd();
	});

	afterAll(() => sshd.stop());

	beforeEach(async () => {
		deployment = makeDeployment();
		proxy = await startProxy(sshd.port);
		host = await openThroughProxy(sshd, proxy);
	});

	afterEach(async () => {
		await host.close();
		await proxy.stop();
		deployment.remove();
	});

	const start = (steps: Parameters<Deployment['plan']>[0], id?: string) =>
		startRun(host, { plan: deployment.plan(steps), who, reason: 'r', state: deployment.state, graceSeconds: 1, id });

	test('runs, follows and lists', async () => {
		const { id } = await start([step('a', 'echo a; seq 1 10000'), step('b', 'echo b >&2; exit 3')]);
		const { run, output } = await finish(host, deployment.where, id);
		const numbers = Array.from({ length: 10_000 }, (_, index) => `${index + 1}\n`).join('');
		expect(output).toBe(`a\n${numbers}b\n`);
		expect(run).toMatchObject({ state: 'failed', exitCode: 3 });
		expect(await listRuns(host, deployment.where)).toMatchObject([{ id, state: 'failed', who, reason: 'r' }]);
	});

	test('goes on while the link is lost, and is followed again from the next byte', async () => {
		const go = (number: number) => writeFileSync(join(deployment.directory, `go${number}`), '');
		const until = (number: number) => `while [ ! -e go${number} ]; do sleep 0.1; done`;
		const { id } = await start([
			step('one', `seq 1 5000; ${until(1)}; seq 5001 10000; echo second-part`),
			step('two', `${until(2)}; echo end`),
		]);
		let output = '';
		const events: string[] = [];
		const run = await followRun(host, deployment.where, id, {
			onOutput: (bytes, offset) => {
				expect(offset).toBe(output.length);
				output += bytes.toString('utf8');
				if (output.endsWith('\n5000\n') && events.at(-1) === 'live' && events.length === 1) {
					// The rest of the first step is written while nobody is attached.
					proxy.reset();
					go(1);
				}
				if (output.endsWith('second-part\n')) {
					proxy.reset();
					go(2);
				}
			},
			onLost: () => events.push('lost'),
			onLive: () => events.push('live'),
		});
		expect(run.state).toBe('succeeded');
		const numbers = Array.from({ length: 10_000 }, (_, index) => `${index + 1}\n`).join('');
		expect(output).toBe(`${numbers}second-part\nend\n`);
		expect(events[0]).toBe('live');
		expect(events.filter((event) => event === 'lost').length).toBeGreaterThanOrEqual(2);
	});

	/** The host, with something done to the link as soon as a command's channel is open. */
	const withMishap = (mishap: () => void): Host =>
		new Proxy(host, {
			get: (real, name) => {
				const value = Reflect.get(real, name, real);
				if (name !== 'spawn') {
					return typeof value === 'function' ? value.bind(real) : value;
				}
				return async (...args: Parameters<Host['spawn']>) => {
					const running = await real.spawn(...args);
					mishap();
					return running;
				};
			},
		});

	test('a start whose link is lost is an unknown outcome, and the same id again runs once', async () => {
		const id = '20261122T203501Z-0000aa';
		const plan = deployment.plan([step('a', 'echo x >>ran')]);
		const options = { plan, who, reason: '', state: deployment.state, id };
		const cut = withMishap(() => {
			proxy.blackHole = true;
			proxy.reset();
			proxy.blackHole = false;
		});
		await expect(startRun(cut, options)).rejects.toMatchObject({ code: 'outcome-unknown', run: id });
		await host.ready();
		expect(await listRuns(host, deployment.where)).toEqual([]);
		await startRun(host, options);
		await finish(host, deployment.where, id);
		await startRun(host, options);
		expect(readFileSync(join(deployment.directory, 'ran'), 'utf8')).toBe('x\n');
	});

	test('a start whose answer is lost has started once, whoever asks again', async () => {
		const id = '20261122T203501Z-0000ab';
		const plan = deployment.plan([step('a', 'echo x >>ran')]);
		const options = { plan, who, reason: '', state: deployment.state, id };
		let watching: Promise<void> | undefined;
		const cut = withMishap(() => {
			// No response arrives within the time that the host needs to start the run.
			proxy.delayMs = 1500;
			watching = expect
				.poll(() => existsSync(join(deployment.directory, 'ran')))
				.toBe(true)
				.then(() => proxy.reset());
		});
		await expect(startRun(cut, options)).rejects.toMatchObject({ code: 'outcome-unknown', run: id });
		await watching;
		proxy.delayMs = 0;
		await startRun(host, options);
		expect((await finish(host, deployment.where, id)).run.state).toBe('succeeded');
		expect(readFileSync(join(deployment.directory, 'ran'), 'utf8')).toBe('x\n');
	});

	test('another client cancels it', async () => {
		const { id } = await start([step('a', 'echo ready; sleep 1000')]);
		await untilOutput(host, deployment.where, id, 'ready');
		const other = localHost();
		expect(await cancelRun(other, deployment.where, id)).toMatchObject({ outcome: 'cancelled' });
		await other.close();
		expect((await finish(host, deployment.where, id)).run.state).toBe('cancelled');
	});
});

describe.skipIf(sshdMissing())('a login whose rc files print', () => {
	test('disturbs neither start nor output', async () => {
		const sshd = await startSshd(['ForceCommand echo noise; echo more noise >&2; sh -c "$SSH_ORIGINAL_COMMAND"']);
		const deployment = makeDeployment();
		mkdirSync(join(deployment.directory, 'x'));
		const host = openHost(
			{
				host: sshd.destination,
				ssh: { knownHosts: sshd.knownHosts, identityFile: sshd.identity },
			},
			{ env: { PATH: process.env.PATH }, home: sshd.home },
		);
		try {
			const plan = deployment.plan([step('a', 'ls')]);
			const { id } = await startRun(host, { plan, who, reason: '', state: deployment.state });
			expect((await finish(host, deployment.where, id)).output).toBe('x\n');
		} finally {
			await host.close();
			await sshd.stop();
			deployment.remove();
		}
	});
});
