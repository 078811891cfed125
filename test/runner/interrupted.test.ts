import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineOf } from '../../src/application/fleet/choose-engine.ts';
import { makePlan, objection } from '../../src/application/plans/make-plan.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import type { ProcedureDefinition, Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { type Deployment, localHost, makeDeployment } from './fixture.ts';

let deployment: Deployment;
let host: Host;

beforeEach(() => {
	deployment = makeDeployment();
	host = localHost();
});
afterEach(async () => {
	await host.close();
	deployment.remove();
});

const planWith = (interruptsScript: string) => {
	const procedure: ProcedureDefinition = {
		id: 'restart',
		title: 'Restart',
		group: '',
		when: '',
		risk: 'read-only',
		inputs: [
			{
				name: 'restarted',
				title: 'Service',
				type: 'service',
				preset: 'first',
				choices: 'printf "web\\n"',
				resolve: undefined,
			},
		],
		preconditions: [],
		previews: [],
		steps: [],
		interrupts: [],
		interruptsScript,
		restorePoint: false,
		verify: [],
		notes: [],
	};
	const target = {
		...deployment.where,
		name: 'test',
		host: 'local',
		project: 'app',
		readOnly: false,
		ssh: {},
		runs: defaultRunLimits,
		runbook: {
			title: '',
			variables: {},
			procedures: [procedure],
			verification: { checks: [], settleMs: 0, deadlineMs: 0 },
		},
	} as unknown as Target;
	return makePlan({ host, target, engine: engineOf(host, target) }, 'restart');
};

test('a plan says what is interrupted by what was chosen', async () => {
	const plan = await planWith('echo "$restarted"; echo sidecar; echo "$restarted"');
	expect(plan.interrupts).toEqual(['web', 'sidecar']);
	expect(objection(plan)).toBeUndefined();
});

test.each([
	[
		'its script fails',
		'echo web; echo "Docker does not answer" >&2; exit 1',
		/What it interrupts is known \(Docker does not answer\)/,
	],
	['it names nothing', 'true', /What it interrupts is known \(its script names no service\)/],
])('a plan of which nobody knows what it interrupts cannot start: %s', async (_, script, why) => {
	const plan = await planWith(script);
	expect(plan.interrupts).toEqual([]);
	expect(objection(plan)?.message).toMatch(why);
});
