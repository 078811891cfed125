import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runbook/errors.ts';
import { changes } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import type { SilenceDefinition } from '../../runbook/runbook.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import type { PlannedSilence } from '../../runbook/silence.ts';
import { createSilence, endSilence, extendSilence, type SilenceWords } from '../../services/monitors/silences.ts';
import { appendFact } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { whoami } from './journal.ts';

/** Returns the name of the fact that notes a silence's id in the journal. A retry inherits the facts of its run, but not the silence. */
const silenceFact = ({ id }: Run): string => `silence.${id}`;
/** Pause before the next attempt after a failure, ms. */
const retryMs = 5000;
/** Longest wait for the end of the silence when the operator leaves, ms. */
const endMs = 3000;

/** Keeps the alerts silenced while a run is followed. */
export interface SilenceLease {
	/** Takes the run as it is now: the silence begins with the first one that runs. */
	run(run: Run): void;
	/** Ends the lease. A run that has ended takes the silence with it; otherwise it lapses, unless somebody else follows the run. */
	end(): Promise<void>;
}

const wordsFor = (run: Run): SilenceWords => {
	const { user, machine } = whoami();
	const because = run.reason === '' ? '' : ` (${run.reason})`;
	return {
		createdBy: `${user}@${machine} with backout`,
		comment: `backout run ${run.id} on ${run.plan.target}: ${run.plan.title}${because}. Extended while it runs, and ended with it.`,
	};
};

class Lease {
	readonly #session: Session;
	readonly #definition: SilenceDefinition;
	readonly #planned: PlannedSilence;
	readonly #run: Run;
	readonly #stop = new AbortController();
	readonly #done: Promise<void>;
	#id: string | undefined;

	constructor(session: Session, definition: SilenceDefinition, planned: PlannedSilence, run: Run) {
		this.#session = session;
		this.#definition = definition;
		this.#planned = planned;
		this.#run = run;
		this.#id = run.facts[silenceFact(run)];
		this.#done = this.#keep();
	}

	async #keep(): Promise<void> {
		const { signal } = this.#stop;
		let isTold = false;
		while (!signal.aborted) {
			let pauseMs = (this.#planned.seconds * 1000) / 3;
			try {
				if (!(await this.#extend())) {
					return;
				}
				isTold = false;
			} catch (error) {
				if (!isTold && !signal.aborted) {
					isTold = true;
					this.#session.tell?.(
						`The alerts are not silenced: ${new URL(this.#definition.url).host}: ${messageOf(error)}`,
					);
				}
				pauseMs = Math.min(pauseMs, retryMs);
			}
			await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
		}
	}

	/** Returns false when the silence was ended by somebody: they want the alerts. */
	async #extend(): Promise<boolean> {
		const { host } = this.#session;
		if (this.#id !== undefined) {
			return extendSilence(host, this.#definition, this.#id, this.#planned.seconds, this.#stop.signal);
		}
		// Not abortable: a silence whose id is not known could not be ended.
		const id = await createSilence(host, this.#definition, this.#planned, maskDeep(wordsFor(this.#run)));
		this.#id = id;
		await appendFact(host, this.#session.target, this.#run.id, silenceFact(this.#run), id).catch((error: unknown) =>
			this.#session.tell?.(`The silence ${id} could not be noted in the journal: ${messageOf(error)}`),
		);
		return true;
	}

	async end(isOver: boolean): Promise<void> {
		this.#stop.abort();
		const work = this.#done.then(async () => {
			if (isOver && this.#id !== undefined) {
				await endSilence(this.#session.host, this.#definition, this.#id, AbortSignal.timeout(endMs));
			}
		});
		const atMost = sleep(endMs, undefined, { ref: false });
		await Promise.race([work, atMost]).catch((error: unknown) =>
			this.#session.tell?.(
				`The silence ${this.#id} could not be ended, and lapses within ${this.#planned.seconds} s: ${messageOf(error)}`,
			),
		);
	}
}

/** Silences the alerts of a followed run, if its plan says so and this session may change something. A failure is one line. */
export const leaseSilence = (session: Session): SilenceLease => {
	let lease: Lease | undefined;
	let last: Run | undefined;
	return {
		run: (run) => {
			last = run;
			const { silence: definition } = session.target.runbook;
			const { silence: planned } = run.plan;
			if (
				lease === undefined &&
				run.state === 'running' &&
				definition !== undefined &&
				planned !== undefined &&
				changes(run.plan) &&
				!session.readOnly
			) {
				lease = new Lease(session, definition, planned, run);
			}
		},
		end: async () => lease?.end(last !== undefined && last.state !== 'running' && last.state !== 'unknown'),
	};
};
