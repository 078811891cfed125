import { isUnfinished } from '../runbook/run.ts';
import type { Workspace } from '../stores/workspace.ts';
import type { DashboardModel } from './dashboard/model.ts';
import type { Navigation } from './navigation.ts';
import type { Command } from './overlays/palette.tsx';
import type { TargetChoice } from './target-choice.ts';
import { writeReport } from './use-report.ts';

/** All commands of the palette. A procedure opens its plan; nothing here changes the host by itself. */
export const commandsFor = (
	workspace: Workspace,
	model: DashboardModel,
	navigation: Navigation,
	targets: readonly TargetChoice[],
): Command[] => {
	const services = new Set((workspace.readings.containers.get().value ?? []).map(({ service }) => service));
	const runs = workspace.readings.runs.get() ?? [];
	return [
		...workspace.procedures.map(({ id, title, risk }) => ({
			name: id,
			about: `${title}, ${risk}`,
			run: () => {
				navigation.home();
				navigation.go({ kind: 'procedure', procedure: id });
			},
		})),
		...targets.map(({ name, host }) => ({
			name: `target ${name}`,
			about: `show ${host}`,
			run: () => navigation.switchTarget(name),
		})),
		{ name: 'targets', about: 'choose a target', run: () => navigation.open({ kind: 'targets' }) },
		...[...services].map((service) => ({
			name: `log ${service}`,
			about: 'follow its log',
			run: () => {
				navigation.home();
				model.followLog(service);
				model.change({ focus: 'output' });
			},
		})),
		{ name: 'runs', about: 'the journal', run: () => navigation.go({ kind: 'runs' }) },
		...runs.map(({ id, title, state }) => ({
			name: `attach ${id}`,
			about: `${title}, ${state}`,
			run: () => navigation.attach(id),
		})),
		...runs.map(({ id, title, state }) => ({
			name: `report ${id}`,
			about: `write the report of ${title}, ${state}, to a file`,
			run: () => void writeReport(id, workspace.actions, navigation),
		})),
		...runs
			.filter(({ state }) => state !== 'running')
			.map(({ id, title }) => ({
				name: `undo ${id}`,
				about: `plan the way back of ${title}`,
				run: () => navigation.go({ kind: 'undo', run: id, title }),
			})),
		...runs.filter(isUnfinished).map(({ id, title }) => ({
			name: `retry ${id}`,
			about: `plan ${title} again from where it stopped`,
			run: () => navigation.go({ kind: 'retry', run: id, title }),
		})),
		{
			name: 'refresh',
			about: 'look at everything again, reconnect at once',
			run: () => {
				workspace.actions.refresh();
				navigation.tell('Looking at everything again.');
			},
		},
		{ name: 'help', about: 'all keys', run: () => navigation.open({ kind: 'help' }) },
		{ name: 'quit', about: 'leave; runs go on on the host', run: () => navigation.open({ kind: 'leave' }) },
	];
};
