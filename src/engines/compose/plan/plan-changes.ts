import type { DeploymentPlan } from '../../../engine/deployment.ts';
import type { PlanChange, Precondition } from '../../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../../runbook/runbook.ts';
import type { Compared } from '../compared.ts';
import { type Comparison, compare, type ServiceChange } from '../comparison.ts';
import { type ComposeModel, jobsOf, type ModelService } from '../model.ts';
import { copiedTexts } from '../mounted.ts';
import { type NameByHand, namesByHand } from '../names-by-hand.ts';
import { namesTaken } from '../names-taken.ts';
import { redefinedNotes } from '../redefined.ts';
import { besideLosses, besideNotes } from './beside.ts';
import { carriedOverNotes } from './carried-over.ts';
import { absentResources } from './external.ts';
import { heldDependencies, startsHeld } from './held.ts';
import type { Becomes, PlanFacts } from './plan-facts.ts';
import { builtBesideNotes, isLeft, unprovenServices } from './unproven.ts';
import { versionEnvironment, versionNotes } from './version-plan.ts';

/** What a procedure puts in place of the current state. */
export interface Wanted {
	readonly becomes: Becomes;
	readonly image?: string;
}

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
	const named = { id: 'losses', title: 'Nothing is lost unintentionally' };
	const refused = losses.filter(({ name }) => !allowed.includes(name));
	if (refused.length > 0) {
		return {
			...named,
			state: 'failed',
			allow: refused.map(({ name }) => name),
			detail: `${refused.map(({ reason }) => reason).join('; ')}. To accept this: ${refused.map(({ name }) => `--allow ${name}`).join(' ')}`,
		};
	}
	if (wantsChange && changes.every(({ action }) => action === 'keep')) {
		return {
			...named,
			state: 'failed',
			detail:
				'nothing that runs would change: no service is built from this commit, and images and settings are the same. To go back to an image, choose the image',
		};
	}
	return {
		...named,
		state: 'passed',
		detail: losses.length === 0 ? 'no variable becomes empty, no mount disappears' : 'all losses were allowed by name',
	};
};

const lines = (list: readonly string[]): string => list.join('\n');

/** Lists the folders that builds get, relative to the top of the work tree. */
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

/** True when it stays although it differs from the files. */
const differsAndStays = (change: ServiceChange): boolean => isLeft(change) && change.differs === true;

const rolloutEnvironment = (
	after: ComposeModel,
	changes: readonly ServiceChange[],
	main: string,
	top: string,
	unproven: ReadonlySet<string>,
	names: readonly NameByHand[],
): Record<string, string> => {
	const named = (test: (change: ServiceChange) => boolean) => lines(changes.filter(test).map(({ service }) => service));
	const made = ({ action }: ServiceChange) => action === 'recreate' || action === 'create';
	const runs = new Map(after.services.map((service) => [service.name, service]));
	const wanted = changes
		.filter((change) => change.action !== 'stop' && !differsAndStays(change))
		.flatMap(({ service }) => runs.get(service) ?? [])
		.filter(({ replicas }) => replicas > 0);
	return {
		main_service: main,
		plan_images: lines(wanted.map(({ name, imageName }) => `${name}\t${imageName}`)),
		plan_build: lines(wanted.filter(({ build }) => build !== undefined).map(({ name }) => name)),
		plan_start: named((change) => made(change) && !change.staysStopped),
		plan_create: named((change) => made(change) && change.staysStopped),
		plan_stop: named(({ action }) => action === 'stop'),
		plan_restart: named(({ action }) => action === 'restart'),
		plan_keep: named((change) => isLeft(change) && !differsAndStays(change)),
		plan_differs: named(differsAndStays),
		plan_names: lines(names.map(({ service, number, name }) => `${service}\t${number}\t${name}`)),
		plan_texts: named((change) => {
			const service = runs.get(change.service);
			return made(change) && service !== undefined && copiedTexts(service, after).length > 0;
		}),
		plan_unproven: lines([...unproven]),
		build_contexts: lines(buildContexts(after, top)),
	};
};

/**
 * Lists every service that runs afterwards, with its image if that is known already, and those that are scaled to 0 and must not. A service
 * that stays stopped is not expected, nor is a job, which has ended by then, unless it ran an image that nothing proves to be of the commit.
 */
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
			if (replicas === 0) {
				return change?.action === 'stop';
			}
			return (
				(!jobs.has(name) || unproven.has(name)) &&
				change !== undefined &&
				!change.staysStopped &&
				change.action !== 'stop'
			);
		})
		.map((service: ModelService) => {
			const change = changes.find((one) => one.service === service.name);
			const image =
				change !== undefined && isLeft(change) && !unproven.has(service.name)
					? facts.compared.containers.find((container) => container.service === service.name)?.image
					: undefined;
			const own = facts.compared.containers.filter((container) => container.service === service.name);
			const ran = own.length > 0 && own.every(({ steady }) => steady) && !jobs.has(service.name);
			return {
				service: service.name,
				...(image !== undefined && { image }),
				replicas: service.replicas,
				...(ran && { ran }),
			};
		});
};

