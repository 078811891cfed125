import { expect, test } from 'vitest';
import type { RunVerdict } from '../../src/runbook/run.ts';
import { maskDeep } from '../../src/runbook/secrets-deep.ts';
import type { Host } from '../../src/services/host/host.ts';
import { appendVerdict, listRuns, readRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

test('the last verdict counts', async () => {
	const plan = deployment.plan([step('a', 'true')]);
	const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state });
	const { run } = await finish(host, deployment.where, id);
	expect(run.verified).toBeUndefined();
	const verdict = { at: 1, by: who, reason: 'it\'s "up"\n', checks: [] };
	await appendVerdict(host, deployment.where, id, maskDeep<RunVerdict>({ ...verdict, verdict: 'failed' }));
	await appendVerdict(host, deployment.where, id, maskDeep<RunVerdict>({ ...verdict, verdict: 'passed' }));
	expect((await readRun(host, deployment.where, id)).verified).toEqual({ ...verdict, verdict: 'passed' });
	expect((await listRuns(host, deployment.where))[0]?.verdict).toBe('passed');
});
