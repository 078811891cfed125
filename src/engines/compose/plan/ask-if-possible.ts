import type { Host } from '../../../services/host/host.ts';
import { runScript } from '../../../services/host/run-script.ts';
import { type Deployment, deploymentEnvironment, deploymentFunctions } from '../deployment.ts';

interface Question {
	/** POSIX sh with the function that is called. */
	readonly functions: string;
	readonly purpose: string;
	readonly timeoutMs: number;
	readonly signal: AbortSignal | undefined;
}

/**
 * Asks the host what a plan says beside its changes: the output of a function's call; undefined when the host does not answer it. Rejects only
 * with the signal's reason.
 */
export const askIfPossible = async (
	host: Host,
	deployment: Deployment,
	call: string,
	{ functions, purpose, timeoutMs, signal }: Question,
): Promise<string | undefined> => {
	const said = await runScript(host, call, {
		purpose,
		prelude: [deploymentFunctions, functions],
		environment: deploymentEnvironment(deployment),
		signal,
		timeoutMs,
	}).catch(() => {
		signal?.throwIfAborted();
		return undefined;
	});
	return said?.stdout;
};
