import type { Engine } from '../../engine/engine.ts';
import { composeLook } from '../../engines/compose/doctor/compose-look.ts';
import { createComposeEngine } from '../../engines/compose/engine.ts';
import { engineVariables as composeVariables } from '../../engines/compose/variables.ts';
import { kubernetesLook } from '../../engines/kubernetes/doctor/kubernetes-look.ts';
import { createKubernetesEngine } from '../../engines/kubernetes/engine.ts';
import { swarmLook } from '../../engines/swarm/doctor/swarm-look.ts';
import { createSwarmEngine } from '../../engines/swarm/engine.ts';
import { whyNotManager } from '../../engines/swarm/manager.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { EngineLook } from '../../services/doctor/engine-look.ts';
import { rememberedSocket } from '../../services/files/remembered-socket.ts';
import type { Refuses } from '../../services/host/first-that-answers.ts';
import type { Host } from '../../services/host/host.ts';
import type { OtherHosts } from '../../services/host/other-hosts.ts';
import type { EngineSurvey } from '../../services/survey/engine-survey.ts';

// The only place that knows which engine runs a target: the one that its config names.

/** Binds a target's engine to the host, and to its other hosts, without a request. */
export const engineOf = (
	host: Host,
	target: Target,
	env: NodeJS.ProcessEnv = process.env,
	others?: OtherHosts,
): Engine => {
	if (target.engine === 'kubernetes') {
		return createKubernetesEngine(host, target);
	}
	// It is not known yet which of several hosts answers.
	const memory = target.hosts === undefined ? rememberedSocket(host.name, env) : undefined;
	return target.engine === 'swarm'
		? createSwarmEngine(host, target, memory, others)
		: createComposeEngine(host, target, memory);
};

/** Returns the reason why one of several hosts of a target cannot answer for it; undefined when it can. */
export const whyNotHost: Refuses = whyNotManager;

/** Returns the questions of `doctor` to a target's engine. */
export const engineLookOf = (target: Target): EngineLook =>
	target.engine === 'kubernetes' ? kubernetesLook(target) : target.engine === 'swarm' ? swarmLook : composeLook;

/** Loads the questions of `init`, the only command that needs them: no target says yet which engine runs it. */
export const loadEngineSurveys = async (): Promise<readonly [EngineSurvey, ...EngineSurvey[]]> => {
	const [{ composeSurvey }, { swarmSurvey }, { kubernetesSurvey }] = await Promise.all([
		import('../../engines/compose/survey/compose-survey.ts'),
		import('../../engines/swarm/survey/swarm-survey.ts'),
		import('../../engines/kubernetes/survey/kubernetes-survey.ts'),
	]);
	return [composeSurvey, swarmSurvey, kubernetesSurvey];
};

/** Names of the variables of this machine's environment that change which engine is used. */
export const engineVariables: readonly string[] = composeVariables;
