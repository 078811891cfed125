import { composeShell } from '../../src/engines/compose/shell.ts';
import type { Host } from '../../src/services/host/host.ts';
import * as runner from '../../src/services/runner/runner.ts';

// The runner with the shell of Docker Compose, as the program calls it for every target.
export * from '../../src/services/runner/runner.ts';

export const startRun = (
	host: Host,
	options: Omit<runner.StartOptions, 'shell'>,
	signal?: AbortSignal,
): Promise<{ readonly id: string }> => runner.startRun(host, { shell: composeShell, ...options }, signal);

export const restorePointStep = (options?: { readonly timeoutSeconds?: number }) =>
	runner.restorePointStep(composeShell, options);

export const emergencyRestorePoint = () => runner.emergencyRestorePoint(composeShell);
