import { messageOf } from '../../../runbook/errors.ts';
import type { Finding } from '../../../runbook/finding.ts';
import type { EngineLook } from '../../../services/doctor/engine-look.ts';
import type { Facts } from '../../../services/doctor/facts.ts';
import { hostFinding } from '../../../services/doctor/host-finding.ts';
import type { Host } from '../../../services/host/host.ts';
import checkDocker from '../../docker/check-docker.sh';
import { createDocker } from '../../docker/docker.ts';
import { judgeDockerAnd } from '../../docker/judge-docker.ts';
import { transportFinding } from '../../docker/transport-finding.ts';
import { createSwarmEngine } from '../engine.ts';
import { readInfo } from '../snapshot.ts';
import checkSwarm from './check-swarm.sh';

const judgeSwarm = (facts: Facts): readonly Finding[] => {
	const said = facts.one('swarm');
	if (said === undefined) {
		return [];
	}
	const [state, isManager, name = 'the host'] = said.split(' ');
	const found =
		state !== 'active'
			? `${name} is in no swarm (${state})`
			: isManager === 'true'
				? `${name} is a manager`
				: `${name} is a worker of the swarm and no manager`;
	return [
		state === 'active' && isManager === 'true'
			? hostFinding('swarm', 'Swarm', 'ok', found)
			: hostFinding(
					'swarm',
					'Swarm',
					'failed',
					found,
					'Set host of this target to a manager: docker node ls lists them.',
				),
	];
};

/** Looks whether a worker can tell the usage of its tasks. A manager can, too. */
const lookAtWorker = async (host: Host, signal: AbortSignal): Promise<Finding> => {
	const finding = (state: 'ok' | 'warn', found: string, fix?: string) =>
		hostFinding('worker', 'Worker', state, found, fix);
	try {
		const { Name: name = 'the host', Swarm: swarm = {} } = await readInfo(createDocker(host), signal);
		return swarm.LocalNodeState === 'active'
			? finding('ok', `${name} is a node of a swarm, and tells the CPU and memory of its tasks`)
			: finding('warn', `${name} is in no swarm`, 'Set workers of this target to nodes of its swarm: docker node ls.');
	} catch (error) {
		signal.throwIfAborted();
		return finding('warn', messageOf(error), 'Without it the CPU and memory of its tasks are unknown.');
	}
};

/** The questions of `doctor` to Docker, to the swarm and about the stack. */
export const swarmLook: EngineLook = {
	tools: { docker: 'docker.io' },
	script: `${checkDocker}\n${checkSwarm}`,
	rooms: { docker: ['Disk space for images', 'Free space: docker image prune.'] },
	judge: (facts) => judgeDockerAnd(facts, judgeSwarm),
	deployment: async (host, target, signal) => {
		const engine = createSwarmEngine(host, target);
		const { unknown } = await engine.deployment({ signal });
		const { desired, unreadable = '' } =
			unknown === undefined ? await engine.desired({ signal }) : { unreadable: unknown };
		const finding =
			desired === undefined
				? hostFinding(
						'stack',
						'Stack',
						unknown === undefined ? 'failed' : 'unknown',
						unreadable,
						`Check it on a manager: docker stack services ${target.project}; or set project of this target.`,
					)
				: hostFinding('stack', 'Stack', 'ok', `${target.project}, ${desired.services.length} services`);
		return { hasFolder: true, findings: [finding] };
	},
	reach: transportFinding,
	worker: lookAtWorker,
};
