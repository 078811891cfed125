import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { type Confirmed, startPlan, type Unknown } from '../../src/application/runs/run-plan.ts';
import { exitCodeOf } from '../../src/commands/exit-code.ts';
import { BackoutError } from '../../src/runbook/errors.ts';
import type { Host, HostProcess } from '../../src/services/host/host.ts';
import { listRuns, revokeStart, startRun } from '../helpers/compose-runner.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';
import { startProxy, type TcpProxy } from '../net/proxy.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';
import { openThroughProxy } from '../ssh/through-proxy.ts';
import { type Deployment, finish, localHost, makeDeployment, step, who } from './fixture.ts';

const confirmed: Confirmed = { yes: true, reason: 'r' };
const id = '20261122T203501Z-0000aa';

describe.skipIf(sshdMissing())('a start whose link is lost', { timeout: 240_000 }, () => {
	let sshd: Sshd;
	let proxy: TcpProxy;
	let host: Host;
	let near: Host;
	let deployment: Deployment;

	beforeAll(async () => {
		sshd = await startSshd();
	});
	afterAll(() => sshd.stop());
	beforeEach(async () => {
		deployment = makeDeployment();
		near = localHost();
		proxy = await startProxy(sshd.port);
		host = await openThroughProxy(sshd, proxy);
	});
	afterEach(async () => {
		await host.close();
		await near.close();
		await proxy.stop();
		deployment.remove();
	});

	/** A session over the proxied link; `mishap` happens once, when the channel of the start is open. */
	const sessionWith = (mishap: (running: HostProcess) => HostProcess | undefined): Session => {
		let happened = false;
		const unlucky = new Proxy(host, {
			get: (real, name) => {
				const value = Reflect.get(real, name, real);
				if (name !== 'spawn') {
					return typeof value === 'function' ? value.bind(real) : value;
				}
				return async (...args: Parameters<Host['spawn']>) => {
					const running = await real.spawn(...args);
					if (!happened) {
						happened = true;
						return mishap(running) ?? running;
					}
					return running;
				};
			},
		});
		const target = { ...deployment.where, name: 'test', project: 'app', runbook: { variables: {}, procedures: [] } };
		return { host: unlucky, target, engine: createMemoryEngine(), readOnly: false } as unknown as Session;
	};
	// Read-only: nothing else is asked of the host before the start.
	const plan = () => deployment.plan([step('a', 'echo x >>ran')], { risk: 'read-only' });
	const ran = () => {
		const file = join(deployment.directory, 'ran');
		return existsSync(file) ? readFileSync(file, 'utf8') : '';
	};

	/** The start is cut off before the host has it. */
	const before = () => {
		proxy.reset();
		return undefined;
	};
	const start = (session: Session, unknown: Unknown) => startPlan(session, plan(), confirmed, undefined, unknown);

	test('before the host had it: it is asked by its id, started, and runs once', async () => {
		const said: string[] = [];
		const started = await start(sessionWith(before), { onUnknown: (run, reason) => said.push(`${run} ${reason}`) });
		expect(said[0]).toMatch(new RegExp(`^${started} .*link was lost`));
		await finish(near, deployment.where, started);
		expect(ran()).toBe('x\n');
		expect((await listRuns(near, deployment.where)).map((run) => run.id)).toEqual([started]);
	});

	test('before the host had it, and too long ago: it is said not to be started, and cannot start any more', async () => {
		const starting = start(sessionWith(before), { startWithinMs: -1 });
		const error = await starting.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(BackoutError);
		expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('was not started') });
		const run = (error as BackoutError).run ?? '';
		// As if the start had only been slow.
		await expect(
			startRun(near, { plan: plan(), who, reason: 'r', state: deployment.state, id: run }),
		).rejects.toMatchObject({ code: 'refused' });
		expect(ran()).toBe('');
		expect(await listRuns(near, deployment.where)).toEqual([]);
	});

	test.each([60_000, -1])('after the host had it: it is found, whenever it is asked (%s)', async (startWithinMs) => {
		// The host answers, but the link goes before anybody has heard it.
		const session = sessionWith((running) => ({
			...running,
			stdin: running.stdin,
			stdout: new PassThrough(),
			stderr: new PassThrough(),
			close: () => running.close(),
			end: (async () => {
				running.stdout.resume();
				running.stderr.resume();
				await running.end;
				proxy.reset();
				return { code: undefined, lost: true };
			})(),
		}));
		const said: string[] = [];
		const started = await start(session, { startWithinMs, onUnknown: (run) => said.push(run) });
		expect(said[0]).toBe(started);
		await finish(near, deployment.where, started);
		expect(ran()).toBe('x\n');
		expect((await listRuns(near, deployment.where)).map((run) => run.id)).toEqual([started]);
	});

	test('and does not come back: unknown, exit code 6, with the id to ask for', async () => {
		const session = sessionWith(() => {
			void proxy.stop();
			return undefined;
		});
		const error = await start(session, { askForMs: 3000 }).catch((reason: unknown) => reason);
		expect(error).toMatchObject({ code: 'outcome-unknown', next: expect.stringMatching(/backout attach 2/) });
		expect(exitCodeOf[(error as BackoutError).code]).toBe(6);
	});

	test('a start that is withdrawn while it is there is found', async () => {
		await startRun(near, { plan: plan(), who, reason: 'r', state: deployment.state, id });
		expect(await revokeStart(near, deployment.where, id)).toBe('there');
		expect(await revokeStart(near, deployment.where, '20261122T203501Z-0000ab')).toBe('withdrawn');
		await finish(near, deployment.where, id);
	});
});
