import type { LogChunk } from '../../../engine/instance.ts';
import { toTimestamp } from '../../../engine/time.ts';
import { BackoutError } from '../../../runbook/errors.ts';
import type { Host } from '../../../services/host/host.ts';
import { createLineCutter } from '../../../services/host/line-cutter.ts';
import { lostLink, runScript } from '../../../services/host/run-script.ts';
import { createMarkFilter, newMark, shellCommand, shellProgram } from '../../../services/host/shell-program.ts';
import { type DockerCalls, eventActions } from './calls.ts';
import { toDetails, toImage } from './details.ts';
import { parseEvent } from './event.ts';
import eventsScript from './events.sh';
import logsScript from './logs.sh';
import { parseUseLine } from './stats.ts';

const listScript = `docker ps -a --no-trunc --filter "label=com.docker.compose.project=$project" --format \\
'{{.ID}}\t{{.Names}}\t{{.State}}\t{{.Status}}\t{{.Label "com.docker.compose.service"}}\t{{.Label "com.docker.compose.oneoff"}}	{{.Label "com.docker.compose.project.working_dir"}}'`;
const inspectScript = `docker container inspect "$id"`;
const imageScript = `docker image inspect "$id"`;
const statsScript = `exec docker stats --no-stream --no-trunc --format '{{.CPUPerc}}\t{{.MemUsage}}' "$id"`;

const stamp = (nanos: bigint | undefined): string => (nanos === undefined ? '' : toTimestamp(nanos));

/** Docker by its command line on the host: the last resort, when no socket can be reached. */
export const createCliCalls = (host: Host): DockerCalls => {
	const run = async (purpose: string, script: string, environment: Record<string, string>, signal?: AbortSignal) =>
		(await runScript(host, script, { purpose, environment, signal })).stdout;

	const inspectWith = async (purpose: string, script: string, id: string, signal?: AbortSignal) => {
		try {
			return (JSON.parse(await run(purpose, script, { id }, signal)) as unknown[])[0];
		} catch (error) {
			if (error instanceof BackoutError && /no such/i.test(error.output ?? '')) {
				return undefined;
			}
			throw error;
		}
	};

	/** Runs a script and yields both its outputs as they come. */
	async function* stream(
		purpose: string,
		script: string,
		environment: Record<string, string>,
		signal?: AbortSignal,
	): AsyncGenerator<LogChunk, void, undefined> {
		const running = await host.spawn(shellCommand, { signal });
		const mark = newMark();
		try {
			running.stdin.on('error', () => {});
			running.stdin.end(shellProgram(mark, {}, [script], { environment }));
			const genuine = { stdout: createMarkFilter(mark), stderr: createMarkFilter(mark) };
			const pieces = merge([
				['stdout', running.stdout],
				['stderr', running.stderr],
			]);
			for await (const { stream: from, bytes } of pieces) {
				const rest = genuine[from](bytes);
				if (rest !== undefined && rest.length > 0) {
					yield { stream: from, bytes: rest };
				}
			}
			const end = await running.end;
			const { code } = end;
			signal?.throwIfAborted();
			if (end.lost) {
				throw lostLink(host.name, purpose);
			}
			// 124 is \`timeout\`: not a failure, the caller asks anew.
			if (code !== 0 && code !== 124) {
				throw new BackoutError('failed', `docker ended with exit code ${code ?? 'unknown'}`, { host: host.name });
			}
		} finally {
			running.close();
		}
	}

	return {
		list: async (project, signal) => {
			const lines = (await run('list containers', listScript, { project }, signal)).split('\n');
			return lines
				.map((line) => line.split('\t'))
				.filter((cells) => cells.length === 7 && cells[5] !== 'True')
				.map(([id = '', name = '', status = '', words = '', service = '', , folder = '']) => ({
					id,
					name,
					service: service || name,
					status,
					words,
					...(folder !== '' && { folder }),
				}));
		},
		inspect: async (id, signal) => {
			const json = await inspectWith('inspect a container', inspectScript, id, signal);
			return json === undefined ? undefined : toDetails(json);
		},
		inspectImage: async (id, signal) => {
			const json = await inspectWith('inspect an image', imageScript, id, signal);
			return json === undefined ? undefined : toImage(json);
		},
		events: async function* (project, { since, until, signal, onOpen }) {
			const environment = { project, actions: eventActions.join(' '), since: stamp(since), until: stamp(until) };
			const lines = createLineCutter();
			onOpen?.();
			for await (const { stream: from, bytes } of stream('listen to events', eventsScript, environment, signal)) {
				for (const line of from === 'stdout' ? lines.push(bytes) : []) {
					const event = parseEvent(line);
					if (event !== undefined) {
						yield event;
					}
				}
			}
		},
		stats: async function* (id, { signal }) {
			for (const line of (await run('read statistics', statsScript, { id }, signal)).trim().split('\n')) {
				yield parseUseLine(line);
			}
		},
		logs: (id, { since, until, tail, follow, timestamps, signal }) =>
			stream(
				'read the log',
				logsScript,
				{
					id,
					since: stamp(since),
					until: stamp(until),
					tail: tail === undefined ? '' : String(tail),
					follow: follow ? '1' : '',
					timestamps: timestamps ? '1' : '',
				},
				signal,
			),
	};
};

type Named = readonly [LogChunk['stream'], AsyncIterable<Buffer>];

/** Yields from several streams as each has something. */
async function* merge(sources: readonly Named[]): AsyncGenerator<LogChunk, void, undefined> {
	const waiting = new Map(
		sources.map(([name, source]) => {
			const iterator = source[Symbol.asyncIterator]();
			return [iterator, iterator.next().then((step) => ({ name, iterator, step }))] as const;
		}),
	);
	try {
		while (waiting.size > 0) {
			const { name, iterator, step } = await Promise.race(waiting.values());
			if (step.done === true) {
				waiting.delete(iterator);
				continue;
			}
			waiting.set(
				iterator,
				iterator.next().then((next) => ({ name, iterator, step: next })),
			);
			yield { stream: name, bytes: step.value };
		}
	} finally {
		// A reader that leaves early closes the streams: what they then say is of no interest.
		for (const step of waiting.values()) {
			step.catch(() => {});
		}
	}
}
