import { isBlockName } from '../../runbook/block.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { InputOffer, Plan } from '../../runbook/plan.ts';
import type { InputDefinition, ProcedureDefinition } from '../../runbook/runbook.ts';
import { isManual } from '../../runbook/step-kinds/index.ts';
import { busyError, lockHolder } from '../../services/runner/client/lock.ts';
import { readCommitMarks } from '../../services/runner/known-good/commits.ts';
import { readImageMarks } from '../../services/runner/known-good/images.ts';
import type { Marks } from '../../services/runner/known-good/registry.ts';
import type { Session } from '../fleet/session.ts';
import { blockOfPlan } from '../plans/blocked-version.ts';
import { deployedBlock } from '../plans/deployed-again.ts';
import { objection, procedureOf } from '../plans/make-plan.ts';
import { planFor } from '../plans/plan-for.ts';
import { inputOffers, presetOf } from '../plans/resolve-inputs.ts';
import { assertMayChange, listJournal } from './journal.ts';
import { assertConfirmed, type Confirmed } from './run-plan.ts';

/** The plan if the checks fail, made in advance, and the state at that time. */
export interface Guarded {
	readonly plan: Plan;
	/** The deployed versions at that time, by input: the choices marked `current`. */
	readonly current: string;
	/** Reads the deployed versions again, in the same form. */
	readCurrent(signal: AbortSignal): Promise<string>;
	/** The runs of the journal at that time. */
	readonly runs: ReadonlySet<string>;
	/** Says why the version to go back to must not be deployed any more; undefined: nothing speaks against it. */
	readTargetBlock?(signal: AbortSignal): Promise<string | undefined>;
	/** The blocked version that is deployed at that time, in words. */
	readonly deployedBlock?: Masked<string> | undefined;
	/** The command with which an operator goes back: `backout run rollback-commit`. */
	readonly byHand: string;
}

const refused = (session: Session, why: string, next: string): BackoutError =>
	new BackoutError('refused', why, { host: session.host.name, next: `nothing was changed; ${next}` });

/** Returns the deployed versions, by input, as one text. */
const currentOf = (offers: readonly InputOffer[]): string =>
	offers
		.map(({ name, choices }) => {
			const current = choices.filter(({ marks }) => marks.includes('current')).map(({ value }) => value);
			return `${name}=${current.sort().join(',')}`;
		})
		.join(' ');

/** Marks from earlier verifications, by type of input. */
type KnownMarks = Readonly<Partial<Record<InputDefinition['type'], Marks>>>;

const readKnown = async (
	{ host, target }: Session,
	{ inputs }: ProcedureDefinition,
	signal: AbortSignal,
): Promise<KnownMarks> => {
	const wants = new Set(inputs.map(({ type }) => type));
	const [commit, image] = await Promise.all([
		wants.has('commit') ? readCommitMarks(host, target, signal) : undefined,
		wants.has('image') ? readImageMarks(host, target, signal) : undefined,
	]);
	return { commit, image };
};

/** The operator's part in the plan of a guard. */
export interface GuardGiven {
	/** Values of inputs. */
	readonly inputs: Readonly<Record<string, string>>;
	/** Losses that are allowed by name: `SERVICE:ASPECT:NAME`. */
	readonly allowed?: readonly string[] | undefined;
}

/**
 * Makes the plan for the case that the checks fail, with a good commit or image. Changes nothing. Throws `refused` if there is no
 * version to roll back to, a confirmation or precondition is missing, or a run has the lock; `usage` for a procedure that cannot guard.
 */
