import type { Engine } from '../../engine/engine.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { isImageId } from '../../runbook/image-id.ts';
import type { Plan, PlanPreview, Precondition, ResolvedInput } from '../../runbook/plan.ts';
import type { PreconditionDefinition, ProcedureDefinition, Target } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { silenceFor } from '../../runbook/silence.ts';
import { keepScriptShell } from '../../services/host/script-shell.ts';
import {
	lastLine,
	runReadOnlyScript,
	type ScriptPlace,
	scriptEnvironment,
} from '../../services/runner/client/read-only-script.ts';
import { withBlocks } from './blocked-version.ts';
import { compileSteps } from './compile-steps.ts';
import { withBlockCheck } from './deploys-blocked.ts';
import { withDiskSpaceCheck } from './disk-space.ts';
import { estimateSteps } from './estimate-steps.ts';
import { readInterrupted } from './interrupted.ts';
import { resolveInputs } from './resolve-inputs.ts';

/** Finds a procedure; throws `usage` with the known ids. */
export const procedureOf = (target: Target, id: string): ProcedureDefinition => {
	const found = target.runbook.procedures.find((procedure) => procedure.id === id);
	if (found === undefined) {
		throw new BackoutError('usage', `the runbook of ${target.name} has no procedure ${JSON.stringify(id)}`, {
			next: `it has: ${target.runbook.procedures.map((procedure) => procedure.id).join(', ')}`,
		});
	}
	return found;
};

const inputEnvironment = (inputs: readonly ResolvedInput[]) =>
	Object.fromEntries(inputs.map(({ name, value }) => [name, value]));

/** Returns what must run afterwards, with the values of the inputs. */
const expectedAfterwards = (
	{ service, commit, image }: NonNullable<ProcedureDefinition['expects']>,
	chosen: Readonly<Record<string, string>>,
): NonNullable<Plan['expects']> => {
	const [commitValue, imageValue] = [commit, image].map((name) => (name === undefined ? undefined : chosen[name]));
	return {
		service,
		...(commitValue !== undefined && { commit: commitValue }),
		// The run records the id of an image that was chosen by its name.
		...(imageValue !== undefined && isImageId(imageValue) && { image: imageValue }),
	};
};

/** Checks a precondition; one that cannot be checked is unknown. Its output is masked. */
export const checkPrecondition = async (
	place: ScriptPlace,
	{ id, title, script, once }: PreconditionDefinition,
	environment: Readonly<Record<string, string>>,
	signal?: AbortSignal,
): Promise<Precondition> => {
	const base = { id, title, script, ...(once === true && { once }) };
	try {
		const result = await runReadOnlyScript(place, script, {
			purpose: `check ${id}`,
			environment,
			signal,
			timeoutMs: 60_000,
		});
		const detail = maskSecrets(lastLine(result.stdout, result.stderr));
		return { ...base, state: result.code === 0 ? 'passed' : 'failed', detail };
	} catch (error) {
		signal?.throwIfAborted();
		return { ...base, state: 'unknown', detail: messageOf(error) };
	}
};

/** Reads a preview, masked. One that cannot be read says so. */
export const readPreview = async (
	place: ScriptPlace,
	{ title, script }: ProcedureDefinition['previews'][number],
	environment: Readonly<Record<string, string>>,
	signal?: AbortSignal,
): Promise<PlanPreview> => {
	try {
		const result = await runReadOnlyScript(place, script, {
			purpose: 'show a preview',
			environment,
			signal,
			maxBytes: 64 * 1024,
		});
		return { title, text: maskSecrets((result.stdout + result.stderr).trimEnd()) };
	} catch (error) {
		signal?.throwIfAborted();
		return { title, text: `could not be shown: ${messageOf(error)}` };
	}
};

/** The target, host and engine for which a plan is made; a session has them. */
export interface PlanPlace extends ScriptPlace {
	readonly engine: Pick<Engine, 'deployment' | 'planChanges' | 'shell'>;
}

