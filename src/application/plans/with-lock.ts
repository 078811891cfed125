import { shellWord } from '../../runbook/own-command.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { quote } from '../../runbook/shell-quote.ts';
import { blockedFunctions } from '../../services/runner/blocked/blocks.ts';
import { type PlanPlace, planProcedure } from './make-plan.ts';
import notBlocked from './not-blocked.sh';
import script from './with-lock.sh';

/** The id of the procedure in plans and in the journal. */
const withLockId = 'with-lock';

/** A longer command is cut in titles, characters. */
const longestTitle = 60;

export interface WithLockOptions {
	/** The time limit of the command, ms. */
	readonly timeoutMs: number;
	/** Ids of the checks to verify with afterwards. */
	readonly verify: readonly string[];
	/** False: saves no restore point first. */
	readonly restorePoint: boolean;
	readonly signal?: AbortSignal;
}

const commandTitle = (command: readonly string[]): string => {
	const words = maskSecrets(command.map(shellWord).join(' ').replace(/\s+/g, ' '));
	return words.length > longestTitle ? `${words.slice(0, longestTitle - 1)}…` : words;
};

const procedureFor = (
	command: readonly string[],
	{ timeoutMs, verify, restorePoint }: WithLockOptions,
): ProcedureDefinition => {
	const title = commandTitle(command);
	return {
		id: withLockId,
		title,
		when: 'A deployment by a pipeline or by hand, with the lock of the deployment',
		group: 'Deployment',
		risk: 'disruptive',
		inputs: [],
		preconditions: [
			{
				id: 'not-blocked',
				title: 'No blocked version is deployed',
				script: `${blockedFunctions}\n${notBlocked}`,
			},
		],
		previews: [],
		steps: [
			{
				id: 'command',
				title,
				kind: 'run',
				script: `${blockedFunctions}\n${script}`,
				summary: 'Runs the command that was given, in the folder of the deployment.',
				timeoutMs,
				mayFail: false,
			},
		],
		interrupts: [],
		restorePoint,
		verify,
		notes: [],
	};
};

/**
 * Plans a command of the caller's own as a run: under the deployment's lock, with a restore point, in the journal. Its words travel in the
 * environment of the run, quoted. Throws what `makePlan` throws.
 */
export const planWithLock = (place: PlanPlace, command: readonly string[], options: WithLockOptions): Promise<Plan> => {
	const environment = { locked_command: command.map(quote).join(' ') };
	return planProcedure(place, procedureFor(command, options), {}, { environment, signal: options.signal });
};
