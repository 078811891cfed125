import type { Verification } from '../runbook/check.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import { ownCommand } from '../runbook/own-command.ts';
import { type OutputGap, type Run, type StepRun, summaryOf, waitsFor } from '../runbook/run.ts';
import type { Output } from './output/events.ts';
import { masked, printJson } from './print.ts';

/** Prints a run as it proceeds: text for a person, NDJSON for a script. */
export interface RunPrinter {
	run(run: Run): void;
	/** `offset` and `to`: start and end of these bytes in the host's output. */
	output(bytes: Masked<Buffer>, offset: number, to: number): void;
	/** Called in place of output that the host has not kept. */
	gap(gap: OutputGap): void;
	/** Called with a `reason` when the link is up, and the host does not answer. */
	link(status: 'lost' | 'live', reason?: string): void;
	verification(verification: Verification): void;
	/** Writes everything that is still held back. */
	end(): void;
}

/** The commands that answer a run which waits for the operator. */
export const answerCommands = (run: string, { approval = false }: { readonly approval?: boolean }) => ({
	done: ownCommand(approval ? ['approve', run] : ['continue', run, '--reason', 'TEXT']),
	giveUp: ownCommand(['continue', run, '--give-up', '--reason', 'TEXT']),
});

/** Returns the steps that have begun or changed. */
export const newlyChanged = (before: readonly StepRun[], now: readonly StepRun[]): readonly StepRun[] =>
	now.filter((step, index) => step.state !== 'pending' && step.state !== before[index]?.state);

/** Returns a run in the form of `runs`. */
const runLine = (run: Run) => ({ type: 'run', target: run.plan.target, ...summaryOf(run) }) as const;

/** Passes a verification on to `news` only when a check or the verdict has changed. */
export const onceChanged = (news: (verification: Verification) => void): ((verification: Verification) => void) => {
	let told = '';
	return (verification) => {
		const { checks, verdict, final, holdingSince } = verification;
		const now = [...checks.map(({ id, state }) => `${id}:${state}`), verdict, final, holdingSince !== undefined].join(
			' ',
		);
		if (now !== told) {
			told = now;
			news(verification);
		}
	};
};

/** NDJSON: `run`, `step`, `waiting` (for the operator), `output` (text with its byte offset), `link`, `verification`. */
export const jsonPrinter = (): RunPrinter => {
	let steps: readonly StepRun[] = [];
	let started = false;
	let waited: number | undefined;
	const decoder = new TextDecoder();
	return {
		run: (run) => {
			if (!started) {
				started = true;
				printJson(masked(runLine(run)));
			}
			for (const step of newlyChanged(steps, run.steps)) {
				printJson(masked({ type: 'step', ...step }));
			}
			const waiting = waitsFor(run);
			if (waiting !== undefined && waiting.number !== waited) {
				waited = waiting.number;
				printJson(masked({ type: 'waiting', run: run.id, ...waiting, ...answerCommands(run.id, waiting) }));
			}
			steps = run.steps;
		},
		output: (bytes, offset) =>
			printJson(
				fromMasked(bytes, (all): Output => ({ type: 'output', offset, text: decoder.decode(all, { stream: true }) })),
			),
		gap: (gap) => printJson(masked({ type: 'gap', ...gap })),
		link: (status, reason) => printJson(masked({ type: 'link', status, reason })),
		verification: onceChanged((verification) => printJson(masked({ type: 'verification', ...verification }))),
		end: () => {},
	};
};
