import type { EngineShell } from '../../engine/shell.ts';
import { programBefore } from '../../services/host/programs.ts';
import diskSpace from '../docker/disk-space.sh';
import engine from '../docker/engine.sh';
import groundChanged from '../docker/ground-changed.sh';
import list from '../docker/image-ids.sh';
import json from '../docker/json.sh';
import markedDocker from '../docker/marked-docker.sh';
import secondsOf from '../docker/seconds-of.sh';
import words from '../docker/words.sh';
import giveUpLock from './give-up-lock.sh';
import sharedLock from './shared-lock.sh';
import swarm from './swarm.sh';
import beside from './swarm-beside.sh';
import converge from './swarm-converge.sh';
import drop from './swarm-drop.sh';
import ground from './swarm-ground.sh';
import keep from './swarm-keep.sh';
import lock from './swarm-lock.sh';
import put from './swarm-put.sh';
import rollback from './swarm-rollback.sh';
import undo from './swarm-undo.sh';
import updates from './swarm-updates.sh';
import watched from './swarm-watched.sh';

/** The functions that scripts of a runbook call. They record deployments, too, as a restore point does. */
const functions = [words, engine, secondsOf, json, swarm, lock, converge, keep, put, rollback, updates, beside].join(
	'\n',
);

/** The shell functions and scripts of Docker Swarm. */
export const swarmShell: EngineShell = {
	scriptFunctions: functions,
	stepFunctions: [functions, groundChanged, ground].join('\n'),
	stepPrograms: { docker: programBefore(markedDocker) },
	watched,
	converged: 'say_converged',
	printGround: `${groundChanged}\n${ground}\nground\n`,
	sharedLock: [json, swarm, lock, sharedLock].join('\n'),
	giveUpLock: [json, swarm, lock, giveUpLock, 'give_up_shared_lock "$lost_run"'].join('\n'),
	redeployers: '',
	diskSpace: `${words}\n${diskSpace}`,
	freeSpace: 'docker image prune',
	restorePoint: {
		words: {
			all: 'the specification of every service with its configs, the images that this manager has, env files and stack files',
			noted: 'Records the commit and the specification of every service with its configs',
			later: 'env files, stack files and the images that this manager has',
		},
		keep,
		drop,
		list,
	},
	undo: {
		state: undo,
		differences: '',
		// look_swarm is there.
		looks: swarm,
		preconditions: {
			first: [
				{ id: 'swarm', title: 'The managers answer', call: 'look_swarm' },
				{ id: 'images', title: 'The earlier images can be had', call: 'look_images' },
			],
			last: [{ id: 'specs', title: 'Every earlier specification can be put back', call: 'look_specs', once: true }],
		},
		stop: {
			id: 'stop',
			title: 'Stop the services that it interrupts',
			summary: 'Scales them to 0, and waits until none of their tasks runs.',
			script: 'stop_interrupted',
			timeoutSeconds: 600,
		},
		steps: [
			{
				id: 'services',
				title: 'Put every service and node back',
				summary:
					'Gives each service that differs its whole specification of then, and waits until Docker has replaced its tasks; removes services that did not exist; gives nodes their availability of then.',
				script: 'put_services_back',
				timeoutSeconds: 3600,
			},
			{
				id: 'compare',
				title: 'Compare every service with the restore point',
				summary: 'Fails with the differences.',
				script: 'compare_with_point',
				timeoutSeconds: 120,
			},
		],
	},
};
