import { toTimestamp } from '../../engine/time.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { createLineCutter } from '../../services/host/line-cutter.ts';
import { runScript } from '../../services/host/run-script.ts';
import { type DockerCalls, eventActions } from './calls.ts';
import { streamFrom } from './cli-stream.ts';
import { toDescription } from './description.ts';
import { toDetails, toImage } from './details.ts';
import { parseEvent } from './event.ts';
import eventsScript from './events.sh';
import { parseHistory } from './history.ts';
import { isOfDeployment } from './labels.ts';
import logsScript from './logs.sh';
import { parseUseLine } from './stats.ts';

const listScript = `docker ps -a --no-trunc --filter "label=com.docker.compose.project=$project" --format \\
'{{.ID}}\t{{.Names}}\t{{.State}}\t{{.Status}}\t{{.Label "com.docker.compose.service"}}\t{{.Label "com.docker.compose.oneoff"}}	{{.Label "com.docker.compose.project.working_dir"}}\t{{.Label "io.podman.compose.project"}}'`;
const inspectScript = `docker container inspect "$id"`;
const imageScript = `docker image inspect "$id"`;
const historyScript = `docker history --no-trunc --human=false --format '{{json .}}' "$id"`;
const statsScript = `exec docker stats --no-stream --no-trunc --format '{{.CPUPerc}}\t{{.MemUsage}}' "$id"`;

const stamp = (nanos: bigint | undefined): string => (nanos === undefined ? '' : toTimestamp(nanos));

/** Docker through its command line on the host: the last resort, when no socket can be reached. */
export const createCliCalls = (host: Host): DockerCalls => {
	const run = async (purpose: string, script: string, environment: Record<string, string>, signal?: AbortSignal) =>
		(await runScript(host, script, { purpose, environment, signal })).stdout;

	/** What a command prints about a thing; undefined where that is gone. */
	const askAbout = async (purpose: string, script: string, id: string, signal?: AbortSignal) => {
		try {
			return await run(purpose, script, { id }, signal);
		} catch (error) {
			if (error instanceof BackoutError && /no such/i.test(error.output ?? '')) {
				return undefined;
			}
			throw error;
		}
	};

	const inspectWith = async (purpose: string, script: string, id: string, signal?: AbortSignal) => {
		const text = await askAbout(purpose, script, id, signal);
		return text === undefined ? undefined : (JSON.parse(text) as unknown[])[0];
	};

	const stream = streamFrom(host);

	return {
		list: async (project, signal) => {
			const lines = (await run('list containers', listScript, { project }, signal)).split('\n');
			return lines
				.map((line) => line.split('\t'))
				.filter((cells) => cells.length === 8 && isOfDeployment(cells[5], cells[7]))
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
		describe: async (id, signal) => {
			const json = await inspectWith('inspect a container', inspectScript, id, signal);
			return json === undefined ? undefined : toDescription(json);
		},
		inspectImage: async (id, signal) => {
			const json = await inspectWith('inspect an image', imageScript, id, signal);
			return json === undefined ? undefined : toImage(json);
		},
		imageHistory: async (id, signal) => {
			const text = await askAbout('read the history of an image', historyScript, id, signal);
			return text === undefined ? undefined : parseHistory(text);
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
