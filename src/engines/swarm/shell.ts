import type { EngineShell } from '../../engine/shell.ts';
import { programBefore } from '../../services/host/programs.ts';
import diskSpace from '../docker/disk-space.sh';
import markedDocker from '../docker/marked-docker.sh';
import words from '../docker/words.sh';
import base from './base.sh';

const functions = [words, base].join('\n');

const refuse = 'service_differences; exit 1';

/** The shell functions and scripts of Docker Swarm. */
export const swarmShell: EngineShell = {
	scriptFunctions: functions,
	stepFunctions: functions,
	stepPrograms: { docker: programBefore(markedDocker) },
	watched: base,
	printGround: 'ground\n',
	redeployers: '',
	diskSpace,
	freeSpace: 'docker image prune',
	restorePoint: { keep: base, drop: base, list: base },
	undo: {
		state: base,
		differences: base,
		looks: base,
		preconditions: { first: [{ id: 'point', title: 'The restore point has the stack', call: 'look_point' }], last: [] },
		stop: {
			id: 'stop',
			title: 'Stop the services that it interrupts',
			summary: 'Scales them to 0.',
			script: refuse,
			timeoutSeconds: 180,
		},
		steps: [
			{
				id: 'compare',
				title: 'Compare every service with the restore point',
				summary: 'Fails with the differences.',
				script: refuse,
				timeoutSeconds: 120,
			},
		],
	},
};
