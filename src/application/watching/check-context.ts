import type { Engine } from '../../engine/engine.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { CheckContext } from '../../services/checks/outcome.ts';
import type { Host } from '../../services/host/host.ts';
import { runReadOnlyScript } from '../plans/read-only-script.ts';

/** What checks look at, and how they run a script. */
export const checkContext = ({
	host,
	engine,
	target,
}: {
	readonly host: Host;
	readonly engine: Engine;
	readonly target: Target;
}): CheckContext => ({
	host,
	engine,
	target,
	runScript: (script, options) => runReadOnlyScript(host, target, script, options),
});
