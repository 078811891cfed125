import { type Comparison, compare, isHeld, type ServiceChange } from '../../engines/compose/comparison.ts';
import { type Deployment, deploymentOf } from '../../engines/compose/deployment.ts';
import { isBuiltHere, isMoving } from '../../engines/compose/image-names.ts';
import { type ComposeModel, jobsOf, type ModelService } from '../../engines/compose/model.ts';
import { type Becomes, type PlanFacts, readPlanFacts } from '../../engines/compose/plan-facts.ts';
import { isImageId } from '../../runbook/image-id.ts';
import type { Plan, PlanChange, Precondition } from '../../runbook/plan.ts';
import type { ProcedureDefinition, Target } from '../../runbook/runbook.ts';
import type { Host } from '../../services/host/host.ts';
import { clear, noContainer, notesOn } from './deployment-clear.ts';
import { scriptEnvironment } from './read-only-script.ts';
import { versionEnvironment, versionNotes } from './version-plan.ts';

/** What a plan owes to the deployment: what it is, what would change of it, and what must run afterwards. */
export interface DeploymentPlan {
	readonly deployment: Deployment;
	/** Added to what the steps find in their environment. */
	readonly environment: Readonly<Record<string, string>>;
	/** Looked at here, once; under the lock the ground is compared in their place. */
	readonly preconditions: readonly Precondition[];
	readonly ground?: string;
	readonly changes?: readonly PlanChange[];
	readonly interrupts?: readonly string[];
	readonly services?: NonNullable<Plan['expects']>['services'];
	readonly notes: readonly string[];
}

export interface DeploymentPlanOptions {
	/** The inputs, by name. */
	readonly chosen: Readonly<Record<string, string>>;
	/** Losses that the operator has allowed by name: `SERVICE:ASPECT:NAME`. */
	readonly allowed: readonly string[];
	readonly signal?: AbortSignal;
}

/** Stopping must be possible whatever is wrong with the files: it needs no room, and no ground. */
export const isEmergency = ({ needsRoom }: ProcedureDefinition): boolean => needsRoom === false;

const becomesOf = (
	{ recreates }: ProcedureDefinition,
	chosen: Readonly<Record<string, string>>,
): { readonly becomes: Becomes; readonly image?: string } | undefined => {
	const value = (name: string | undefined): string | undefined => (name === undefined ? undefined : chosen[name]);
	const [commit, image, source] = [value(recreates?.commit), value(recreates?.image), value(recreates?.file)];
	if (commit !== undefined) {
		return { becomes: { kind: 'commit', commit } };
	}
	if (source !== undefined) {
		return { becomes: { kind: 'file', source } };
	}
	if (image === undefined) {
		return undefined;
	}
	// By its id an image is given the name that Compose starts; by its name it is another version, and keeps that name.
	return isImageId(image) ? { becomes: { kind: 'same' }, image } : { becomes: { kind: 'version', image } };
};

/** A file among the inputs that the plan rests on: a backup, or what takes another file's place. */
const groundFileOf = (procedure: ProcedureDefinition, chosen: Readonly<Record<string, string>>): string | undefined =>
	procedure.inputs
		.filter(({ type }) => type === 'file')
		.map(({ name }) => chosen[name]?.replace(/^env:/, ''))
		.find((value) => value?.startsWith('/'));

const asPlanChange = ({ service, action, interrupted, staysStopped, why }: ServiceChange): PlanChange => ({
	service,
	action,
	...(interrupted && { interrupted }),
	...(staysStopped && { staysStopped }),
	why,
});

const lossPrecondition = (
	{ losses, changes }: Comparison,
	allowed: readonly string[],
	wantsChange: boolean,
): Precondition => {
	const named = { id: 'losses', title: 'Nothing is lost that nobody asked for' };
	const refused = losses.filter(({ name }) => !allowed.includes(name));
	if (refused.length > 0) {
		return {
			...named,
			state: 'failed',
			allow: refused.map(({ name }) => name),
			detail: `${refused.map(({ reason }) => reason).join('; ')}. If that is meant: ${refused.map(({ name }) => `--allow ${name}`).join(' ')}`,
		};
	}
	if (wantsChange && changes.every(({ action }) => action === 'keep')) {
		return {
			...named,
			state: 'failed',
			detail:
				'nothing that runs would change: no service is built from it, and their images and settings are the same there. To go back to an image, choose the image',
		};
	}
	return {
		...named,
		state: 'passed',
		detail: losses.length === 0 ? 'no variable becomes empty, no mount goes' : 'what goes was allowed by name',
	};
};

