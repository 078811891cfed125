import type { EngineLook } from '../../../services/doctor/engine-look.ts';
import checkDocker from '../../docker/check-docker.sh';
import { transportFinding } from '../../docker/transport-finding.ts';
import { findDeployment } from '../deployment.ts';
import checkCompose from './check-compose.sh';
import { judgeDeployment } from './judge-deployment.ts';
import { judgeEngine } from './judge-engine.ts';

/** The questions of `doctor` to Docker, to Compose and about the deployment. */
export const composeLook: EngineLook = {
	tools: { docker: 'docker.io' },
	script: `${checkDocker}\n${checkCompose}`,
	rooms: {
		docker: [
			'Disk space for images',
			'Free space: docker builder prune; docker image prune (restore points are pinned by tags and stay).',
		],
	},
	judge: judgeEngine,
	deployment: async (host, target, signal) => {
		const deployment = await findDeployment(host, target, signal);
		return { hasFolder: deployment.hasFolder, findings: judgeDeployment(deployment, target) };
	},
	reach: transportFinding,
};
