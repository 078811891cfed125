import type { LogChunk, LogOptions } from '../../engine/instance.ts';
import { toTimestamp } from '../../engine/time.ts';
import { createLineCutter } from '../../services/host/line-cutter.ts';
import { type ApiClient, ApiRefusal } from './api-client.ts';
import { type DockerCalls, eventActions } from './calls.ts';
import { toDescription } from './description.ts';
import { toDetails, toImage } from './details.ts';
import { parseEvent } from './event.ts';
import { createDemultiplexer, joinChunks } from './frames.ts';
import { toLayers } from './history.ts';
import { folderLabel, isOfDeployment, oneOffLabel, podmanProjectLabel, projectLabel, serviceLabel } from './labels.ts';
import { type RawStats, toUse } from './stats.ts';

interface RawSummary {
	Id: string;
	Names?: string[];
	State?: string;
	Status?: string;
	Labels?: Record<string, string>;
}

const sampleMs = 1900;

const ifThere = async <T>(answer: Promise<T>): Promise<T | undefined> => {
	try {
		return await answer;
	} catch (error) {
		if (error instanceof ApiRefusal && error.status === 404) {
			return undefined;
		}
		throw error;
	}
};

/** Docker through its Engine API. Rejects with the errors of Engine. */
export const createApiCalls = (engine: ApiClient): DockerCalls => {
	const inspect: DockerCalls['inspect'] = async (id, signal) => {
		const json = await ifThere(engine.json(`containers/${id}/json`, { signal }));
		return json === undefined ? undefined : toDetails(json);
	};
	const describe: DockerCalls['describe'] = async (id, signal) => {
		const json = await ifThere(engine.json(`containers/${id}/json`, { signal }));
		return json === undefined ? undefined : toDescription(json);
	};
	return {
		client: engine,
		list: async (project, signal) => {
			const filters = JSON.stringify({ label: [`${projectLabel}=${project}`] });
			const found = (await engine.json('containers/json', { query: { all: '1', filters }, signal })) as RawSummary[];
			return found
				.filter(({ Labels }) => isOfDeployment(Labels?.[oneOffLabel], Labels?.[podmanProjectLabel]))
				.map(({ Id, Names, State, Status, Labels }) => {
					const name = (Names?.[0] ?? Id).replace(/^\//, '');
					return {
						id: Id,
						name,
						service: Labels?.[serviceLabel] ?? name,
						status: State ?? 'unknown',
						words: Status ?? '',
						folder: Labels?.[folderLabel],
					};
				});
		},
		inspect,
		describe,
		inspectImage: async (id, signal) => {
			const json = await ifThere(engine.json(`images/${encodeURIComponent(id)}/json`, { signal }));
			return json === undefined ? undefined : toImage(json);
		},
		imageHistory: async (id, signal) => {
			const json = await ifThere(engine.json(`images/${encodeURIComponent(id)}/history`, { signal }));
			return json === undefined ? undefined : toLayers(json);
		},
		events: async function* (project, { since, until, signal, onOpen }) {
			const filters = JSON.stringify({
				type: ['container'],
				label: [`${projectLabel}=${project}`],
				event: eventActions,
			});
			const query = {
				filters,
				...(since === undefined ? {} : { since: toTimestamp(since) }),
				...(until === undefined ? {} : { until: toTimestamp(until) }),
			};
			const lines = createLineCutter();
			for await (const bytes of engine.open('events', { query, signal, onOpen })) {
				for (const line of lines.push(bytes)) {
					const event = parseEvent(line);
					if (event !== undefined) {
						yield event;
					}
				}
			}
		},
		stats: async function* (id, { once, signal }) {
			const query = once === true ? { stream: '0' } : { stream: '1' };
			const lines = createLineCutter(1_048_576);
			let before: RawStats | undefined;
			let readAt = Number.NEGATIVE_INFINITY;
			const read = (line: string) => {
				const raw = JSON.parse(line) as RawStats;
				const use = toUse(raw, before);
				before = raw;
				return use;
			};
			for await (const bytes of engine.open(`containers/${id}/stats`, { query, signal, timeoutMs: 10_000 })) {
				const newest = lines.push(bytes).at(-1);
				// Docker sends one a second; reading each would be most of what an idle screen costs.
				if (newest !== undefined && performance.now() - readAt > sampleMs) {
					readAt = performance.now();
					yield read(newest);
				}
			}
			const rest = lines.end();
			if (rest !== undefined) {
				yield read(rest);
			}
		},
		logs: async function* (id, options) {
			const tty = options.tty ?? (await inspect(id, options.signal))?.tty ?? false;
			yield* readLog(engine, `containers/${id}/logs`, { ...options, tty });
		},
	};
};

/** Yields a log as bytes. `tty`: the log is not framed; the request does not wait for it. */
export async function* readLog(
	engine: ApiClient,
	path: string,
	options: LogOptions & { readonly tty: NonNullable<LogOptions['tty']> },
): AsyncGenerator<LogChunk, void, undefined> {
	const { since, until, tail, follow, timestamps, signal } = options;
	let tty: boolean | undefined;
	const query = {
		stdout: '1',
		stderr: '1',
		...(follow ? { follow: '1' } : {}),
		...(timestamps ? { timestamps: '1' } : {}),
		...(tail === undefined ? {} : { tail: String(tail) }),
		...(since === undefined ? {} : { since: toTimestamp(since) }),
		...(until === undefined ? {} : { until: toTimestamp(until) }),
	};
	const demultiplex = createDemultiplexer();
	for await (const bytes of engine.open(path, { query, signal, timeoutMs: 10_000 })) {
		tty ??= await options.tty;
		if (tty) {
			yield { stream: 'stdout', bytes };
		} else {
			// A chunk with a timestamp must be one frame: the time is at its beginning.
			yield* timestamps ? demultiplex(bytes) : joinChunks(demultiplex(bytes));
		}
	}
}
