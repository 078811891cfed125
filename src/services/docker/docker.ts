import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../host/host.ts';
import { createHostClock, type HostClock } from './clock.ts';
import { EngineRefusal } from './engine.ts';
import { dockerFailure } from './failure.ts';
import type { DockerCalls, DockerWay } from './types.ts';
import { type FoundWay, findWay } from './way.ts';

/** Docker on a host. Finds its way at the first call and again after every failure to reach it; holds no connection of its own. */
export interface Docker extends DockerCalls {
	readonly host: Host;
	readonly clock: HostClock;
	/** The way in use; undefined before the first call, and after Docker could not be reached. */
	way(): DockerWay | undefined;
	/** Finds a way, or rejects saying why there is none. */
	ready(signal?: AbortSignal): Promise<DockerWay>;
	/**
	 * True where streams of their own (a log followed, statistics) cost nothing but a channel. By dial-stdio and by
	 * commands each would hold one of the few sessions sshd allows.
	 */
	streams(): boolean;
}

export const createDocker = (host: Host): Docker => {
	const clock = createHostClock();
	let found: FoundWay | undefined;
	let finding: Promise<FoundWay> | undefined;

	/** One search at a time, whoever asks; a caller that gives up does not end it for the others. */
	const find = (signal?: AbortSignal): Promise<FoundWay> => {
		if (found !== undefined) {
			return Promise.resolve(found);
		}
		finding ??= findWay(host, clock)
			.then((way) => {
				found = way;
				return way;
			})
			.finally(() => {
				finding = undefined;
			});
		return giveUpOn(finding, signal);
	};

	const failed = (used: FoundWay | undefined, what: string, error: unknown, signal?: AbortSignal): unknown => {
		if (signal?.aborted) {
			return signal.reason;
		}
		if (error instanceof EngineRefusal) {
			return new BackoutError('failed', `${what}: ${error.message}`, { host: host.name });
		}
		if (found === used) {
			found = undefined;
		}
		return dockerFailure(host.name, what, error);
	};

	const once = async <T>(what: string, signal: AbortSignal | undefined, call: (calls: DockerCalls) => Promise<T>) => {
		const used = await find(signal);
		try {
			return await call(used.calls);
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

	return {
		host,
		clock,
		way: () => found?.way,
		ready: async (signal) => (await find(signal)).way,
		streams: () => found?.way.kind === 'socket',
		list: (project, signal) => once('cannot list containers', signal, (calls) => calls.list(project, signal)),
		inspect: (id, signal) => once('cannot inspect a container', signal, (calls) => calls.inspect(id, signal)),
		inspectImage: (id, signal) => once('cannot inspect an image', signal, (calls) => calls.inspectImage(id, signal)),
		events: (project, options) =>
			stream('cannot listen to events', options.signal, (calls) => calls.events(project, options)),
		stats: (id, options) => stream('cannot read statistics', options.signal, (calls) => calls.stats(id, options)),
		logs: (id, options) => stream('cannot read the log', options.signal, (calls) => calls.logs(id, options)),
	};
};

const giveUpOn = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
	if (signal === undefined) {
		return promise;
	}
	return new Promise((resolve, reject) => {
		const leave = () => reject(signal.reason);
		if (signal.aborted) {
			leave();
		}
		signal.addEventListener('abort', leave, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
	});
};
