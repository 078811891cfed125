import { expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { followToVerdict } from '../../src/application/runs/follow-to-verdict.ts';
import { startPlan } from '../../src/application/runs/run-plan.ts';
import { type Deployment, eachDeployment, finish, readOnlySession, step } from './fixture.ts';

let deployment: Deployment;
let session: Session;
const told: string[] = [];

eachDeployment((opened) => {
	({ deployment } = opened);
	told.length = 0;
	session = {
		...readOnlySession(deployment, opened.host),
		readOnly: false,
		startedRuns: new Set(),
		notify: ({ event }: { event: string }) => told.push(event),
	} as unknown as Session;
});

/** Starts a run, and waits for its end without the session. */
const startAndEnd = async (): Promise<string> => {
	const plan = deployment.plan([step('a', 'true')], { risk: 'read-only' });
	const id = await startPlan(session, plan, { yes: true, reason: 'r' });
	await finish(session.host, deployment.where, id);
	return id;
};

test('the end of a run that is over before it can be followed is told to whoever started it, once', async () => {
	const id = await startAndEnd();
	await followToVerdict(session, id, {});
	expect(told).toEqual(['ended']);
	await followToVerdict(session, id, {});
	expect(told).toEqual(['ended']);
});

test('it is not told to another', async () => {
	const id = await startAndEnd();
	await followToVerdict({ ...session, startedRuns: new Set() }, id, {});
	expect(told).toEqual([]);
});
