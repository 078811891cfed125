import type { Target } from '../../runbook/runbook.ts';
import type { CheckContext } from '../../services/checks/outcome.ts';
import type { Host } from '../../services/host/host.ts';
import { orAbort } from '../../services/host/sleep.ts';
import type { WatchedEngine } from '../../services/instances/watched-engine.ts';
import { runReadOnlyScript } from '../../services/runner/client/read-only-script.ts';
import { readSecrets, type SecretsPlace } from '../secrets/known-secrets.ts';
import { measuredBefore } from './measured-before.ts';

/** A reading of a host's secrets, and the processes of the deployment that were known when it began; empty: none yet. */
interface SecretsReading {
	processes: string;
	readonly ended: Promise<unknown>;
}

/** The last reading of each host's secrets; one that failed is repeated. */
const readings = new WeakMap<Host, SecretsReading>();

/** Evidence waits this long for the secrets, ms: a check that needs no engine must not hang with it. */
const learnMs = 5000;

/** Returns a text that is another as soon as a process of the deployment is: only a new one can have secrets that were changed. */
const processesIn = ({ instances }: Pick<WatchedEngine, 'instances'>): string =>
	instances
		.get()
		.instances.map(({ id, startedAt }) => `${id} ${startedAt}`)
		.join();

const secretsLearned = (place: SecretsPlace & Pick<WatchedEngine, 'instances'>): Promise<unknown> => {
	const processes = processesIn(place);
	let reading = readings.get(place.host);
	if (reading?.processes === '') {
		reading.processes = processes;
	}
	if (reading === undefined || reading.processes !== processes) {
		const ended = readSecrets(place, 'none', AbortSignal.timeout(2 * learnMs)).catch(() => readings.delete(place.host));
		reading = { processes, ended };
		readings.set(place.host, reading);
	}
	return orAbort(reading.ended, AbortSignal.timeout(learnMs)).catch(() => {});
};

/** Returns the context of checks: what they read, and how they run a script. */
export const checkContext = ({
	host,
	engine,
	instances,
	target,
}: WatchedEngine & { readonly target: Target }): CheckContext => ({
	host,
	engine,
	instances,
	target,
	measuredBefore: measuredBefore({ host, target }),
	secretsLearned: () => secretsLearned({ host, target, engine, instances }),
	runScript: (script, options) => runReadOnlyScript({ host, target, engine }, script, options),
});
