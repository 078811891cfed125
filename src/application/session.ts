import type { Target } from '../runbook/runbook.ts';
import { createDocker, type Docker } from '../services/docker/docker.ts';
import type { Host } from '../services/host/host.ts';
import { type OpenHostOptions, openHost } from '../services/host/open.ts';

/** One target with its one connection. Whoever opened it closes it. */
export interface Session {
	readonly target: Target;
	readonly host: Host;
	readonly docker: Docker;
	/** Makes every change impossible: the target's own setting, or `--read-only`. */
	readonly readOnly: boolean;
	close(): Promise<void>;
}

export interface SessionOptions extends OpenHostOptions {
	readonly readOnly?: boolean;
}

/** Opens a session; returns at once, the connection comes up meanwhile. */
export const openSession = (target: Target, { readOnly = false, ...options }: SessionOptions = {}): Session => {
	const host = openHost(target, options);
	return { target, host, docker: createDocker(host), readOnly: readOnly || target.readOnly, close: () => host.close() };
};
