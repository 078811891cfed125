import { BackoutError, messageOf } from '../../runbook/errors.ts';
import type { Host } from './host.ts';
import { orAbort, sleep } from './sleep.ts';

/** Time after which the next host is asked, too, although the one before has not answered yet, ms. */
const headStartMs = 3000;
/** Longest time for a host to say whether it can answer for the deployment, ms. */
const answerMs = 15_000;

/** Returns the reason why a host cannot answer for the deployment; undefined when it can. */
export type Refuses = (host: Host, signal: AbortSignal) => Promise<string | undefined>;

export interface Candidate {
	readonly name: string;
	readonly host: Host;
	/** True: its connection was up before, and comes back by itself, some time. */
	readonly wasUp?: boolean;
}

/** A host that was asked, with its answer. */
interface AskedHost extends Candidate {
	/** The reason why it is not the one; undefined when it is. */
	readonly why: string | undefined;
	/** The error, if it could not even be reached. */
	readonly error?: BackoutError;
}

export interface Choice {
	/** The host that answers for the deployment, or the first that could at least be reached; undefined when none could. */
	readonly chosen: Candidate | undefined;
	/** The others that were asked, each with the reason why it is not the one. */
	readonly passedOver: readonly AskedHost[];
}

const ask = async ({ name, host, wasUp }: Candidate, refuses: Refuses, signal: AbortSignal): Promise<AskedHost> => {
	try {
		await host.ready(wasUp === true ? AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) : signal);
	} catch (error) {
		signal.throwIfAborted();
		const { reason = messageOf(error) } = wasUp === true ? host.link.get() : {};
		const known = error instanceof BackoutError ? error : new BackoutError('unreachable', reason);
		return { name, host, why: known.message, error: known };
	}
	const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
	const why = await orAbort(refuses(host, deadline), deadline).catch((error: unknown) => {
		signal.throwIfAborted();
		return deadline.aborted ? `it does not answer within ${answerMs / 1000} s` : messageOf(error);
	});
	return { name, host, why };
};

/**
 * Asks the hosts in their order until one answers for the deployment. One that takes its time does not keep the next from being asked,
 * unless it waits for the operator (`isAsking`).
 */
export const firstThatAnswers = async (
	candidates: readonly (() => Candidate)[],
	refuses: Refuses,
	isAsking: () => boolean,
	signal: AbortSignal,
): Promise<Choice> => {
	const asked: AskedHost[] = [];
	const waiting = new Set<Promise<void>>();
	const found = () => asked.find(({ why }) => why === undefined);
	for (const open of candidates) {
		const one = ask(open(), refuses, signal).then((answer) => {
			asked.push(answer);
		});
		waiting.add(one);
		one.finally(() => waiting.delete(one)).catch(() => {});
		do {
			await Promise.race([one, sleep(headStartMs, signal)]);
			signal.throwIfAborted();
		} while (isAsking() && waiting.has(one));
		if (found() !== undefined) {
			break;
		}
	}
	while (found() === undefined && waiting.size > 0) {
		await Promise.race(waiting);
	}
	const chosen = found() ?? asked.find(({ error }) => error === undefined);
	return { chosen, passedOver: asked.filter((one) => one !== chosen && one.why !== undefined) };
};