interface MakePlanOptions {
	/** Losses that the operator has allowed by name: `SERVICE:ASPECT:NAME`. */
	readonly allowed?: readonly string[] | undefined;
	/** False: leaves the previews out. */
	readonly previews?: boolean | undefined;
	/** Variables of the scripts besides those of every plan. */
	readonly environment?: Readonly<Record<string, string>> | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the plan of a procedure: fixes every input to a value on the host, checks every precondition, reads the previews. Changes nothing
 * on the host. Throws `usage` for an unknown procedure or input, `refused` for a value that the host does not have, `unreachable` when the
 * host does not answer.
 */
export const makePlan = (
	place: PlanPlace,
	procedureId: string,
	given: Readonly<Record<string, string>> = {},
	options: MakePlanOptions = {},
): Promise<Plan> => planProcedure(place, procedureOf(place.target, procedureId), given, options);

/** Like `makePlan`, for a procedure that need not be in the runbook. */
export const planProcedure = (
	place: PlanPlace,
	procedure: ProcedureDefinition,
	given: Readonly<Record<string, string>> = {},
	options: MakePlanOptions = {},
): Promise<Plan> => {
	keepScriptShell(place.host);
	return estimateSteps(
		place.host,
		place.target,
		withBlocks(place, procedure, planOf(place, procedure, given, options), options),
		procedure.id,
		options.signal,
	);
};

const planOf = async (
	place: PlanPlace,
	definition: ProcedureDefinition,
	given: Readonly<Record<string, string>>,
	{ allowed = [], previews: wanted = true, environment, signal }: MakePlanOptions,
): Promise<Plan> => {
	const { host, target, engine } = place;
	// Read again for each plan. Every script waits for this answer; what needs none of it is read meanwhile.
	const identified = engine.deployment({ fresh: true, signal });
	const [inputs] = await Promise.all([resolveInputs(place, definition, given, signal), identified]);
	const procedure = withBlockCheck(withDiskSpaceCheck(definition, place), inputs);
	const chosen = { ...environment, ...inputEnvironment(inputs) };
	const [deployed, interrupted, preconditions, previews] = await Promise.all([
		engine.planChanges({
			procedure,
			chosen,
			allowed,
			mainService: target.runbook.variables.service,
			environment: scriptEnvironment(target),
			signal,
		}),
		readInterrupted(place, procedure, chosen, signal),
		Promise.all(procedure.preconditions.map((one) => checkPrecondition(place, one, chosen, signal))),
		Promise.all((wanted ? procedure.previews : []).map((one) => readPreview(place, one, chosen, signal))),
	]);
	const { deployment, ground, changes, services } = deployed;
	const { expects, verify } = procedure;
	const interrupts = deployed.interrupts ?? interrupted.services;
	const silence = silenceFor(target.runbook.silence, interrupts);
	return {
		version: 1,
		procedure: procedure.id,
		title: procedure.title,
		when: procedure.when,
		risk: procedure.risk,
		target: target.name,
		host: host.name,
		directory: target.directory,
		project: deployment.project,
		madeAt: Date.now(),
		inputs,
		environment: { ...scriptEnvironment(target, deployment), ...deployed.environment, ...chosen },
		preconditions: [...deployed.preconditions, ...preconditions, ...interrupted.preconditions],
		previews,
		steps: compileSteps(engine.shell, procedure, ground !== undefined),
		...(changes !== undefined && { changes }),
		...(allowed.length > 0 && { allowed }),
		interrupts,
		...(silence !== undefined && { silence }),
		verification: {
			checks: verify,
			settleSeconds: target.runbook.verification.settleMs / 1000,
			deadlineSeconds: target.runbook.verification.deadlineMs / 1000,
		},
		...(expects !== undefined && {
			expects: { ...expectedAfterwards(expects, chosen), ...(services !== undefined && { services }) },
		}),
		notes: [...procedure.notes, ...deployed.notes],
	};
};

/** Returns the reason why this plan must not be started, from its preconditions; undefined when there is none. */
export const objection = (plan: Plan): BackoutError | undefined => {
	const failed = plan.preconditions.filter(({ state }) => state !== 'passed');
	if (failed.length === 0) {
		return undefined;
	}
	return new BackoutError(
		'refused',
		failed
			.map(
				({ title, state, detail }) =>
					`${state === 'failed' ? 'not met' : 'unknown'}: ${title}${detail === '' ? '' : ` (${detail})`}`,
			)
			.join('; '),
		{ host: plan.host, next: 'nothing was changed; fix this, then plan again' },
	);
};