const lines = (list: readonly string[]): string => list.join('\n');

/** Folders that builds get, relative to the top of the work tree. */
const buildContexts = ({ services }: ComposeModel, top: string): readonly string[] => [
	...new Set(
		services.flatMap(({ build }) =>
			build === undefined
				? []
				: [build.context, ...Object.values(build.additionalContexts)].flatMap((context) =>
						context === top ? ['.'] : context?.startsWith(`${top}/`) ? [context.slice(top.length + 1)] : [],
					),
		),
	),
];

const rolloutEnvironment = (
	after: ComposeModel,
	changes: readonly ServiceChange[],
	main: string,
	top: string,
	unproven: ReadonlySet<string>,
): Record<string, string> => {
	const named = (test: (change: ServiceChange) => boolean) => lines(changes.filter(test).map(({ service }) => service));
	const made = ({ action }: ServiceChange) => action === 'recreate' || action === 'create';
	const runs = new Map(after.services.map((service) => [service.name, service]));
	const wanted = changes
		.filter(({ action, why }) => action !== 'stop' && !(action === 'keep' && why.length > 0))
		.flatMap(({ service }) => runs.get(service) ?? [])
		.filter(({ replicas }) => replicas > 0);
	return {
		main_service: main,
		plan_images: lines(wanted.map(({ name, imageName }) => `${name}\t${imageName}`)),
		plan_build: lines(wanted.filter(({ build }) => build !== undefined).map(({ name }) => name)),
		plan_start: named((change) => made(change) && !change.staysStopped),
		plan_create: named((change) => made(change) && change.staysStopped),
		plan_stop: named(({ action }) => action === 'stop'),
		plan_keep: named(({ action, why }) => action === 'keep' && why.length === 0),
		plan_unproven: lines([...unproven]),
		build_contexts: lines(buildContexts(after, top)),
	};
};

/** Every service that runs afterwards, with its image where it is known before. One that stays stopped is not expected. */
const expectedServices = (
	after: ComposeModel,
	{ changes }: Comparison,
	facts: PlanFacts,
	unproven: ReadonlySet<string>,
): NonNullable<DeploymentPlan['services']> => {
	const jobs = jobsOf(after);
	return after.services
		.filter(({ name, replicas }) => {
			const change = changes.find(({ service }) => service === name);
			return (
				replicas > 0 && !jobs.has(name) && change !== undefined && !change.staysStopped && change.action !== 'stop'
			);
		})
		.map((service: ModelService) => {
			const change = changes.find((one) => one.service === service.name);
			const image =
				change?.action === 'keep' && !unproven.has(service.name)
					? facts.compared.containers.find((container) => container.service === service.name)?.image
					: undefined;
			return { service: service.name, ...(image !== undefined && { image }), replicas: service.replicas };
		});
};

/**
 * Services of which nothing proves that their image is of the chosen commit: it is not built from it, and its name may have stood
 * for another image then. The main service, and what is made anew: that the others keep what they have is no claim.
 */
const unprovenServices = (after: ComposeModel, { changes }: Comparison, main: string): ReadonlySet<string> =>
	new Set(
		after.services
			.filter((one) => {
				const { name, imageName } = one;
				const action = changes.find(({ service }) => service === name)?.action;
				return !isBuiltHere(one, after.services) && isMoving(imageName) && (name === main || action !== 'keep');
			})
			.map(({ name }) => name),
	);

/**
 * Finds out what is deployed and, for a procedure that makes containers anew, what would change of it. Changes nothing.
 * Throws `unreachable`, and `failed` where the host cannot say what is deployed.
 */
