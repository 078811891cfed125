import { createHash } from 'node:crypto';
import type { RolloutUpdate } from '../../engine/rollout.ts';
import type { Host } from '../../services/host/host.ts';
import { lastLineOf, runScript } from '../../services/host/run-script.ts';
import json from '../docker/json.sh';
import clusterCommand from './cluster.sh';
import { explainKubectl } from './explain.ts';
import kubectl from './kubectl.sh';
import kubernetes from './kubernetes.sh';
import settings from './kubernetes-settings.sh';
import { type ClusterPlace, placeVariables } from './place.ts';
import type { RawWorkload } from './raw.ts';
import script from './who-changed.sh';

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^{}[\]:,"\s]+/g;

/** Copies the JSON of a specification without its replicas, byte for byte, as kubernetes-patch.sh does before it takes the sum. */
const withoutReplicas = (spec: string): string => {
	const tokens = spec.match(token) ?? [];
	const kept: string[] = [];
	let depth = 0;
	for (let at = 0; at < tokens.length; at += 1) {
		const one = tokens[at] ?? '';
		if (depth === 1 && one === '"replicas"' && tokens[at + 1] === ':') {
			at += 2;
			if (tokens[at + 1] === ',') {
				at += 1;
			} else if (kept.at(-1) === ',') {
				kept.pop();
			}
			continue;
		}
		depth += one === '{' || one === '[' ? 1 : one === '}' || one === ']' ? -1 : 0;
		kept.push(one);
	}
	return kept.join('');
};

/** Returns the sum by which kubernetes-patch.sh tells specifications apart. */
export const sumOfSpec = (spec: string): string =>
	createHash('sha256').update(withoutReplicas(spec)).digest('hex').slice(0, 16);

const objectOf = ({ kind, name }: RawWorkload): string => `${kind.toLowerCase()}/${name}`;

/**
 * Returns the workloads that no longer have the specification that a run gave them.
 *
 * @param facts of the run: `wrote.deployment/web` is the sum of the specification and the number of pods, or `-`
 */
export const overwrittenIn = (
	workloads: readonly RawWorkload[],
	facts: Readonly<Record<string, string>>,
): readonly RawWorkload[] =>
	workloads.filter((workload) => {
		const [sum, replicas = '-'] = facts[`wrote.${objectOf(workload)}`]?.split(' ') ?? [];
		const isScaled = replicas !== '-' && replicas !== String(workload.spec.replicas);
		return sum !== undefined && (isScaled || sum !== sumOfSpec(workload.specText));
	});

/** Returns a function that says who has changed a workload, as an update; it asks once for each change. */
export const createWhoChanged = (host: Host, place: ClusterPlace) => {
	const known = new Map<string, Promise<RolloutUpdate>>();
	const ask = async (object: string, signal: AbortSignal | undefined): Promise<RolloutUpdate> => {
		const { stdout } = await runScript(host, `${script}\nwho_changed "$object"\n`, {
			purpose: 'say who has changed a workload',
			prelude: [kubectl, clusterCommand],
			environment: { ...placeVariables(place), object },
			anyExit: true,
			timeoutMs: 30_000,
			signal,
		});
		return { state: 'overwritten', message: stdout.trim() };
	};
	return (workload: RawWorkload, signal?: AbortSignal): Promise<RolloutUpdate> => {
		const key = `${workload.uid} ${workload.generation}`;
		const before = known.get(key);
		if (before !== undefined) {
			return before;
		}
		const answer = ask(objectOf(workload), signal);
		answer.catch(() => known.delete(key));
		known.set(key, answer);
		return answer;
	};
};

/** How long it is believed that no setting was changed, ms. */
const settingsAgeMs = 5000;

/** A ConfigMap or Secret that somebody has changed: `configmap settings`, and who, as far as the API server says. */
interface ChangedSetting {
	readonly kind: string;
	readonly name: string;
	readonly by: string;
}

/** The members of a specification that name a ConfigMap or Secret, as settings_of in kubernetes-settings.sh reads them. */
const settingMembers: Readonly<Record<string, readonly string[]>> = {
	configmap: ['configMapRef', 'configMapKeyRef', 'configMap'],
	secret: ['secretRef', 'secretKeyRef', 'secret'],
};

/** True for a value of JSON that names this ConfigMap or Secret in it. */
const names = (value: unknown, kind: string, name: string): boolean =>
	typeof value === 'object' &&
	value !== null &&
	Object.entries(value).some(([key, inner]) => {
		const named = settingMembers[kind]?.includes(key) ? [inner?.name, kind === 'secret' && inner?.secretName] : [];
		return named.includes(name) || names(inner, kind, name);
	});

/** True for a workload whose pods read this ConfigMap or Secret: an object of another kind may have the same name. */
export const namesSetting = (
	{ spec }: Pick<RawWorkload, 'spec'>,
	{ kind, name }: { readonly kind: string; readonly name: string },
): boolean => names(spec, kind, name);

/**
 * Returns a function that says, as updates by the uid of workloads, which of the settings that a run has written somebody has changed since.
 *
 * @throws when the API server does not give one of them
 */
export const createChangedSettings = (host: Host, place: ClusterPlace) => {
	let last: { readonly written: string; readonly at: number; readonly changed: readonly ChangedSetting[] } | undefined;
	const ask = async (written: string, signal: AbortSignal | undefined): Promise<readonly ChangedSetting[]> => {
		const { code, stdout, stderr } = await runScript(host, 'printf "%s\\n" "$written" | settings_overwritten', {
			purpose: 'read the settings that the run has written',
			prelude: [json, kubectl, clusterCommand, kubernetes, script, settings],
			environment: { ...placeVariables(place), written },
			anyExit: true,
			timeoutMs: 30_000,
			signal,
		});
		if (code !== 0) {
			throw explainKubectl(host.name, 'cannot read the settings', lastLineOf(stderr), code, place);
		}
		return stdout
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => {
				const [object = '', by = ''] = line.split('\t');
				const at = object.indexOf('/');
				return { kind: object.slice(0, at), name: object.slice(at + 1), by };
			});
	};
	return async (
		workloads: readonly RawWorkload[],
		facts: Readonly<Record<string, string>>,
		signal?: AbortSignal,
	): Promise<ReadonlyMap<string, RolloutUpdate>> => {
		const written = Object.entries(facts)
			.filter(([name]) => /^wrote\.(?:configmap|secret)\//.test(name))
			.map(([name, sum]) => `${name.slice('wrote.'.length)} ${sum}`)
			.join('\n');
		if (written === '') {
			return new Map();
		}
		const now = performance.now();
		if (last === undefined || last.written !== written || now - last.at > settingsAgeMs) {
			last = { written, at: now, changed: await ask(written, signal) };
		}
		return new Map(
			last.changed.flatMap((setting) => {
				const { kind, name, by } = setting;
				const message = `its ${kind} ${name}${by === '' ? '' : `, ${by}`}`;
				return workloads
					.filter((workload) => namesSetting(workload, setting))
					.map(({ uid }) => [uid, { state: 'overwritten', message }] as const);
			}),
		);
	};
};
