import type { Finding } from '../../runbook/finding.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import type { Facts } from './facts.ts';

/** What `doctor` finds out of the deployment itself. */
export interface DeploymentLook {
	/** False: the directory is inside the tool that manages the deployment, not on the host. */
	readonly hasFolder: boolean;
	readonly findings: readonly Finding[];
}

/** An engine's part of what `doctor` reads on a host and judges. */
export interface EngineLook {
	/** The programs that it needs there; packages as Debian names them. */
	readonly tools: Readonly<Record<string, string>>;
	/**
	 * POSIX sh: `look_at_engine` says what the engine is, `look_at_room` how much room there is for its data. They may call
	 * `say`, `limited` and `room` of look-at-host.sh.
	 */
	readonly script: string;
	/** What there is room for, by the name that `look_at_room` gives it: a title, and how to free some. */
	readonly rooms: Readonly<Record<string, readonly [title: string, fix: string]>>;
	/** Judges what `look_at_engine` has said. */
	judge(facts: Facts): readonly Finding[];
	/** Rejects with the signal's reason, or when the link is lost. */
	deployment(host: Host, target: Target, signal: AbortSignal): Promise<DeploymentLook>;
	/** Finds out how the engine is reached from here. Rejects only with the signal's reason. */
	reach(host: Host, signal: AbortSignal): Promise<Finding>;
}
