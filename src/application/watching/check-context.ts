import type { Target } from '../../runbook/runbook.ts';
import type { CheckContext } from '../../services/checks/outcome.ts';
import type { Host } from '../../services/host/host.ts';
import { orAbort } from '../../services/host/sleep.ts';
import type { WatchedEngine } from '../../services/instances/watched-engine.ts';
import { runReadOnlyScript } from '../../services/runner/client/read-only-script.ts';
import { readSecrets, type SecretsPlace } from '../secrets/known-secrets.ts';
import { measuredBefore } from './measured-before.ts';

/** The reading of each host's secrets; one that failed is repeated. */
const readings = new WeakMap<Host, Promise<unknown>>();

/** Evidence waits this long for the secrets, ms: a check that needs no engine must not hang with it. */
const learnMs = 5000;

const secretsLearned = (place: SecretsPlace): Promise<unknown> => {
	const reading =
		readings.get(place.host) ??
		readSecrets(place, 'none', AbortSignal.timeout(2 * learnMs)).catch(() => readings.delete(place.host));
	readings.set(place.host, reading);
	return orAbort(reading, AbortSignal.timeout(learnMs)).catch(() => {});
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
	secretsLearned: () => secretsLearned({ host, target, engine }),
	runScript: (script, options) => runReadOnlyScript({ host, target, engine }, script, options),
});
