import type { InstanceSummary } from '../../engine/instance.ts';
import type { SocketMemory } from '../../engine/socket-memory.ts';
import { BackoutError } from '../../runbook/errors.ts';
import { createHostClock, type HostClock } from '../../services/host/clock.ts';
import type { Host } from '../../services/host/host.ts';
import { orAbort } from '../../services/host/sleep.ts';
import { type ApiClient, ApiRefusal } from './api-client.ts';
import { asDockerError } from './as-docker-error.ts';
import type { DockerCalls, DockerTransport } from './calls.ts';
import { connectDocker, connectSpeculatively, type FoundTransport, type SpeculativeConnection } from './transport.ts';

/** Docker on a host. Finds a transport at the first call and again after each failure to reach it; keeps no connection of its own. */
export interface Docker extends DockerCalls {
	readonly host: Host;
	readonly clock: HostClock;
	/** The transport in use; undefined before the first call, and after Docker could not be reached. */
	way(): DockerTransport | undefined;
	/**
	 * Asks the Engine API. Rejects like every call, and where only the command line reaches Docker.
	 *
	 * @param what the words before the reason of a failure: `cannot list tasks`
	 */
	ask<T>(what: string, call: (client: ApiClient) => Promise<T>, signal?: AbortSignal): Promise<T>;
	/** Yields what a stream of the Engine API gives. Rejects like `ask`. */
	follow<T>(
		what: string,
		call: (client: ApiClient) => AsyncGenerator<T, void, undefined>,
		signal?: AbortSignal,
	): AsyncGenerator<T, void, undefined>;
	/** Finds a transport, or rejects with the reason why there is none. */
	ready(signal?: AbortSignal): Promise<DockerTransport>;
	/**
	 * True when a stream (a followed log, statistics) costs only a channel. Through dial-stdio and the command line, each would occupy one
	 * of the few sessions that sshd allows.
	 */
	streams(): boolean;
}

/** The real name of a project whose name was only guessed (engines/compose/project-name.ts). */
export interface ProjectNames {
	known(guess: string): string | undefined;
	find(guess: string, listed: readonly InstanceSummary[], signal?: AbortSignal): Promise<string>;
}

/** Wraps calls that name a project, so that they use its real name. */
const byRealName = (
	names: ProjectNames | undefined,
	calls: Pick<DockerCalls, 'list' | 'events'>,
): Pick<DockerCalls, 'list' | 'events'> => {
	if (names === undefined) {
		return calls;
	}
	const list = async (project: string, signal?: AbortSignal): Promise<readonly InstanceSummary[]> => {
		const known = names.known(project);
		const listed = await calls.list(known ?? project, signal);
		if (known !== undefined) {
			return listed;
		}
		const real = await names.find(project, listed, signal);
		return real === project ? listed : calls.list(real, signal);
	};
	return {
		list,
		events: async function* (project, options) {
			if (names.known(project) === undefined) {
				await list(project, options.signal);
			}
			yield* calls.events(names.known(project) ?? project, options);
		},
	};
};

/** Connects to Docker; with a memory, the remembered socket is tried while the host is asked. */
export const createDocker = (host: Host, memory?: SocketMemory, names?: ProjectNames): Docker => {
	const clock = createHostClock();
	let found: FoundTransport | undefined;
	let finding: Promise<FoundTransport> | undefined;
	/** Connection of the search in progress. */
	let guess: SpeculativeConnection | undefined;

	/** All callers share one search; a caller that gives up does not end it for the others. */
	const find = (signal?: AbortSignal): Promise<FoundTransport> => {
		if (found !== undefined) {
			return Promise.resolve(found);
		}
		if (finding === undefined) {
			guess = memory && connectSpeculatively(host, clock, memory);
			finding = connectDocker(host, clock, { guess, memory })
				.then((way) => {
					found = way;
					return way;
				})
				.finally(() => {
					if (found?.calls !== guess?.calls) {
						guess?.abandon();
					}
					finding = undefined;
					guess = undefined;
				});
		}
		return orAbort(finding, signal);
	};

	const failed = (used: FoundTransport | undefined, what: string, error: unknown, signal?: AbortSignal): unknown => {
		if (signal?.aborted) {
			return signal.reason;
		}
		if (error instanceof ApiRefusal) {
			return new BackoutError('failed', `${what}: ${error.message}`, { host: host.name });
		}
		if (found === used) {
			found = undefined;
		}
		return asDockerError(host.name, what, error);
	};

	const once = async <T>(what: string, signal: AbortSignal | undefined, call: (calls: DockerCalls) => Promise<T>) => {
		const finding = find(signal);
		const trying = guess;
		// The call only reads, so it may be made twice.
		const early = trying?.early(call);
		const used = await finding;
		try {
			const outcome = used.calls === trying?.calls ? await early : undefined;
			if (outcome?.status === 'rejected') {
				throw outcome.reason;
			}
			return outcome?.value ?? (await call(used.calls));
		} catch (error) {
			throw failed(used, what, error, signal);
		}
	};

	async function* stream<T>(
		what: string,
		signal: AbortSignal | undefined,
		call: (calls: DockerCalls) => AsyncGenerator<T, void, undefined>,
	): AsyncGenerator<T, void, undefined> {
		const used = await find(signal);
		try {
			yield* call(used.calls);
		} catch (error) {
			throw failed(used, what, error, signal);
		}
	}

	const clientOf = ({ client }: DockerCalls): ApiClient => {
		if (client === undefined) {
			throw new BackoutError('failed', 'the Engine API cannot be reached, only the command docker', {
				host: host.name,
				next: "Let this user use Docker's socket, e.g. usermod -aG docker.",
			});
		}
		return client;
	};

	const listOf = (project: string, signal?: AbortSignal) =>
		once('cannot list containers', signal, (calls) => calls.list(project, signal));

	const { list, events } = byRealName(names, {
		list: listOf,
		events: (project, options) =>
			stream('cannot listen to events', options.signal, (calls) => calls.events(project, options)),
	});

	const calls: DockerCalls = {
		list,
		inspect: (id, signal) => once('cannot inspect a container', signal, (calls) => calls.inspect(id, signal)),
		describe: (id, signal) => once('cannot inspect a container', signal, (calls) => calls.describe(id, signal)),
		inspectImage: (id, signal) => once('cannot inspect an image', signal, (calls) => calls.inspectImage(id, signal)),
		imageHistory: (id, signal) =>
			once('cannot read the history of an image', signal, (calls) => calls.imageHistory(id, signal)),
		events,
		stats: (id, options) => stream('cannot read statistics', options.signal, (calls) => calls.stats(id, options)),
		logs: (id, options) => stream('cannot read the log', options.signal, (calls) => calls.logs(id, options)),
	};
	return {
		...calls,
		host,
		clock,
		ask: (what, call, signal) => once(what, signal, async (calls) => call(clientOf(calls))),
		follow: (what, call, signal) => stream(what, signal, (calls) => call(clientOf(calls))),
		way: () => found?.way,
		ready: async (signal) => (await find(signal)).way,
		streams: () => found?.way.kind === 'socket',
	};
};