export const planDeployment = async (
	host: Host,
	target: Target,
	procedure: ProcedureDefinition,
	{ chosen, allowed, signal }: DeploymentPlanOptions,
): Promise<DeploymentPlan> => {
	const deployment = await deploymentOf(host, target, { signal });
	const nothing = { deployment, environment: {}, preconditions: [], notes: [] };
	if (procedure.steps.length === 0 || procedure.risk === 'read-only') {
		return nothing;
	}
	if (isEmergency(procedure)) {
		// Docker's own answer stands in for one that is not known.
		const none = deployment.unknown === undefined && deployment.containers === 0;
		const preconditions = none ? [noContainer(deployment)] : [];
		return { ...nothing, preconditions, notes: deployment.conflicts };
	}
	const wanted = becomesOf(procedure, chosen);
	if (wanted === undefined && deployment.unknown !== undefined) {
		// A procedure that makes no container need not wait for Docker: its own preconditions say what it needs.
		return nothing;
	}
	const preconditions = [
		clear(deployment, { needsCompose: wanted !== undefined, mayStart: wanted === undefined && deployment.hasFolder }),
	];
	if (preconditions[0]?.state !== 'passed') {
		return { ...nothing, preconditions };
	}
	const groundFile = groundFileOf(procedure, chosen);
	const facts = await readPlanFacts(host, deployment, {
		becomes: wanted?.becomes ?? { kind: 'same' },
		image: wanted?.image,
		groundFile,
		environment: scriptEnvironment(target, deployment),
		signal,
	});
	const grounded = {
		...nothing,
		preconditions,
		ground: facts.ground,
		// The run looks at the same file again.
		environment: { plan_ground: facts.ground, ...(groundFile !== undefined && { ground_file: groundFile }) },
		notes: notesOn(deployment),
	};
	if (wanted === undefined) {
		return grounded;
	}
	const { after } = facts;
	if (after === undefined) {
		const detail =
			wanted.becomes.kind === 'version'
				? (facts.unreadable ?? '')
				: `with what is put back it could not: ${facts.unreadable}`;
		return {
			...grounded,
			preconditions: [
				...preconditions,
				{ id: 'model', title: 'Compose can read the files as they will be', state: 'failed', detail },
			],
		};
	}
	const main = procedure.expects?.service ?? target.runbook.variables.service ?? '';
	const mainService = after.services.find(({ name }) => name === main);
	if (mainService === undefined && main !== '') {
		const where = wanted.becomes.kind === 'commit' ? 'The chosen commit' : 'The Compose file';
		const has = after.services.map(({ name }) => name).join(', ') || 'none';
		const detail = `it has no service ${main} (it has: ${has}). If one of these is ${main} under another name, set variables.service of this target to that name`;
		return {
			...grounded,
			preconditions: [
				...preconditions,
				{ id: 'service', title: `${where} has the service ${main}`, state: 'failed', detail },
			],
		};
	}
	const comparison = compare({
		...facts.compared,
		after,
		rebuilds: wanted.becomes.kind === 'commit',
		...(wanted.image !== undefined && {
			retagged: { name: mainService?.imageName ?? '', id: wanted.image },
		}),
		always: procedure.recreates?.always ?? [],
		main,
	});
	const unproven =
		wanted.becomes.kind === 'commit' ? unprovenServices(after, comparison, main) : (new Set() as ReadonlySet<string>);
	return {
		...grounded,
		environment: {
			...grounded.environment,
			...rolloutEnvironment(after, comparison.changes, main, facts.top, unproven),
			...versionEnvironment(facts),
		},
		preconditions: [...preconditions, lossPrecondition(comparison, allowed, procedure.expects !== undefined)],
		changes: comparison.changes.map(asPlanChange),
		interrupts: comparison.changes.filter(({ interrupted }) => interrupted).map(({ service }) => service),
		services: expectedServices(after, comparison, facts, unproven),
		notes: [
			...grounded.notes,
			...versionNotes(facts, target),
			...comparison.changes
				.filter(({ action, staysStopped }) => action === 'recreate' && staysStopped)
				.map(({ service }) => `${service} is stopped now; it is made anew and stays stopped.`),
			...facts.compared.containers
				.filter((one) => one.service === main && isHeld(one))
				.map(
					() => `${main} was stopped by a procedure, and nobody else can start it; this makes it anew and STARTS it.`,
				),
		],
	};
};
