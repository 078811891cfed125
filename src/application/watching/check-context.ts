import type { Target } from '../../runbook/runbook.ts';
import type { CheckContext } from '../../services/checks/outcome.ts';
import type { WatchedEngine } from '../../services/instances/watched-engine.ts';
import { runReadOnlyScript } from '../../services/runner/client/read-only-script.ts';
import { measuredBefore } from './measured-before.ts';

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
	runScript: (script, options) => runReadOnlyScript({ host, target, engine }, script, options),
});
