import type { DeploymentPlan, DeploymentQuestion } from '../../engine/deployment.ts';
import type { PlanChange, Precondition } from '../../runbook/plan.ts';
import { isEmergency } from '../../runbook/risk.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { gitAsOwner } from '../../services/runner/host/git-as-owner.ts';
import type { StackIdentity } from './deployment.ts';
import { imageOf, isJob, serviceName } from './names.ts';
import { wantedTasks } from './nodes.ts';
import { swarmShell } from './shell.ts';
import type { Snapshot, SnapshotReader } from './snapshot.ts';

const cleared = { id: 'deployment', title: 'The stack is identified' };

/** The precondition that it is clear what is deployed, and that the node that answers may change it. */
const clear = ({ project, unknown, services }: StackIdentity): Precondition =>
	unknown !== undefined
		? { ...cleared, state: 'unknown', detail: unknown }
		: services === 0
			? { ...cleared, state: 'failed', detail: `the swarm has no service of the stack ${project}` }
			: { ...cleared, state: 'passed', detail: `stack ${project}, ${services} services` };

/** Returns an input's file that the plan rests on. */
const groundFileOf = ({ procedure, chosen }: DeploymentQuestion): string | undefined =>
	procedure.inputs
		.filter(({ type }) => type === 'file')
		.map(({ name }) => chosen[name]?.replace(/^env:/, ''))
		.find((value) => value?.startsWith('/'));

/** Reads what the plan rests on, on the host, in the form in which the first step of its run compares it. */
const readGround = async (
	host: Host,
	directory: string,
	environment: Readonly<Record<string, string>>,
	signal: AbortSignal | undefined,
): Promise<string> => {
	const { stdout } = await runScript(host, swarmShell.printGround, {
		purpose: 'say what is deployed',
		prelude: [gitAsOwner, swarmShell.scriptFunctions, 'enter_folder || exit 111'],
		environment: { ...environment, directory },
		signal,
		timeoutMs: 60_000,
	});
	return stdout.trimEnd();
};

/** Returns the service that a procedure is about: its input of that type, or the one that it names, or the runbook's main one. */
const serviceOf = ({ procedure, chosen, mainService }: DeploymentQuestion): string | undefined => {
	const input = procedure.inputs.find(({ type }) => type === 'service');
	return (input && chosen[input.name]) ?? procedure.expects?.service ?? mainService;
};

/** Returns what changes by another image of one service, and what must run afterwards. */
const withImage = (question: DeploymentQuestion, image: string, snapshot: Snapshot, stack: string) => {
	const own = serviceOf(question);
	const services = snapshot.services.map((service) => ({ service, name: serviceName(service, stack) }));
	if (own === undefined || !services.some(({ name }) => name === own)) {
		const has = services.map(({ name }) => name).join(', ');
		const detail = `it has no service ${own ?? ''} (it has: ${has}). Set variables.service of this target to one of these`;
		const missing: Precondition = {
			id: 'service',
			title: `The stack has the service ${own ?? ''}`,
			state: 'failed',
			detail,
		};
		return { precondition: missing };
	}
	const changes = services.map(({ service, name }): PlanChange => {
		const now = imageOf(service.Spec?.TaskTemplate);
		return name === own && now !== image
			? { service: name, action: 'recreate', interrupted: true, why: [`image ${now}, then ${image}`] }
			: { service: name, action: 'keep', why: [] };
	});
	return {
		changes,
		interrupts: changes.filter(({ interrupted }) => interrupted === true).map(({ service }) => service),
		services: services
			.filter(({ service }) => !isJob(service))
			.map(({ service, name }) => ({
				service: name,
				image: name === own ? image : imageOf(service.Spec?.TaskTemplate),
				replicas: wantedTasks(service, snapshot),
			})),
	};
};

const moves = (image: string): readonly string[] =>
	image.includes('@sha256:')
		? []
		: [`${image} has no digest, so its name may stand for another image on another node, or later.`];

/**
 * Finds out what is deployed and, for a procedure that gives a service another image, what would change. Changes nothing. Throws
 * `unreachable`, and `failed` if the host cannot say what is deployed.
 */
export const planStack = async (
	host: Host,
	directory: string,
	identity: StackIdentity,
	reader: SnapshotReader,
	question: DeploymentQuestion,
): Promise<DeploymentPlan> => {
	const { procedure, chosen, environment, signal } = question;
	const { services: _, ...deployment } = identity;
	const nothing = { deployment, environment: {}, preconditions: [], notes: [] };
	if (procedure.steps.length === 0 || procedure.risk === 'read-only') {
		return nothing;
	}
	const isClear = clear(identity);
	if (isEmergency(procedure)) {
		// An unknown stack is kept from being stopped by the engine's own answer.
		return isClear.state === 'failed' ? { ...nothing, preconditions: [isClear] } : nothing;
	}
	if (isClear.state !== 'passed') {
		return { ...nothing, preconditions: [isClear] };
	}
	const groundFile = groundFileOf(question);
	const named = { ...environment, ...deployment.environment, ground_file: groundFile ?? '' };
	const [ground, snapshot] = await Promise.all([readGround(host, directory, named, signal), reader.read(signal)]);
	const image = procedure.recreates?.image === undefined ? undefined : chosen[procedure.recreates.image];
	const changed = image === undefined ? {} : withImage(question, image, snapshot, deployment.project);
	const { precondition, ...change } = { precondition: undefined, ...changed };
	return {
		...nothing,
		preconditions: precondition === undefined ? [isClear] : [isClear, precondition],
		ground,
		// The run checks the same file again.
		environment: { plan_ground: ground, ...(groundFile !== undefined && { ground_file: groundFile }) },
		...change,
		notes: image === undefined ? [] : moves(image),
	};
};
