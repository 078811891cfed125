import { describe, expect, it } from 'vitest';
import { incidentNames, incidentOf } from '../../demo/deployment/incidents.ts';
import { createGuide } from '../../demo/guide.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import type { HintsSeen, PlanningStage } from '../../src/stores/onboarding-hints.ts';
import { createFakeWorkspace } from '../screens/fake-workspace.ts';
import { checks, night } from '../screens/made-up.ts';
import { openApp } from '../screens/open-app.tsx';

/** All of them: a new screen is missing here until it has its line. */
const everyPlace: Readonly<Record<HintsSeen['place'], true>> = {
	dashboard: true,
	procedure: true,
	undo: true,
	retry: true,
	run: true,
	checks: true,
	container: true,
	runs: true,
	history: true,
	logs: true,
};
const places = Object.keys(everyPlace) as HintsSeen['place'][];

const stages: readonly (PlanningStage | undefined)[] = [
	undefined,
	...(['choice', 'plan', 'refused', 'confirm', 'confirm-by-name', 'starting'] as const),
];

it.each(incidentNames)('what it says to try next fits into 80 columns, in front of %s', (name) => {
	const incident = incidentOf(name);
	if (incident === undefined) {
		throw new Error('no such incident');
	}
	const guide = createGuide(incident);
	const { workspace, stores } = createFakeWorkspace();
	const titled = {
		...workspace,
		procedures: [
			...workspace.procedures,
			...['rollback-image', incident.procedure].map((id) => ({
				id,
				title: id === incident.procedure ? 'Engine crash after a deployment' : id,
				group: '',
				when: '',
				risk: 'disruptive' as const,
				inputs: [],
				undoable: true,
			})),
		],
	};
	const said = places.flatMap((place) =>
		stages.flatMap((stage) =>
			[incident.procedure, 'rollback-image'].map((procedure) =>
				guide(titled, { place, procedure, ...(stage !== undefined && { stage }) }),
			),
		),
	);
	for (const procedure of [incident.procedure, 'rollback-image', undefined]) {
		stores.suggestion.set(procedure === undefined ? undefined : { procedure, why: '' });
		said.push(guide(titled, { place: 'dashboard' }));
	}
	stores.link.update((now) => ({ ...now, status: 'reconnecting' as const }) as typeof now);
	said.push(guide(titled, { place: 'dashboard' }));
	// The sign before it takes three cells.
	expect(said.filter((text) => text.length > 77)).toEqual([]);
});

it('says of each screen something else than of the dashboard', () => {
	const incident = incidentOf('crash');
	if (incident === undefined) {
		throw new Error('no such incident');
	}
	const guide = createGuide(incident);
	const { workspace } = createFakeWorkspace();
	const dashboard = guide(workspace, { place: 'dashboard' });
	const same = places.filter((place) => guide(workspace, { place, stage: 'plan', procedure: 'x' }) === dashboard);
	expect(same).toEqual(['dashboard']);
});

describe('on each screen on the way to a run it says what that screen asks', () => {
	const incident = incidentOf('crash');
	const toPlan = async (options: Parameters<typeof openApp>[0], ready: string, ...keys: readonly string[]) => {
		const app = await openApp({ ...options, columns: 80, rows: 24, ...(incident && { guide: createGuide(incident) }) });
		await app.terminal.press(...keys);
		await app.terminal.waitFor(ready);
		return { ...app, said: () => app.terminal.screen().at(-1) ?? '' };
	};

	it('the choices, the plan, and a question that Enter does not answer', async () => {
		const { terminal, said, arm, fake } = await toPlan({}, '4 choices', 'enter');
		expect(said()).toContain('j and k choose, enter goes on.');
		await terminal.press('enter');
		await terminal.waitFor('Nothing has changed yet.');
		expect(said()).toContain('enter asks once more');
		await terminal.press('enter');
		await terminal.waitFor('Start it now?');
		expect(said()).toContain('y starts it. Anything else is No');
		expect(said()).not.toContain('enter');
		await arm();
		await terminal.press('enter');
		await terminal.waitFor(() => said().includes('enter asks once more'));
		expect(fake.calls.some((call) => call.startsWith('start'))).toBe(false);
	});

	it('the name of the target, for what is destructive', async () => {
		const { terminal, said } = await toPlan(
			{},
			'Enter asks for the target’s name and a reason.',
			...['/', 'o', 'r', 'd', 'e', 'r', 's', 'enter', 'enter'],
		);
		await terminal.press('enter');
		await terminal.waitFor('Esc starts nothing');
		expect(said()).toContain('Type production, enter, a reason, enter: that starts it.');
	});

	it('a plan that is refused', async () => {
		const refused = (plan: Plan): Plan => ({
			...plan,
			preconditions: [{ id: 'disk', title: 'Room', state: 'failed', detail: '1 GiB free' }],
		});
		const { terminal, said } = await toPlan({ plan: refused }, '4 choices', 'enter');
		await terminal.press('enter');
		await terminal.waitFor('Refused');
		expect(said()).toContain('It is refused, and the plan says why.');
	});

	it('the keys that show a run again', async () => {
		const { terminal, said, arm } = await toPlan({}, '4 choices', 'enter');
		await terminal.press('enter');
		await terminal.waitFor('Nothing has changed yet.');
		await terminal.press('enter');
		await terminal.waitFor('Start it now?');
		await arm();
		await terminal.press('y');
		await terminal.waitFor('─ Steps');
		await terminal.press('esc');
		await terminal.waitFor('The run goes on');
		const [, number = ''] = /: (\d), then enter/.exec(said()) ?? [];
		await terminal.press(number, 'enter');
		await terminal.waitFor('─ Steps');
	});

	it('how long the checks have to pass, as this run asks', async () => {
		const { terminal, said, arm, fake } = await toPlan({}, '4 choices', 'enter');
		await terminal.press('enter');
		await terminal.waitFor('Nothing has changed yet.');
		await terminal.press('enter');
		await terminal.waitFor('Start it now?');
		await arm();
		await terminal.press('y');
		await terminal.waitFor('Running');
		const state = fake.runs[0]?.state;
		state?.run.update((now) => ({ ...now, state: 'succeeded' }));
		state?.verification.set({ ...checks(night, []), settleSeconds: 12 });
		await terminal.waitFor(() => said().includes('all checks pass together for 12 s'));
	});
});
