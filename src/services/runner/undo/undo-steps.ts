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
					'Stops them by their label; they are started again below if they ran then.',
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
				title: `Undo what its own step noted: ${id}`,
				kind: 'run',
				script,
				timeoutSeconds: 1800,
			};
		}),
	...(git
		? [
				step(
					'git',
					'Put commit, branch and local changes back',
					gitScript,
					'git reset --keep to the kept commit, on the branch of then (or none); local changes stay, those of then that are gone come back.',
					120,
				),
			]
		: []),
	step(
		'files',
		'Put .env, Compose files and other kept files back',
		filesScript,
		'Only those that differ; each is written beside and renamed into place, with its mode of then.',
		120,
	),
	...(containers
		? [
				step(
					'since',
					'Take containers away that were not there then',
					sinceScript,
					'Stops and removes them; one with an anonymous volume is stopped and kept. Their logs are kept.',
					300,
				),
				step(
					'services',
					'Put image names back and make containers again that differ',
					`${createScript}\nput_states() (\n${statesScript}\n)\n${servicesScript}`,
					'Gives the kept images their names again; docker compose up --no-start --no-build --force-recreate, with the Compose files of then, for each service whose container differs; one that Compose would not make like that Docker creates as it was created.',
					900,
				),
				step(
					'states',
					'Put the state of the containers back',
					statesScript,
					'What ran then is started, what stood still is stopped; restart policies are those of then.',
					600,
				),
				step(
					'compare',
					'Compare every container with the one of then',
					compareScript,
					'By what Docker says of image, command, environment, mounts, ports, networks and restart policy. Fails with what differs.',
					120,
				),
			]
		: []),
];
