import { expect, it } from 'vitest';
import { incidentNames, incidentOf } from '../../demo/deployment/incidents.ts';
import { createGuide } from '../../demo/guide.ts';
import type { HintsSeen } from '../../src/stores/onboarding-hints.ts';
import { createFakeWorkspace } from '../screens/fake-workspace.ts';

const places: readonly HintsSeen['place'][] = [
	...(['dashboard', 'procedure', 'undo', 'retry', 'run', 'checks', 'container', 'runs', 'logs'] as const),
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
	const said = places.flatMap((place) => [
		guide(titled, { place, procedure: incident.procedure }),
		guide(titled, { place, procedure: 'rollback-image' }),
	]);
	for (const procedure of [incident.procedure, 'rollback-image', undefined]) {
		stores.suggestion.set(procedure === undefined ? undefined : { procedure, why: '' });
		said.push(guide(titled, { place: 'dashboard' }));
	}
	stores.link.update((now) => ({ ...now, status: 'reconnecting' as const }) as typeof now);
	said.push(guide(titled, { place: 'dashboard' }));
	// The sign before it takes three cells.
	expect(said.filter((text) => text.length > 77)).toEqual([]);
});
