import type { Usage } from '../../engine/instance.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { lastLineOf, runScript } from '../../services/host/run-script.ts';
import { sleep } from '../../services/host/sleep.ts';
import { explainKubectl } from './explain.ts';
import kubectl from './kubectl.sh';
import { type ClusterPlace, placeVariables } from './place.ts';
import { parseQuantity } from './quantity.ts';
import type { RawPod } from './raw.ts';
import type { SnapshotReader } from './snapshot.ts';

/** Interval between two readings, ms: a metrics server has a new one every fifteen seconds or more. */
const everyMs = 10_000;
/** Time for which a cluster without metrics is not asked again, ms. */
const absentMs = 300_000;

const script = `kube get --request-timeout=10s --raw "/apis/metrics.k8s.io/v1beta1/namespaces/$kube_namespace/pods"`;

interface RawMetrics {
	readonly items?: readonly {
		readonly metadata?: { readonly name?: string };
		readonly containers?: readonly { readonly usage?: { readonly cpu?: string; readonly memory?: string } }[];
	}[];
}

/** Returns the sum of the memory limits of a pod's containers, if each has one. */
const limitOf = (pod: RawPod): number | undefined => {
	const limits = (pod.spec.containers ?? []).map(({ resources }) => parseQuantity(resources?.limits?.memory));
	const sum = limits.reduce<number | undefined>((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0);
	return sum === 0 ? undefined : sum;
};

const sumOf = (values: readonly (string | undefined)[]): number | undefined => {
	const numbers = values.flatMap((value) => parseQuantity(value) ?? []);
	return numbers.length === 0 ? undefined : numbers.reduce((a, b) => a + b, 0);
};

/** Reads the usage of pods where the cluster serves metrics (metrics.k8s.io). */
export const createUsage = (host: Host, place: ClusterPlace, reader: SnapshotReader) => {
	let absentUntil = Number.NEGATIVE_INFINITY;

	/** Reads all of the namespace at once. Rejects where there are no metrics, and for a while does not ask again. */
	const readAll = async (signal?: AbortSignal): Promise<ReadonlyMap<string, Usage>> => {
		const none = () =>
			new BackoutError('failed', 'the cluster serves no metrics, so the usage of pods is not known', {
				host: host.name,
				next: 'Install metrics-server to see processor and memory.',
			});
		if (performance.now() < absentUntil) {
			throw none();
		}
		const { code, stdout, stderr } = await runScript(host, script, {
			purpose: 'read the usage of pods',
			prelude: [kubectl],
			environment: placeVariables(place),
			anyExit: true,
			maxBytes: 16 * 1024 * 1024,
			...(signal !== undefined && { signal }),
		});
		if (code !== 0) {
			absentUntil = performance.now() + absentMs;
			throw /NotFound|could not find|not find the requested resource|ServiceUnavailable/i.test(stderr)
				? none()
				: explainKubectl(host.name, 'cannot read the usage of pods', lastLineOf(stderr), code, place);
		}
		const { items = [] } = JSON.parse(stdout) as RawMetrics;
		const { pods } = await reader.recent(60_000, signal);
		return new Map(
			items.flatMap(({ metadata, containers = [] }) => {
				const pod = pods.find(({ name }) => name === metadata?.name);
				const cores = sumOf(containers.map(({ usage }) => usage?.cpu));
				const memoryBytes = sumOf(containers.map(({ usage }) => usage?.memory));
				const memoryLimitBytes = pod && limitOf(pod);
				const use: Usage = {
					...(cores !== undefined && { cpuPercent: cores * 100 }),
					...(memoryBytes !== undefined && { memoryBytes }),
					...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
				};
				return pod === undefined ? [] : [[pod.uid, use] as const];
			}),
		);
	};

	return {
		/** Rejects with the reason where there are no metrics. */
		check: async (signal?: AbortSignal): Promise<void> => {
			await readAll(signal);
		},
		usage: async function* (
			id: string,
			{ once = false, signal }: { readonly once?: boolean; readonly signal?: AbortSignal },
		): AsyncGenerator<Usage, void, undefined> {
			do {
				const use = (await readAll(signal)).get(id);
				if (use === undefined) {
					return;
				}
				yield use;
				if (!once) {
					await sleep(everyMs, signal ?? new AbortController().signal);
				}
			} while (!once && signal?.aborted !== true);
		},
		usageOfAll: async function* (
			ids: () => readonly string[],
			{ signal }: { readonly signal: AbortSignal },
		): AsyncGenerator<ReadonlyMap<string, Usage | undefined>, void, undefined> {
			let came = false;
			while (!signal.aborted) {
				let all: ReadonlyMap<string, Usage>;
				try {
					all = await readAll(signal);
				} catch {
					// Figures of before are not those of now. Whoever asks for one is told why there are none.
					if (came && !signal.aborted) {
						yield new Map(ids().map((id) => [id, {}]));
					}
					return;
				}
				came = true;
				// A pod that was just made has no metrics yet: nothing else reads it better.
				yield new Map(ids().map((id) => [id, all.get(id) ?? {}]));
				await sleep(everyMs, signal);
			}
		},
	};
};
