import type { Engine, EngineTerms } from '../../engine/engine.ts';
import type { SocketMemory } from '../../engine/socket-memory.ts';
import type { Host } from '../../services/host/host.ts';
import { createDocker } from '../docker/docker.ts';
import { projectLabel } from '../docker/labels.ts';
import { readUsageOfAll } from '../docker/usage-of-all.ts';
import { type DeploymentTarget, identityOf } from './deployment.ts';
import { desiredAnswer } from './desired.ts';
import { createProjectName } from './project-name.ts';
import { deploymentOf, forgetModel, modelOf } from './read-model.ts';
import { composeShell } from './shell.ts';
import { shellIn } from './shell-in.ts';
import { readKept } from './undo/kept-containers.ts';

const termsOf = ({ project }: DeploymentTarget): EngineTerms => {
	const list = `docker ps -a --filter label=${projectLabel}=${project}`;
	return {
		name: 'Docker',
		asks: {
			instances: (services) => (services === undefined ? list : `${list}, services ${services.join(', ')}`),
			desired: () => `${list}; docker inspect; docker compose config`,
			images: (services) => `docker inspect of ${services.join(', ')}: their images`,
			logs: (service) => `docker logs of ${service}`,
		},
	};
};

const bySudo =
	'Docker is called by sudo. A docker command in progress cannot be stopped: cancelling the run waits for its end.';

/**
 * Docker Compose on a host, for one target. Finds a transport to Docker at the first call.
 *
 * @param memory where Docker's socket was last found: it is tried while the host is asked
 */
export const createComposeEngine = (host: Host, target: DeploymentTarget, memory?: SocketMemory): Engine => {
	const names = target.projectGiven ? undefined : createProjectName(host, target);
	const docker = createDocker(host, memory, names);
	return {
		kind: 'compose',
		project: target.project,
		terms: termsOf(target),
		shell: composeShell,
		clock: docker.clock,
		list: (signal) => docker.list(target.project, signal),
		inspect: docker.inspect,
		describe: async (id, signal) => {
			const described = await docker.describe(id, signal);
			if (described === undefined) {
				return undefined;
			}
			const { imageId } = described.instance;
			const [image, imageHistory] = await Promise.all([
				docker.inspectImage(imageId, signal),
				// All else is worth showing without it.
				docker.imageHistory(imageId, signal).catch(() => {
					signal?.throwIfAborted();
					return undefined;
				}),
			]);
			return {
				...described,
				...(image !== undefined && { image }),
				...(imageHistory !== undefined && { imageHistory }),
			};
		},
		image: docker.inspectImage,
		shellIn: (id) => shellIn(id, host.programs),
		events: (options) => docker.events(target.project, options),
		usage: docker.stats,
		usageOfAll: (ids, options) => readUsageOfAll(host, ids, options),
		logs: docker.logs,
		streams: docker.streams,
		desired: async (options) => desiredAnswer(await modelOf(host, target, options)),
		forgetDesired: () => forgetModel(host, target),
		deployment: async (options) => identityOf(await deploymentOf(host, target, options)),
		planChanges: async (question) => {
			// Loaded on demand: most commands plan nothing.
			const { planDeployment } = await import('./plan/deployment-plan.ts');
			const plan = await planDeployment(host, target, question);
			return host.programs?.sudo === true && question.procedure.steps.length > 0
				? { ...plan, notes: [...plan.notes, bySudo] }
				: plan;
		},
		readKept,
		reach: async (signal) => {
			const { kind, reason } = await docker.ready(signal);
			return { isDirect: kind === 'socket', reason };
		},
	};
};
