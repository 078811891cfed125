import type { Finding } from '../../runbook/finding.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import type { Facts } from './facts.ts';

/** The findings of `doctor` about the deployment itself. */
export interface DeploymentLook {
	/** False when the directory is inside the tool that manages the deployment, not on the host. */
	readonly hasFolder: boolean;
	readonly findings: readonly Finding[];
}

/** An engine's part of what `doctor` reads on a host and judges. */
export interface EngineLook {
	/** The programs that it needs there, with the names of their Debian packages. */
	readonly tools: Readonly<Record<string, string>>;
	/**
	 * POSIX sh: `check_engine` prints what the engine is, `check_room` how much space there is for its data. They may call `say`,
	 * `limited` and `room` of check-host.sh.
	 */
	readonly script: string;
	/** The places that need disk space, by the name that `check_room` gives them: a title, and how to free some. */
	readonly rooms: Readonly<Record<string, readonly [title: string, fix: string]>>;
	/** Judges the output of `check_engine`. */
	judge(facts: Facts): readonly Finding[];
	/** Checks the deployment. Rejects with the signal's reason, or when the link is lost. */
	deployment(host: Host, target: Target, signal: AbortSignal): Promise<DeploymentLook>;
	/** Finds out how the engine is reached from here. Rejects only with the signal's reason. */
	reach(host: Host, signal: AbortSignal): Promise<Finding>;
	/** Checks a worker, over a link that is up. Rejects only with the signal's reason. Missing: targets of this engine have none. */
	worker?(host: Host, signal: AbortSignal): Promise<Finding>;
}
