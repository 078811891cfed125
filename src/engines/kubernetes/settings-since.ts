import type { ServiceRollout } from '../../engine/rollout.ts';
import type { Host } from '../../services/host/host.ts';
import { runScript } from '../../services/host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../../services/runner/host/state-folder.ts';
import { workloadName } from './names.ts';
import { namesSetting } from './overwritten.ts';
import { type ClusterPlace, placeVariables } from './place.ts';
import type { RawWorkload } from './raw.ts';
import { kubernetesShell } from './shell.ts';
import type { Snapshot } from './snapshot.ts';

/** How long it is believed which settings have changed, ms: each is a call of kubectl. */
const ageMs = 20_000;

const script = `state_dir=$(${locateState}
locate_state 2>/dev/null
printf %s "$state")
settings_since_good`;

/** A ConfigMap or Secret that has changed, and how, such as `has another content than then, in mode`. */
interface SettingSince {
	readonly kind: string;
	readonly name: string;
	readonly said: string;
}

const settingIn = (line: string): readonly SettingSince[] => {
	const [, kind = '', name = '', said = ''] =
		/^(configmap|secret) (\S+) (has another content than .*|is gone)$/.exec(line) ?? [];
	return said === '' ? [] : [{ kind, name, said }];
};

/**
 * Returns a function that adds to rollouts whose pods fail which of their ConfigMaps and Secrets have changed since the last good deployment that
 * was seen: no revision of a workload has these, and so its pod template alone does not help. Where that cannot be read it is not said.
 */
export const createSettingsSince = (host: Host, place: ClusterPlace, folder: StateOptions) => {
	let last: { readonly at: number; readonly found: Promise<readonly SettingSince[]> } | undefined;
	const ask = async (): Promise<readonly SettingSince[]> => {
		const { stdout } = await runScript(host, script, {
			purpose: 'compare the settings with those of the last good deployment',
			prelude: [kubernetesShell.scriptFunctions],
			environment: { ...placeVariables(place), ...stateValues(folder) },
			anyExit: true,
			timeoutMs: 15_000,
		});
		return stdout.split('\n').flatMap(settingIn);
	};
	return async (
		rollouts: readonly ServiceRollout[],
		failing: readonly RawWorkload[],
		snapshot: Snapshot,
	): Promise<readonly ServiceRollout[]> => {
		if (failing.length === 0) {
			return rollouts;
		}
		if (last === undefined || performance.now() - last.at > ageMs) {
			last = { at: performance.now(), found: ask().catch(() => []) };
		}
		const found = await last.found;
		return rollouts.map((rollout) => {
			const workload = failing.find((one) => workloadName(one, snapshot) === rollout.service);
			const changed = found.filter((setting) => workload !== undefined && namesSetting(workload, setting));
			const said = changed.map(
				({ kind, name, said }) =>
					`${rollout.service}: its ${kind} ${name} ${said.replace('than then', 'than in the last good deployment')}`,
			);
			return said.length === 0 ? rollout : { ...rollout, troubles: [...said, ...(rollout.troubles ?? [])] };
		});
	};
};
