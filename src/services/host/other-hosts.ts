import { messageOf } from '../../runbook/errors.ts';
import type { MissingHost } from '../../runbook/missing-host.ts';
import type { Host } from './host.ts';
import { orAbort } from './sleep.ts';

/** Longest time for another host to be reached and to say what it is asked, ms. */
const answerMs = 10_000;

/** The answers of the other hosts of a target, and the hosts that gave none. */
export interface FromOthers<T> {
	readonly read: readonly { readonly host: string; readonly value: T }[];
	readonly missing: readonly MissingHost[];
}

type Ask = <T>(what: (host: Host, signal: AbortSignal) => Promise<T>, signal?: AbortSignal) => Promise<FromOthers<T>>;

/** The hosts of a target besides the one that is asked. Each has records of its own: those of the runs that were started there. */
export interface OtherHosts {
	/** Asks all of them at the same time, also one that cannot answer for the deployment any more. Rejects only on abort. */
	readonly ask: Ask;
	/** Like `ask`, and asks the workers too, which have no records. */
	readonly askNodes: Ask;
	close(): Promise<void>;
}

/**
 * Connects to the other hosts of a target when they are first asked, and keeps what is connected.
 *
 * @param all all hosts of the target, and its workers
 * @param open opens a connection whose first failure is final, and that asks the operator nothing
 * @param current the name of the host that is asked now
 */
export const createOtherHosts = (
	{ hosts, workers = [] }: { readonly hosts: readonly string[]; readonly workers?: readonly string[] },
	open: (name: string) => Host,
	current: () => string,
): OtherHosts => {
	const opened = new Map<string, Host>();
	const connect = (name: string): Host => {
		const host = opened.get(name) ?? open(name);
		opened.set(name, host);
		return host;
	};
	const drop = (name: string, host: Host): void => {
		if (opened.get(name) === host) {
			opened.delete(name);
		}
		void host.close();
	};
	const askEach =
		(names: readonly string[]): Ask =>
		async (what, signal) => {
			const others = names.filter((name) => name !== current());
			const read: { host: string; value: Awaited<ReturnType<typeof what>> }[] = [];
			const missing: MissingHost[] = [];
			await Promise.all(
				others.map(async (name) => {
					const late = AbortSignal.timeout(answerMs);
					const until = signal === undefined ? late : AbortSignal.any([signal, late]);
					const host = connect(name);
					try {
						await host.ready(until);
						read.push({ host: name, value: await orAbort(what(host, until), until) });
					} catch (error) {
						drop(name, host);
						signal?.throwIfAborted();
						const reason = late.aborted ? `it does not answer within ${answerMs / 1000} s` : messageOf(error);
						missing.push({ host: name, reason });
					}
				}),
			);
			const inOrder = (a: { readonly host: string }, b: { readonly host: string }) =>
				names.indexOf(a.host) - names.indexOf(b.host);
			return { read: read.toSorted(inOrder), missing: missing.toSorted(inOrder) };
		};
	return {
		ask: askEach(hosts),
		askNodes: askEach([...hosts, ...workers]),
		close: async () => {
			await Promise.all([...opened.values()].map((host) => host.close()));
		},
	};
};