export interface Change {
	/** The target's directory, absolute. */
	readonly directory: string;
	readonly mainService?: string;
	readonly procedure: ProcedureDefinition;
	readonly allowed: readonly string[];
	readonly wanted: Wanted;
	readonly facts: PlanFacts;
	/** The plan without its change. */
	readonly grounded: DeploymentPlan;
}

/** Returns the changes of the deployment; if they are unknown, a precondition that failed. */
export const planChanges = (change: Change): DeploymentPlan => {
	const { procedure, allowed, wanted, facts, grounded } = change;
	const { after } = facts;
	const refused = (id: string, title: string, detail: string): DeploymentPlan => ({
		...grounded,
		preconditions: [...grounded.preconditions, { id, title, state: 'failed', detail }],
	});
	if (after === undefined) {
		const detail =
			wanted.becomes.kind === 'file'
				? `it could not read them with the file put back: ${facts.unreadable}`
				: (facts.unreadable ?? '');
		return refused('model', 'Compose can read the new files', detail);
	}
	if (facts.otherName !== undefined) {
		const { project } = grounded.deployment;
		const detail = `the new files call the project ${facts.otherName}: the deployment's own \`up -d\` would make a second one beside ${project}, on new volumes. Choose files that call it ${project}, or give it its name by -p, and by project of this target in the config`;
		return refused('project', 'The project keeps its name', detail);
	}
	const main = procedure.expects?.service ?? change.mainService ?? '';
	const mainService = after.services.find(({ name }) => name === main);
	if (mainService === undefined && main !== '') {
		const where = wanted.becomes.kind === 'commit' ? 'The chosen commit' : 'The Compose file';
		const has = after.services.map(({ name }) => name).join(', ') || 'none';
		const detail = `it has no service ${main} (it has: ${has}). If one of these is ${main} under another name, set variables.service of this target to that name`;
		return refused('service', `${where} has the service ${main}`, detail);
	}
	const what: Compared = {
		...facts.compared,
		after,
		rebuilds: wanted.becomes.kind === 'commit',
		...(wanted.image !== undefined && {
			retagged: { name: mainService?.imageName ?? '', id: wanted.image },
		}),
		always: procedure.recreates?.always ?? [],
		main,
	};
	const compared = compare(what);
	const comparison = { ...compared, losses: [...compared.losses, ...besideLosses(facts.beside)] };
	const held = heldDependencies(after.services, comparison.changes, facts.compared.containers);
	const external = absentResources(after, comparison.changes, facts.resources);
	const loss = lossPrecondition(comparison, allowed, procedure.expects !== undefined);
	return withChanges({ ...grounded, preconditions: [...grounded.preconditions, ...held, ...external, loss] }, change, {
		what,
		comparison,
		main,
	});
};

/** Returns the plan with the results of the comparison, for the screen, the steps and the checks. */
const withChanges = (
	plan: DeploymentPlan,
	{ directory, wanted, facts }: Change,
	{ what, comparison, main }: { readonly what: Compared; readonly comparison: Comparison; readonly main: string },
): DeploymentPlan => {
	const { after } = what;
	const { changes } = comparison;
	const unproven: ReadonlySet<string> =
		wanted.becomes.kind === 'commit' ? unprovenServices(after, comparison, main, facts) : new Set();
	const stopped = changes.filter(({ action, staysStopped }) => action === 'recreate' && staysStopped);
	const recreated = changes.filter(({ action }) => action === 'recreate').map(({ service }) => service);
	const names = namesByHand(recreated, facts.compared.containers, facts.compared.now, after);
	return {
		...plan,
		environment: {
			...plan.environment,
			...rolloutEnvironment(after, changes, main, facts.top, unproven, names),
			plan_names_taken: lines(
				namesTaken(changes, facts.compared.containers, after).map(({ service, name }) => `${service}\t${name}`),
			),
			...versionEnvironment(facts),
		},
		changes: changes.map(asPlanChange),
		interrupts: changes.filter(({ interrupted }) => interrupted).map(({ service }) => service),
		services: expectedServices(after, comparison, facts, unproven),
		notes: [
			...plan.notes,
			...(facts.otherFiles.length === 0
				? []
				: [`Compose then finds other files by itself: ${facts.otherFiles.join(', ')}.`]),
			...redefinedNotes(facts.compared.now, after, facts.compared.remakesNetworks),
			...versionNotes(facts, directory),
			...names.map(
				({ service, name }) =>
					`The container of ${service} is called ${name}, which no file says; the new one gets that name, too.`,
			),
			...builtBesideNotes(after, unproven, facts),
			...carriedOverNotes(changes, what),
			...stopped.map(({ service }) => `${service} is stopped; it is recreated and stays stopped.`),
			...besideNotes(facts.beside, changes, wanted.becomes.kind !== 'same'),
			...startsHeld(main, facts.compared.containers),
		],
	};
};