export const prepareGuard = async (
	session: Session,
	procedureId: string,
	{ inputs: given, allowed = [] }: GuardGiven,
	confirmed: Confirmed,
	signal: AbortSignal,
): Promise<Guarded> => {
	const { host, target } = session;
	const procedure = procedureOf(target, procedureId);
	assertCanGuard(session, procedure);
	if (allowed.some(isBlockName)) {
		throw new BackoutError('usage', 'a guard never goes back to a blocked version, so it cannot be allowed', {
			next: '`backout unblock` ends the block',
		});
	}
	const holder = await lockHolder(host, target, signal);
	if (holder !== undefined) {
		throw busyError(host.name, target.directory, holder);
	}
	const [offers, known, before, deployed] = await Promise.all([
		inputOffers(session, procedure, signal),
		readKnown(session, procedure, signal),
		listJournal(session, signal),
		deployedBlock(session, signal),
	]);
	const chosen = chooseInputs(session, procedure, { offers, known, given });
	const plan = await planFor(session, procedureId, chosen, { signal, allowed });
	assertIsWayBack(session, procedure, plan, { offers, known });
	assertConfirmed(plan, confirmed);
	const against = objection(plan);
	if (against !== undefined) {
		throw against;
	}
	return {
		plan,
		current: currentOf(offers),
		readCurrent: async (now) => currentOf(await inputOffers(session, procedure, now)),
		runs: new Set(before.map(({ id }) => id)),
		readTargetBlock: (now) => blockOfPlan(session, plan, now),
		deployedBlock: deployed,
		byHand: `backout run ${plan.procedure}`,
	};
};

const assertCanGuard = (session: Session, procedure: ProcedureDefinition): void => {
	if (procedure.risk === 'read-only' || procedure.steps.length === 0) {
		throw new BackoutError('usage', `${procedure.id} changes nothing, so guard cannot use it`, {
			next: 'name a procedure that rolls back, e.g. --procedure rollback-commit',
		});
	}
	assertMayChange(session, procedure.title);
	if (procedure.approve !== undefined) {
		throw refused(session, `${procedure.id} needs the approval of another operator`, 'guard runs without an operator');
	}
	const manual = procedure.steps.find(isManual);
	if (manual !== undefined) {
		throw refused(
			session,
			`${procedure.id} waits for an operator (“${manual.title}”)`,
			'guard runs without an operator',
		);
	}
};

interface Offered {
	readonly offers: readonly InputOffer[];
	readonly known: KnownMarks;
}

const marksOf = (procedure: ProcedureDefinition, index: number, known: KnownMarks): Marks | undefined => {
	const type = procedure.inputs[index]?.type;
	return type === undefined ? undefined : known[type];
};

/** Returns the given inputs and, for the others, the version that last passed verification, else the runbook's own preset. */
const chooseInputs = (
	session: Session,
	procedure: ProcedureDefinition,
	{ offers, known, given }: Offered & { readonly given: Readonly<Record<string, string>> },
): Readonly<Record<string, string>> => {
	const chosen: Record<string, string> = { ...given };
	for (const [index, { name, title, choices, preset, reason }] of offers.entries()) {
		const marks = marksOf(procedure, index, known);
		const own = choices.some((one) => one.value === preset && one.marks.includes('current')) ? undefined : preset;
		const value = given[name] ?? (marks === undefined ? preset : (presetOf({ preset: 'good' }, choices, marks) ?? own));
		if (value === undefined) {
			throw refused(
				session,
				`there is nothing to go back to: ${title}: ${reason ?? 'no known good one'}`,
				`name one with --input ${name}=VALUE; \`backout inputs ${procedure.id}\` lists the choices`,
			);
		}
		chosen[name] = value;
	}
	return chosen;
};

/** Throws `refused` when the plan rolls back to a version that failed verification, or to the current one. */
const assertIsWayBack = (
	session: Session,
	procedure: ProcedureDefinition,
	plan: Plan,
	{ offers, known }: Offered,
): void => {
	for (const [index, { name, title, value, label }] of plan.inputs.entries()) {
		const marks = marksOf(procedure, index, known);
		const choice = offers[index]?.choices.find((one) => one.value === value);
		const choose = `give another one with --input ${name}=VALUE; \`backout inputs ${plan.procedure}\` lists them`;
		if (marks?.get(value) === 'bad' || choice?.marks.includes('bad') === true) {
			throw refused(session, `${title}: verification has failed on ${label}`, choose);
		}
		if (marks !== undefined && choice?.marks.includes('current') === true) {
			throw refused(session, `${title}: ${label} is running now, so guard cannot go back to it`, choose);
		}
	}
};
