import type { Docker } from '../../engines/compose/docker/docker.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { CheckContext } from '../../services/checks/outcome.ts';
import { runReadOnlyScript } from '../plans/read-only-script.ts';

/** What checks look at, and how they run a script. */
export const checkContext = ({
	docker,
	target,
}: {
	readonly docker: Docker;
	readonly target: Target;
}): CheckContext => ({
	docker,
	target,
	runScript: (script, options) => runReadOnlyScript(docker.host, target, script, options),
});
