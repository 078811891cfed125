import type { Engine } from '../../engine/engine.ts';
import type { Channel } from '../../runbook/channels/channel.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { Notice } from '../../runbook/notice.ts';
import { defaultNotify } from '../../runbook/preferences.ts';
import type { Config, Target } from '../../runbook/runbook.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import type { Host } from '../../services/host/host.ts';
import { HostList } from '../../services/host/host-list.ts';
import { type OpenHostOptions, openHost, setPrograms } from '../../services/host/open.ts';
import { createOtherHosts, type OtherHosts } from '../../services/host/other-hosts.ts';
import { createInstanceModel, type InstanceModel } from '../../services/instances/instance-model.ts';
import type { Prompter } from '../../services/ssh/auth-prompt.ts';
import { createKeyRing } from '../../services/ssh/keys.ts';
import { type Monitoring, startMonitoring } from '../watching/monitoring.ts';
import { engineOf, whyNotHost } from './choose-engine.ts';

/** The channels to tell what happens to runs, and when the lock has been held for too long, ms. */
export interface ChannelSettings {
	readonly channels: readonly Channel[];
	readonly lockHeldMs: number;
}

/** Returns the channels of a config; undefined when it has none. */
export const channelsOf = ({ notify }: Pick<Config, 'notify'>): ChannelSettings | undefined =>
	notify?.channels === undefined || notify.channels.length === 0
		? undefined
		: { channels: notify.channels, lockHeldMs: notify.lockHeldMs ?? defaultNotify.lockHeldMs };

/** One target with its only connection. Its opener closes it. */
export interface Session {
	readonly target: Target;
	readonly host: Host;
	readonly engine: Engine;
	/** The only model of the target's instances. */
	readonly instances: InstanceModel;
	/** The other hosts by which the target is reached; undefined when it has one. */
	readonly others?: OtherHosts;
	/** Makes every change impossible: from the target's own setting, or `--read-only`. */
	readonly readOnly: boolean;
	/** The reason why no container has a shell, for simulated ones. */
	readonly noShell?: string;
	/** Notifies an operator who is not looking at the screen; `waitedMs`: how long the run has been followed. */
	notify?(notice: Masked<Notice>, waitedMs: number): void;
	/** The channels of the config. */
	readonly channels?: ChannelSettings;
	/** Shows one line about something that did not work beside the run. */
	tell?(line: string): void;
	/** The runs that were started by it and whose end it has not yet told the operator. */
	readonly startedRuns?: Set<string>;
	/** Monitors the target, from the first call until the session is closed: all callers share it. */
	monitoring?(): Monitoring;
	close(): Promise<void>;
}

export interface SessionOptions extends OpenHostOptions {
	readonly readOnly?: boolean;
	readonly notify?: Session['notify'];
	readonly noShell?: Session['noShell'];
	readonly tell?: Session['tell'];
	readonly channels?: ChannelSettings | undefined;
	/** Starts monitoring at the lower rate (monitoring.ts). */
	readonly lean?: boolean;
	/** Binds the engine to the host. Default: the target's engine. */
	readonly createEngine?: typeof engineOf;
}

/** Writes the check results of a monitored target to the debug log. */
const recordChecks = ({ readings: { verification } }: Monitoring, target: string): void => {
	const record = debugLog()?.checks(`watch ${target}`);
	if (record !== undefined) {
		verification.subscribe(() => record(verification.get()));
	}
};

/** Opens the connection to a target, or to the first of its hosts that answers. */
const openOneOf = (target: Target, { readOnly = false, ...options }: OpenHostOptions): Host => {
	if (target.hosts === undefined) {
		return openHost(target, { ...options, readOnly });
	}
	const { ask, keys = createKeyRing(), retryFirst = true, ...rest } = options;
	let questions = 0;
	const counted: Prompter | undefined =
		ask &&
		(async (...question) => {
			questions += 1;
			try {
				return await ask(...question);
			} finally {
				questions -= 1;
			}
		});
	const list = new HostList({
		names: target.hosts,
		open: (host) =>
			openHost({ ...target, host }, { ...rest, keys, readOnly, retryFirst: false, ...(counted && { ask: counted }) }),
		refuses: whyNotHost,
		isAsking: () => questions > 0,
		keepsTrying: retryFirst,
		readOnly,
	});
	return target.programs === undefined ? list : setPrograms(list, target.programs);
};

/** Opens a session; returns at once, while the connection is still coming up. */
export const openSession = (
	target: Target,
	{
		readOnly = false,
		lean = false,
		notify,
		tell,
		channels,
		noShell,
		createEngine = engineOf,
		...options
	}: SessionOptions = {},
): Session & Required<Pick<Session, 'monitoring'>> => {
	const nothingChanges = readOnly || target.readOnly;
	const opened = openOneOf(target, { ...options, readOnly: nothingChanges });
	const log = debugLog();
	const host = log?.host(opened) ?? opened;
	let monitoring: Monitoring | undefined;
	const { ask: _, keys = createKeyRing(), ...quietly } = options;
	const { hosts, workers } = target;
	const nodes =
		(hosts ?? workers) &&
		createOtherHosts(
			{ hosts: hosts ?? [target.host], ...(workers && { workers }) },
			(name) => openHost({ ...target, host: name }, { ...quietly, keys, readOnly: nothingChanges, retryFirst: false }),
			() => host.name,
		);
	const engine = createEngine(host, target, options.env, nodes);
	const session = {
		target,
		host,
		engine,
		instances: createInstanceModel(engine),
		readOnly: nothingChanges,
		startedRuns: new Set<string>(),
		...(hosts && nodes && { others: nodes }),
		...(notify && { notify }),
		...(noShell !== undefined && { noShell }),
		...(tell && { tell }),
		...(channels && { channels }),
		monitoring: () => {
			if (monitoring === undefined) {
				monitoring = startMonitoring(session, { lean });
				recordChecks(monitoring, target.name);
			}
			return monitoring;
		},
		close: async () => {
			monitoring?.stop();
			await Promise.all([host.close(), nodes?.close()]);
		},
	};
	return session;
};
