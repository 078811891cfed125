import type { Target } from '../runbook/runbook.ts';
import { createDocker, type Docker } from '../services/docker/docker.ts';
import type { Host } from '../services/host/host.ts';
import { type OpenHostOptions, openHost } from '../services/host/open.ts';
import { type Monitoring, startMonitoring } from './monitoring.ts';

/** One target with its one connection. Whoever opened it closes it. */
export interface Session {
	readonly target: Target;
	readonly host: Host;
	readonly docker: Docker;
	/** Makes every change impossible: the target's own setting, or `--read-only`. */
	readonly readOnly: boolean;
	/** Watches the target, from the first call on until the session is closed: one watch for all who ask. */
	monitoring?(): Monitoring;
	close(): Promise<void>;
}

export interface SessionOptions extends OpenHostOptions {
	readonly readOnly?: boolean;
}

/** Opens a session; returns at once, the connection comes up meanwhile. */
export const openSession = (
	target: Target,
	{ readOnly = false, ...options }: SessionOptions = {},
): Session & Required<Pick<Session, 'monitoring'>> => {
	const nothingChanges = readOnly || target.readOnly;
	const host = openHost(target, { ...options, readOnly: nothingChanges });
	let monitoring: Monitoring | undefined;
	const session = {
		target,
		host,
		docker: createDocker(host),
		readOnly: nothingChanges,
		monitoring: () => {
			monitoring ??= startMonitoring(session);
			return monitoring;
		},
		close: () => {
			monitoring?.stop();
			return host.close();
		},
	};
	return session;
};
