import { allowName, type Block, blockOf, blockWords, type Version } from '../../runbook/block.ts';
import { durationText } from '../../runbook/duration.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { Plan, Precondition } from '../../runbook/plan.ts';
import { defaultBlockMs } from '../../runbook/run-limits.ts';
import type { ProcedureDefinition, Target } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { readBlocks } from '../../services/runner/blocked/blocks.ts';
import { runReadOnlyScript, type ScriptPlace } from '../../services/runner/client/read-only-script.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import goesForwardScript from './goes-forward.sh';

const title = 'The version is not blocked';

/** Returns the version that a plan deploys, as far as that is known before it runs. */
export const deployedBy = ({ expects }: Pick<Plan, 'expects'>): Version => ({
	commit: expects?.commit,
	images: [expects?.image, ...(expects?.services ?? []).map(({ image }) => image)].filter(
		(image) => image !== undefined,
	),
});

const blockedPrecondition = (block: Block, allowed: readonly string[]): Precondition => {
	const name = allowName(block);
	const words = maskSecrets(sanitiseText(blockWords(block)));
	if (allowed.includes(name)) {
		return { id: 'blocked', title, state: 'passed', detail: `${words}; allowed by name` };
	}
	return {
		id: 'blocked',
		title,
		state: 'failed',
		detail: `${words}. To deploy it all the same: --allow ${name}; \`backout unblock\` allows it again`,
		allow: [name],
	};
};

/**
 * Adds to a plan whether the version that it deploys is blocked.
 *
 * @param allowed losses that were allowed by name
 * @param undoes the run that the plan undoes: its own block is not in the way, as going back is what was asked for
 */
export const refuseBlocked = async (
	place: Pick<ScriptPlace, 'host' | 'target'>,
	making: Promise<Plan>,
	{
		allowed,
		undoes,
		signal,
	}: {
		readonly allowed: readonly string[];
		readonly undoes?: string | undefined;
		readonly signal?: AbortSignal | undefined;
	},
): Promise<Plan> => {
	const [plan, answer] = await Promise.all([
		making,
		readBlocks(place.host, place.target, signal).catch((error: unknown) => {
			signal?.throwIfAborted();
			return messageOf(error);
		}),
	]);
	if (typeof answer === 'string') {
		// Without access to the state folder no run can be started either.
		const unknown: Precondition = { id: 'blocked', title, state: 'unknown', detail: maskSecrets(answer) };
		return { ...plan, preconditions: [...plan.preconditions, unknown] };
	}
	const block = blockOf(answer, deployedBy(plan));
	if (block === undefined) {
		return plan;
	}
	if (block.run === undoes) {
		const note = `This deploys again what was rolled back: ${maskSecrets(sanitiseText(blockWords(block)))}. Once it is verified, it is no longer blocked.`;
		return { ...plan, notes: [...plan.notes, note] };
	}
	return { ...plan, preconditions: [...plan.preconditions, blockedPrecondition(block, allowed)] };
};

/** Says why the version that a plan deploys must not be deployed now; undefined if it is not blocked. Throws what `readBlocks` throws. */
export const blockOfPlan = async (
	{ host, target }: Pick<ScriptPlace, 'host' | 'target'>,
	plan: Plan,
	signal: AbortSignal,
): Promise<Masked<string> | undefined> => {
	const block = blockOf(await readBlocks(host, target, signal), deployedBy(plan));
	const isAllowed = block !== undefined && plan.allowed?.includes(allowName(block)) === true;
	return block === undefined || isAllowed ? undefined : maskSecrets(sanitiseText(blockWords(block)));
};

/** Lists what on the host may deploy by itself, in words. */
const readRedeployers = async (place: ScriptPlace, signal: AbortSignal | undefined): Promise<readonly string[]> => {
	const { stdout } = await runReadOnlyScript(place, place.engine.shell.redeployers, {
		purpose: 'find what would deploy it again',
		timeoutMs: 15_000,
		maxBytes: 32 * 1024,
		signal,
	}).catch((error: unknown) => {
		signal?.throwIfAborted();
		return { stdout: `It could not be found out: ${messageOf(error)}` };
	});
	return stdout
		.split('\n')
		.filter((line) => line.trim() !== '')
		.map((line) => maskSecrets(sanitiseText(line)).slice(0, 240));
};

/** True when a plan goes to the deployed commit or a newer one. Where that cannot be asked, it is taken for a rollback. */
const goesForward = async (
	place: ScriptPlace,
	{ expects }: Pick<Plan, 'expects'>,
	signal: AbortSignal | undefined,
): Promise<boolean> => {
	if (expects?.commit === undefined) {
		return false;
	}
	const options = { purpose: 'compare the commits', environment: { wanted_commit: expects.commit }, signal };
	return runReadOnlyScript(place, goesForwardScript, options).then(
		({ code }) => code === 0,
		() => {
			signal?.throwIfAborted();
			return false;
		},
	);
};

/** Returns notes for a plan that rolls back: what would deploy the newer version again, and that it will be blocked. */
const rollbackNotes = ({ blockMs = defaultBlockMs }: Target, redeployers: readonly string[]): readonly string[] => [
	...(blockMs === 0
		? []
		: [
				`Once this rollback is verified, the version that it replaces is blocked for ${durationText(blockMs)}: with-lock and plans refuse it, and the dashboard warns. \`backout unblock\` allows it again.`,
			]),
	...(redeployers.length === 0
		? []
		: ['May deploy the newer version again, as far as this host shows:', ...redeployers]),
];

/** Adds to the plan of a procedure that deploys a version: whether that is blocked, and, if it rolls back, what would undo that. */
export const withBlocks = async (
	place: ScriptPlace,
	{ expects }: ProcedureDefinition,
	making: Promise<Plan>,
	options: { readonly allowed?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Plan> => {
	if (expects?.commit === undefined && expects?.image === undefined) {
		return making;
	}
	const { allowed = [], signal } = options;
	const [plan, redeployers] = await Promise.all([
		refuseBlocked(place, making, { allowed, signal }),
		readRedeployers(place, signal),
	]);
	return (await goesForward(place, plan, signal))
		? plan
		: { ...plan, notes: [...plan.notes, ...rollbackNotes(place.target, redeployers)] };
};
