import type { EngineShell } from '../../engine/shell.ts';
import diskSpace from '../docker/disk-space.sh';
import groundChanged from '../docker/ground-changed.sh';
import json from '../docker/json.sh';
import secondsOf from '../docker/seconds-of.sh';
import words from '../docker/words.sh';
import clusterCommand from './cluster.sh';
import giveUpLock from './give-up-lock.sh';
import kubectl from './kubectl.sh';
import kubernetes from './kubernetes.sh';
import converge from './kubernetes-converge.sh';
import difference from './kubernetes-difference.sh';
import drop from './kubernetes-drop.sh';
import ground from './kubernetes-ground.sh';
import helm from './kubernetes-helm.sh';
import list from './kubernetes-images.sh';
import keep from './kubernetes-keep.sh';
import lock from './kubernetes-lock.sh';
import nodes from './kubernetes-nodes.sh';
import patch from './kubernetes-patch.sh';
import rollback from './kubernetes-rollback.sh';
import settings from './kubernetes-settings.sh';
import undo from './kubernetes-undo.sh';
import watched from './kubernetes-watched.sh';
import settingsSince from './settings-since.sh';
import sharedLock from './shared-lock.sh';
import { lockFunctions } from './shared-lock.ts';
import whoChanged from './who-changed.sh';

/** The functions that scripts of a runbook call. They record deployments, too, as a restore point does. */
const functions = [
	words,
	secondsOf,
	json,
	kubectl,
	clusterCommand,
	kubernetes,
	lock,
	whoChanged,
	settings,
	keep,
	settingsSince,
	converge,
	patch,
	rollback,
	difference,
	helm,
	nodes,
].join('\n');

/** The shell functions and scripts of Kubernetes. */
export const kubernetesShell: EngineShell = {
	scriptFunctions: functions,
	stepFunctions: [functions, groundChanged, ground].join('\n'),
	stepPrograms: {},
	watched,
	converged: 'say_converged',
	printGround: `${groundChanged}\n${ground}\nground\n`,
	sharedLock: [lockFunctions, sharedLock].join('\n'),
	giveUpLock: [lockFunctions, giveUpLock, 'give_up_shared_lock "$lost_run"'].join('\n'),
	// Twice lock_renewed and 5 s (kubernetes-lock.sh).
	giveUpLockLooks: 45,
	redeployers: 'who_reverts 2>/dev/null\n',
	diskSpace: `${words}\n${diskSpace}`,
	freeSpace: 'journalctl --vacuum-size=200M; backout prune',
	restorePoint: {
		words: {
			all: 'the whole of every workload with the ConfigMaps and Secrets it names, the digests of the images that run, and the manifests that the config names',
			noted: 'Records the commit and the whole of every workload with the ConfigMaps and Secrets it names',
			later: 'the digests of the images that run, and the manifests that the config names',
		},
		keep,
		drop,
		list,
	},
	undo: {
		state: undo,
		differences: '',
		// look_cluster is there.
		looks: kubernetes,
		preconditions: {
			first: [
				{ id: 'cluster', title: 'The API server answers', call: 'look_cluster' },
				{ id: 'rights', title: 'The workloads may be changed', call: 'look_rights' },
			],
			last: [{ id: 'specs', title: 'The earlier specifications are kept', call: 'look_kept', once: true }],
		},
		stop: {
			id: 'stop',
			title: 'Stop the workloads that it interrupts',
			summary: 'Scales them to 0, and waits until none of their pods runs.',
			script: 'stop_interrupted',
			timeoutSeconds: 600,
		},
		steps: [
			{
				id: 'workloads',
				title: 'Put every workload, setting and node back',
				summary:
					'Gives each workload that differs its whole specification of then, and its ConfigMaps and Secrets their content of then; removes workloads that did not exist; lets nodes take pods as then.',
				script: 'put_workloads_back',
				timeoutSeconds: 3600,
			},
			{
				id: 'compare',
				title: 'Compare every workload with the restore point',
				summary: 'Fails with the differences.',
				script: 'compare_with_point',
				timeoutSeconds: 120,
			},
		],
	},
};
