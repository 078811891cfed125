import { expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { completeManualStep } from '../../src/application/runs/complete-manual-step.ts';
import { type Run, waitsFor } from '../../src/runbook/run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { cancelRun, completeStep, followRun, listRuns, readRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';
import { describeShells, hostWithShell, type Shell } from './shells.ts';

const manual = (id: string, text: string, more = {}) =>
	step(id, '', { kind: 'manual', text, timeoutSeconds: 3600, ...more });

const aManualStep = (shell: Shell) => {
	let deployment: Deployment;
	let host: Host;

	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
		},
		(made) => hostWithShell(shell, made),
	);

	const start = (steps: Parameters<Deployment['plan']>[0]) =>
		startRun(host, { plan: deployment.plan(steps), who, reason: 'r', state: deployment.state, graceSeconds: 1 });

	/** The run as it stands when it waits at this step. */
	const untilWaiting = async (id: string, number: number): Promise<Run> => {
		const enough = new AbortController();
		let found: Run | undefined;
		await followRun(host, deployment.where, id, {
			signal: enough.signal,
			onRun: (run) => {
				if (waitsFor(run)?.number === number) {
					found = run;
					enough.abort();
				}
			},
		}).catch((error: unknown) => {
			if (!enough.signal.aborted) {
				throw error;
			}
		});
		if (found === undefined) {
			throw new Error(`the run ended without waiting at step ${number}`);
		}
		return found;
	};

	test('waits on the host with nobody attached, goes on when it is done, and keeps who said so', async () => {
		const { id } = await start([
			manual('unplug', `Pull the plug; it's "red" $(id) \\n.\nThen plug it in.`),
			step('after', 'echo after'),
		]);
		const waiting = await untilWaiting(id, 1);
		expect(waitsFor(waiting)).toMatchObject({ number: 1, step: 'unplug', text: expect.stringContaining('red') });
		const [listed] = await listRuns(host, deployment.where);
		expect(listed).toMatchObject({ id, state: 'running', waits: `Pull the plug; it's "red" $(id) \\n.` });
		const mara = { user: 'mara', machine: `d'esk "1"` };
		await completeStep(host, deployment.where, id, {
			step: 1,
			answer: 'done',
			who: mara,
			reason: `it was $(loose) \\ "ü"`,
		});
		const { run, output } = await finish(host, deployment.where, id);
		expect((await listRuns(host, deployment.where))[0]).not.toHaveProperty('waits');
		expect(run.state).toBe('succeeded');
		expect(run.steps[0]).toMatchObject({
			state: 'succeeded',
			answer: { answer: 'done', who: mara, reason: `it was $(loose) \\ "ü"` },
		});
		expect(run.steps[0]?.answer?.at).toBeGreaterThanOrEqual(run.startedAt);
		expect(output).toBe(
			`Pull the plug; it's "red" $(id) \\n.\nThen plug it in.\ndone, says mara@d'esk "1": it was $(loose) \\ "ü"\nafter\n`,
		);
	});

	test('given up stops the run there; of two answers the first counts', async () => {
		const { id } = await start([manual('look', 'Look.'), step('after', 'echo after')]);
		await untilWaiting(id, 1);
		const said = (answer: 'done' | 'gave-up', user: string) =>
			completeStep(host, deployment.where, id, { step: 1, answer, who: { user, machine: 'm' }, reason: '' });
		const both = await Promise.allSettled([said('gave-up', 'ana'), said('gave-up', 'ben')]);
		const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
		expect(refused).toHaveLength(1);
		expect(refused[0]).toMatchObject({ code: 'refused' });
		const { run } = await finish(host, deployment.where, id);
		expect(run).toMatchObject({ state: 'failed', exitCode: 1 });
		expect(run.steps.map(({ state }) => state)).toEqual(['failed', 'skipped']);
		expect(run.steps[0]?.answer?.answer).toBe('gave-up');
		await expect(said('done', 'cleo')).rejects.toMatchObject({ code: 'refused' });
	});

	test('an answer goes to the step that waits, and to no other', async () => {
		const { id } = await start([manual('one', 'One.'), manual('two', 'Two.')]);
		await untilWaiting(id, 1);
		await expect(
			completeStep(host, deployment.where, id, { step: 2, answer: 'done', who, reason: '' }),
		).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('step 2') });
		const session = { host, target: { ...deployment.where, name: 'test' }, readOnly: false } as unknown as Session;
		await expect(
			completeManualStep({ ...session, readOnly: true }, id, { answer: 'done', reason: '' }),
		).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('read-only'),
		});
		await completeManualStep(session, id, { answer: 'done', reason: 'password=hunter2\nand more', step: 1 });
		const waiting = await untilWaiting(id, 2);
		expect(waiting.steps[0]?.answer?.reason).toMatch(/^password=••••[0-9a-f]{4}/);
		await expect(completeManualStep(session, id, { answer: 'done', reason: '', step: 1 })).rejects.toMatchObject({
			code: 'refused',
		});
		await completeManualStep(session, id, { answer: 'done', reason: '' });
		expect((await finish(host, deployment.where, id)).run.state).toBe('succeeded');
	});

	test('a step that nobody answers times out; one that waits can be cancelled', async () => {
		const { id } = await start([manual('soon', 'Quick!', { timeoutSeconds: 1 })]);
		expect((await finish(host, deployment.where, id)).run).toMatchObject({ state: 'timed-out', exitCode: 124 });
		const second = await start([manual('never', 'Wait.')]);
		await untilWaiting(second.id, 1);
		expect(await cancelRun(host, deployment.where, second.id, { who })).toMatchObject({ outcome: 'cancelled' });
		expect((await readRun(host, deployment.where, second.id)).steps[0]?.state).toBe('cancelled');
	});
};
describeShells('a manual step under %s', aManualStep, ['busybox']);
