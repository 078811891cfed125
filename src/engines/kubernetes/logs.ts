import type { LogChunk, LogOptions } from '../../engine/instance.ts';
import { nanosToMillis, parseNanos } from '../../engine/time.ts';
import type { Host } from '../../services/host/host.ts';
import { createLineCutter } from '../../services/host/line-cutter.ts';
import followScript from './follow.sh';
import { kubectlStream } from './kubectl-stream.ts';
import logsScript from './logs.sh';
import { mainContainer } from './names.ts';
import type { ClusterPlace } from './place.ts';
import type { RawContainerStatus, RawPod } from './raw.ts';

/** Longest line that is kept, bytes. */
const longestLine = 65_536;
/** The most lines that are kept to sort those of several containers, from the newest. */
const mostLines = 50_000;

const stampPattern = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/;

interface Line {
	readonly nanos: bigint;
	readonly stamp: string;
	readonly text: string;
}

const hasLog = ({ state, lastState }: RawContainerStatus): boolean =>
	(state?.running ?? state?.terminated ?? lastState?.terminated) !== undefined;

/** True when there is a log of the run before, which is not also that of the present one: a container that waits has the last as its own. */
const hasEarlier = ({ state, lastState }: RawContainerStatus): boolean =>
	(state?.running ?? state?.terminated) !== undefined && lastState?.terminated !== undefined;

/** Returns the words of logs.sh: every container with a log, and init containers that have not done their work. */
const wordsOf = ({ status }: RawPod, isEarlierToo: boolean): readonly string[] =>
	[
		...(status.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0),
		...(status.containerStatuses ?? []),
	]
		.filter(hasLog)
		.flatMap((one) => [...(isEarlierToo && hasEarlier(one) ? [`before:${one.name}`] : []), one.name]);

/** Splits `[pod/POD/CONTAINER] ` from the rest of a line. */
const prefixed = /^\[pod\/[^/\]]+\/([^\]]+)\] (.*)$/s;

/** Returns a line of a container, with its name before the text unless it is the one that the pod is about. */
const toLine = (raw: string, container: string | undefined, main: string | undefined): Line | undefined => {
	const stamp = stampPattern.exec(raw);
	const nanos = parseNanos(stamp?.[1]);
	if (stamp === null || nanos === undefined) {
		return undefined;
	}
	const text = raw.slice(stamp[0].length);
	return { nanos, stamp: stamp[1] ?? '', text: container === main ? text : `[${container}] ${text}` };
};

const isWithin =
	({ since, until }: LogOptions) =>
	({ nanos }: Line): boolean =>
		(since === undefined || nanos >= since) && (until === undefined || nanos <= until);

const chunkOf = ({ stamp, text }: Line, timestamps: boolean | undefined): LogChunk => ({
	stream: 'stdout',
	begins: true,
	bytes: Buffer.from(`${timestamps === true ? `${stamp} ` : ''}${text}\n`),
});

/** The values of the scripts. The API knows whole seconds: the rest is left out here. */
const valuesOf = ({ since, tail }: LogOptions): Readonly<Record<string, string>> => ({
	since: since === undefined ? '' : new Date(Math.floor(nanosToMillis(since) / 1000) * 1000).toISOString(),
	tail: tail === undefined ? '' : String(tail),
});

/** Reads what there is: the lines of all containers by their times. */
async function* readAll(
	host: Host,
	place: ClusterPlace,
	pod: RawPod,
	options: LogOptions,
): AsyncGenerator<LogChunk, void, undefined> {
	const main = mainContainer(pod.spec, pod.annotations)?.name;
	const containers = wordsOf(pod, true);
	if (containers.length === 0) {
		return;
	}
	const environment = { ...valuesOf(options), pod: pod.name, containers: containers.join(' ') };
	const cutter = createLineCutter(longestLine);
	const within = isWithin(options);
	let lines: Line[] = [];
	let container: string | undefined;
	const take = (raw: string) => {
		if (raw.startsWith('\x1e')) {
			container = raw.slice(1);
			return;
		}
		const line = toLine(raw, container, main);
		if (line !== undefined && within(line)) {
			lines.push(line);
		}
	};
	const how = { script: logsScript, purpose: 'read the log', environment, signal: options.signal };
	for await (const bytes of kubectlStream(host, place, how)) {
		for (const raw of cutter.push(bytes)) {
			take(raw);
		}
		if (lines.length > 2 * mostLines) {
			lines = lines.slice(-mostLines);
		}
	}
	const rest = cutter.end();
	if (rest !== undefined) {
		take(rest);
	}
	const sorted = lines.toSorted((a, b) => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0));
	for (const line of options.tail === undefined ? sorted : sorted.slice(Math.max(0, sorted.length - options.tail))) {
		yield chunkOf(line, options.timestamps);
	}
}

/** Follows the log until its containers have ended. */
async function* follow(
	host: Host,
	place: ClusterPlace,
	pod: RawPod,
	options: LogOptions,
): AsyncGenerator<LogChunk, void, undefined> {
	const main = mainContainer(pod.spec, pod.annotations)?.name;
	const all = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])];
	const environment = { ...valuesOf(options), pod: pod.name, container: all.length === 1 ? (main ?? '') : '' };
	const cutter = createLineCutter(longestLine);
	const within = isWithin(options);
	const how = {
		script: followScript,
		purpose: 'follow the log',
		environment,
		// It has not started yet, or is gone: whoever follows asks for the pod.
		isEnd: (said: string) => /waiting to start|not found|NotFound|ContainerCreating|PodInitializing/.test(said),
		signal: options.signal,
	};
	for await (const bytes of kubectlStream(host, place, how)) {
		for (const raw of cutter.push(bytes)) {
			const [, container = main, rest = raw] = prefixed.exec(raw) ?? [];
			const line = toLine(rest, container, main);
			if (line !== undefined && within(line)) {
				yield chunkOf(line, options.timestamps);
			}
		}
	}
}

/**
 * Yields the log of a pod: of all its containers, with the name of each but the main one before its lines. What is read without following
 * begins with the run before a restart, as far as the kubelet still has it. The cluster does not tell the two streams apart.
 */
export const readPodLog = (
	host: Host,
	place: ClusterPlace,
	pod: RawPod,
	options: LogOptions,
): AsyncGenerator<LogChunk, void, undefined> => (options.follow === true ? follow : readAll)(host, place, pod, options);
