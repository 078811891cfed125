import type { PlanStep } from '../../../runbook/plan.ts';
import compareScript from './undo-compare.sh';
import createScript from './undo-create.sh';
import filesScript from './undo-files.sh';
import gitScript from './undo-git.sh';
import { undoLibrary } from './undo-preconditions.ts';
import servicesScript from './undo-services.sh';
import sinceScript from './undo-since.sh';
import statesScript from './undo-states.sh';
import stopScript from './undo-stop.sh';

const step = (id: string, title: string, script: string, summary: string, timeoutSeconds: number): PlanStep => ({
	id,
	title,
	kind: 'run',
	script: `${undoLibrary}\n${script}`,
	summary,
	timeoutSeconds,
});

/** A script that a step of the undone run left for its own undo: `NN-name.sh` and its text. */
export interface CustomUndo {
	readonly name: string;
	readonly script: string;
}

/** The steps of an undo that change something; what stands now has been kept before. The last custom script goes first. */
export const undoSteps = ({
	git,
	containers,
	custom,
}: {
	readonly git: boolean;
	readonly containers: boolean;
	readonly custom: readonly CustomUndo[];
}): readonly PlanStep[] => [
	...(containers && custom.length > 0
		? [
				step(
					'stop',
					'Stop the services that it interrupts',
					stopScript,
					'Stops them by their label; a later step starts them again if they were running before.',
					180,
				),
			]
		: []),
	...[...custom]
		.sort((a, b) => (a.name < b.name ? 1 : -1))
		.map(({ name, script }): PlanStep => {
			const id = name.replace(/\.sh$/, '');
			return {
				id: `undo-${id}`,
				title: `Run its own undo script: ${id}`,
				kind: 'run',
				script,
				timeoutSeconds: 1800,
			};
		}),
	...(git
		? [
				step(
					'git',
					'Restore commit, branch and local changes',
					gitScript,
					'git reset --keep to the saved commit, on its branch (or none); current local changes stay, and saved ones that are missing come back.',
					120,
				),
			]
		: []),
	step(
		'files',
		'Restore .env, Compose files and other saved files',
		filesScript,
		'Only those that differ; each is written beside the old one and renamed into place, with its saved mode.',
		120,
	),
	...(containers
		? [
				step(
					'since',
					'Remove containers that did not exist before',
					sinceScript,
					'Stops and removes them; one with an anonymous volume is stopped and kept. Their logs are kept.',
					300,
				),
				step(
					'services',
					'Restore image names and recreate containers that differ',
					`${createScript}\nput_states() (\n${statesScript}\n)\n${servicesScript}`,
					'Gives the saved images their names again; then docker compose up --no-start --no-build --force-recreate, with the saved Compose files, for each service whose container differs. Docker itself creates a container that Compose would not create like that.',
					900,
				),
				step(
					'states',
					'Restore the state of the containers',
					statesScript,
					'Starts what was running, stops what was stopped, and restores the restart policies.',
					600,
				),
				step(
					'compare',
					'Compare every container with the restore point',
					compareScript,
					'Compares image, command, environment, mounts, ports, networks and restart policy, as Docker reports them. Fails with the differences.',
					120,
				),
			]
		: []),
];
