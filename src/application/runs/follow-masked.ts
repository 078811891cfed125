import type { Verification } from '../../runbook/check.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { OutputGap, Run } from '../../runbook/run.ts';
import { followRun, isNoSuchRun, runGone } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { readSecrets, secretsOf } from '../secrets/known-secrets.ts';
import { type MaskedOutput, maskOutput } from '../secrets/masked-output.ts';
import type { CopyWriter } from './write-journal-copy.ts';

/** Callbacks for following a run. */
export interface FollowHandlers {
	/**
	 * Receives the output, in order, each byte once, whatever happens to the link; secrets are masked. `offset` and `to` are its start
	 * and end on the host: they differ from the number of bytes if something is masked.
	 */
	readonly onOutput?: (bytes: Masked<Buffer>, offset: number, to: number) => void;
	/** Called in place of bytes that the host has not kept. */
	readonly onGap?: (gap: OutputGap) => void;
	readonly onRun?: (run: Run) => void;
	/** Called when following is interrupted; `reason` is given when the link is up and the host does not answer. */
	readonly onLost?: (reason?: string) => void;
	readonly onLive?: () => void;
	readonly onVerification?: (verification: Verification) => void;
}

/** The secrets of a run, as they become known: from its plan, and from the files of the host. */
class RunSecrets {
	readonly #onKnown: (secrets: readonly string[]) => void;
	#fromPlan: readonly string[] | undefined;
	#fromHost: readonly string[] | undefined;

	constructor(onKnown: (secrets: readonly string[]) => void) {
		this.#onKnown = onKnown;
	}

	async readHost(session: Session, id: string, signal: AbortSignal | undefined): Promise<void> {
		this.#fromHost = await readSecrets(session, id, signal).catch(() => undefined);
		this.#tell();
	}

	get isHostRead(): boolean {
		return this.#fromHost !== undefined;
	}

	readPlan({ plan }: Run): void {
		if (this.#fromPlan === undefined) {
			this.#fromPlan = secretsOf(Object.entries(plan.environment));
			this.#tell();
		}
	}

	#tell(): void {
		this.#onKnown([...(this.#fromHost ?? []), ...(this.#fromPlan ?? [])]);
	}
}

/** Follows a run on the host to its end. Its output is masked and copied; secrets are recognised by their form until they are read. */
export const followMasked = async (
	session: Session,
	id: string,
	handlers: Omit<FollowHandlers, 'onVerification'>,
	copy: CopyWriter,
	signal?: AbortSignal,
): Promise<Run> => {
	const { host, target } = session;
	const masked = maskOutput([], handlers.onOutput ?? (() => {}));
	const secrets = new RunSecrets((known) => {
		masked.know(known);
		copy.know(known);
	});
	await secrets.readHost(session, id, signal);
	signal?.throwIfAborted();
	return followRun(host, target, id, {
		...handlers,
		onOutput: (bytes, offset) => {
			copy.output(bytes, offset);
			masked.push(bytes, offset);
		},
		onGap: (gap) => {
			masked.end();
			handlers.onGap?.(gap);
		},
		onLive: () => {
			if (!secrets.isHostRead) {
				void secrets.readHost(session, id, signal);
			}
			handlers.onLive?.();
		},
		onRun: (run) => {
			secrets.readPlan(run);
			markBoundaries(masked, run);
			copy.run(run);
			handlers.onRun?.(run);
		},
		signal,
	})
		.catch((error: unknown) => {
			// The run was known to exist before.
			throw isNoSuchRun(error) ? runGone(host.name, id, error) : error;
		})
		.finally(() => {
			masked.end();
			return copy.end();
		});
};

const markBoundaries = (masked: MaskedOutput, { steps }: Run): void => {
	for (const { outputTo } of steps) {
		if (outputTo !== undefined) {
			masked.boundary(outputTo);
		}
	}
};
