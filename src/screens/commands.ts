import { isUnfinished } from '../runbook/run.ts';
import type { TargetChoice } from '../stores/fleet.ts';
import type { Workspace } from '../stores/workspace.ts';
import { fleetCommands } from './fleet-commands.ts';
import type { Navigation } from './navigation.ts';
import type { Command } from './overlays/palette.tsx';
import { mayUndo } from './runs/may-undo.ts';
import { writeReport } from './use-report.ts';

const logsCommand = (
	services: readonly string[],
	about: string,
	navigation: Navigation,
	name = `logs ${services.join(' ')}`,
): Command => ({
	name,
	about,
	run: () => {
		if (services.length > 0) {
			navigation.go({ kind: 'logs', services });
		}
	},
});

/** Returns the command for typed words such as `logs engine postgres`, which cannot be listed, since any services may be combined. */
export const typedCommand = (workspace: Workspace, navigation: Navigation, text: string): Command | undefined => {
	const known = new Set((workspace.readings.containers.get().value ?? []).map(({ service }) => service));
	const [verb, ...names] = text.trim().split(/\s+/);
	return verb === 'logs' && names.length > 1 && names.every((name) => known.has(name))
		? logsCommand([...new Set(names)], 'their logs, together', navigation)
		: undefined;
};

/** All commands of the palette: places first, then procedures, then single runs. A procedure opens its plan; nothing here changes the host by itself. */
export const commandsFor = (
	workspace: Workspace,
	navigation: Navigation,
	targets: readonly TargetChoice[],
): Command[] => {
	const services = new Set((workspace.readings.containers.get().value ?? []).map(({ service }) => service));
	const runs = workspace.readings.runs.get() ?? [];
	return [
		{ name: 'runs', about: 'the journal', run: () => navigation.go({ kind: 'runs' }) },
		{ name: 'history', about: 'what was deployed, whoever did it', run: () => navigation.go({ kind: 'history' }) },
		...fleetCommands(targets, workspace.target.name, {
			target: navigation.toTarget,
			targets: navigation.toTargets,
			compare: navigation.compare,
		}),
		...[...services].map((service) => logsCommand([service], 'its log, on the whole screen', navigation)),
		logsCommand([...services], 'the logs of all services', navigation, 'logs'),
		...workspace.procedures.map(({ id, title, risk }) => ({
			name: id,
			about: `${title}, ${risk}`,
			...(risk === 'destructive' && { destructive: true }),
			run: () => {
				navigation.home();
				navigation.go({ kind: 'procedure', procedure: id });
			},
		})),
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
			.filter((run) => mayUndo(run, workspace.procedures))
			.map(({ id, title }) => ({
				name: `undo ${id}`,
				about: `plan the undo of ${title}`,
				run: () => navigation.go({ kind: 'undo', run: id, title }),
			})),
		...runs.filter(isUnfinished).map(({ id, title }) => ({
			name: `retry ${id}`,
			about: `plan ${title} again from where it stopped`,
			run: () => navigation.go({ kind: 'retry', run: id, title }),
		})),
		{
			name: 'refresh',
			about: 'refresh everything, reconnect at once',
			run: () => {
				workspace.actions.refresh();
				navigation.tell('Refreshing…');
			},
		},
		{ name: 'help', about: 'all keys', run: () => navigation.open({ kind: 'help' }) },
		{ name: 'quit', about: 'leave; runs continue on the host', run: navigation.leave },
	];
};
