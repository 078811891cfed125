import type { Engine } from '../../engine/engine.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { Notice } from '../../runbook/notice.ts';
import type { Target } from '../../runbook/runbook.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import type { Host } from '../../services/host/host.ts';
import { type OpenHostOptions, openHost } from '../../services/host/open.ts';
import { createInstanceModel, type InstanceModel } from '../../services/instances/instance-model.ts';
import { type Monitoring, startMonitoring } from '../watching/monitoring.ts';
import { engineOf } from './choose-engine.ts';

/** One target with its one connection. Whoever opened it closes it. */
export interface Session {
	readonly target: Target;
	readonly host: Host;
	readonly engine: Engine;
	/** The one model of what runs on it. */
	readonly instances: InstanceModel;
	/** Makes every change impossible: the target's own setting, or `--read-only`. */
	readonly readOnly: boolean;
	/** Tells an operator who looks elsewhere; `waitedMs`: for how long he has been following. */
	notify?(notice: Masked<Notice>, waitedMs: number): void;
	/** Watches the target, from the first call on until the session is closed: one watch for all who ask. */
	monitoring?(): Monitoring;
	close(): Promise<void>;
}

export interface SessionOptions extends OpenHostOptions {
	readonly readOnly?: boolean;
	readonly notify?: Session['notify'];
	/** Begins to watch leanly (monitoring.ts). */
	readonly lean?: boolean;
	/** Binds the engine to the host. Default: the one that the target calls for. */
	readonly createEngine?: typeof engineOf;
}

/** Writes what the checks of a watched target come to into the debug log. */
const recordChecks = ({ readings: { verification } }: Monitoring, target: string): void => {
	const record = debugLog()?.checks(`watch ${target}`);
	if (record !== undefined) {
		verification.subscribe(() => record(verification.get()));
	}
};

/** Opens a session; returns at once, the connection comes up meanwhile. */
export const openSession = (
	target: Target,
	{ readOnly = false, lean = false, notify, createEngine = engineOf, ...options }: SessionOptions = {},
): Session & Required<Pick<Session, 'monitoring'>> => {
	const nothingChanges = readOnly || target.readOnly;
	const opened = openHost(target, { ...options, readOnly: nothingChanges });
	const log = debugLog();
	const host = log?.host(opened) ?? opened;
	let monitoring: Monitoring | undefined;
	const engine = createEngine(host, target, options.env);
	const session = {
		target,
		host,
		engine,
		instances: createInstanceModel(engine),
		readOnly: nothingChanges,
		...(notify && { notify }),
		monitoring: () => {
			if (monitoring === undefined) {
				monitoring = startMonitoring(session, { lean });
				recordChecks(monitoring, target.name);
			}
			return monitoring;
		},
		close: () => {
			monitoring?.stop();
			return host.close();
		},
	};
	return session;
};
