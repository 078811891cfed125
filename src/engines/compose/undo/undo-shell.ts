import type { UndoShell } from '../../../engine/shell.ts';
import containerFacts from '../container-facts.sh';
import networksAndVolumes from '../networks-and-volumes.sh';
import compareScript from './undo-compare.sh';
import looks from './undo-container-looks.sh';
import state from './undo-container-state.sh';
import createScript from './undo-create.sh';
import createdSinceScript from './undo-created-since.sh';
import createdState from './undo-created-state.sh';
import differences from './undo-service-differences.sh';
import servicesScript from './undo-services.sh';
import sinceScript from './undo-since.sh';
import statesScript from './undo-states.sh';
import stopScript from './undo-stop.sh';

/** Restores images and containers from what keep-images.sh saved. */
export const undoShell: UndoShell = {
	state: [containerFacts, networksAndVolumes, state, createdState].join('\n'),
	differences,
	looks,
	preconditions: {
		first: [
			{ id: 'docker', title: 'Docker answers', call: 'look_docker' },
			{ id: 'images', title: 'The earlier images still exist', call: 'look_images' },
		],
		last: [{ id: 'compose', title: 'Compose can create the earlier containers', call: 'look_compose', once: true }],
	},
	stop: {
		id: 'stop',
		title: 'Stop the services that it interrupts',
		script: stopScript,
		summary: 'Stops them by their label; a later step starts them again if they were running before.',
		timeoutSeconds: 180,
	},
	steps: [
		{
			id: 'since',
			title: 'Remove containers that did not exist before',
			script: sinceScript,
			summary: 'Stops and removes them; one with an anonymous volume is stopped and kept. Their logs are kept.',
			timeoutSeconds: 300,
		},
		{
			id: 'services',
			title: 'Restore image names and recreate containers that differ',
			script: `${createScript}\nput_states() (\n${statesScript}\n)\n${servicesScript}`,
			summary:
				'Gives the saved images their names again; then docker compose up --no-start --no-build --force-recreate, with the saved Compose files, for each service whose container differs. Docker itself creates a container that Compose would not create like that.',
			timeoutSeconds: 900,
		},
		{
			id: 'states',
			title: 'Restore the state of the containers',
			script: statesScript,
			summary: 'Starts what was running, stops what was stopped, and restores the restart policies.',
			timeoutSeconds: 600,
		},
		{
			id: 'created-since',
			title: 'Remove networks and empty volumes that did not exist before',
			script: createdSinceScript,
			summary: 'Removes them where no container uses them. A volume with files in it is kept.',
			timeoutSeconds: 300,
		},
		{
			id: 'compare',
			title: 'Compare every container with the restore point',
			script: compareScript,
			summary:
				'Compares image, command, environment, mounts, ports, networks and restart policy, as Docker reports them. Fails with the differences.',
			timeoutSeconds: 120,
		},
	],
};
