import type { Engine } from '../../engine/engine.ts';
import type { CheckResult, CheckState, Proven } from '../../runbook/check.ts';
import type { Runbook, Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import type { InstanceModel } from '../instances/instance-model.ts';

/** The result of a read-only script, as the application runs it on the host. */
export interface ScriptEnd {
	readonly code: number;
	/** UTF-8. */
	readonly stdout: string;
	readonly stderr: string;
}

/** An earlier value of a check, with which its value is compared. */
export interface MeasuredBefore {
	readonly value: number;
	/** ms since the epoch, by the clock of the machine that measured it. */
	readonly at: number;
	/** The occasion: `when run 20261129-0311-verify was verified`. */
	readonly when: string;
}

/** The context of checks. */
export interface CheckContext {
	readonly host: Host;
	readonly engine: Engine;
	readonly instances: InstanceModel;
	readonly target: Pick<Target, 'directory'> & { readonly runbook?: Pick<Runbook, 'variables'> };
	/** Services that must run, as a plan expects them. The runbook's main service is added. */
	readonly services?: readonly string[];
	/**
	 * After an undo: the number of containers of each service that ran before. If as many run again, others may be stopped or missing. A
	 * service that is not in it had none.
	 */
	readonly ranBefore?: ReadonlyMap<string, number>;
	/** After a run: what its steps have noted. */
	readonly facts?: Readonly<Record<string, string>>;
	/**
	 * Returns what a check has measured when a verification last passed, or else before the run that is verified; undefined when nothing
	 * was. Rejects when it cannot be read.
	 *
	 * @param id of the check
	 */
	measuredBefore?(id: string, signal: AbortSignal): Promise<MeasuredBefore | undefined>;
	/** Resolves when the secrets of the deployment were learned, or cannot be read: evidence that comes before may show them. Never rejects. */
	secretsLearned?(): Promise<unknown>;
	/**
	 * Runs a script of the runbook on the host, with the runbook's variables and functions. Rejects when it has not ended in time, and
	 * when the link was lost. Without it, a check of kind `script` is unknown.
	 */
	runScript?(script: string, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<ScriptEnd>;
}

/** The result of one run of a check, before its time is added. */
export interface Outcome {
	readonly state: CheckState;
	readonly reason: string;
	readonly asked: string;
	readonly evidence: string;
	/** Unknown although it could be measured: too little was, or there is no earlier value to compare with. */
	readonly inconclusive?: CheckResult['inconclusive'];
	/** The measured value, of a check that may be compared with an earlier one. */
	readonly measured?: number;
	/** Passed: since when, by the host's own records, ms by this machine's clock. Undefined: since it ran. */
	readonly since?: number;
	/** Failed or unknown: the time since when nothing in progress can make it pass, ms by this machine's clock. */
	readonly hopelessSince?: number;
	/** Set by the check `version`: what is proven to be deployed, whether it passes or fails. */
	readonly proven?: Proven;
}

/** A check with its memory: what it has read makes the next run cheap. */
export type CheckFunction = (signal: AbortSignal) => Promise<Outcome>;

export interface CheckedOutcome extends CheckResult {
	readonly hopelessSince?: number;
	readonly proven?: Proven;
}

/** Formats a duration: `12 s`, `3 min`, `5 h`, `2 days`. */
export const ago = (ms: number): string => {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 120) {
		return `${seconds} s`;
	}
	if (seconds < 7200) {
		return `${Math.round(seconds / 60)} min`;
	}
	return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
};
