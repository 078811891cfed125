import { formatPast } from '../components/format-past.ts';
import { type Run, type StepRun, waitsFor } from '../runbook/run.ts';
import { bold, dim, green, red, safe, yellow } from './print.ts';
import { answerCommands, newlyChanged } from './run-printer.ts';

/** A line between the output of steps. */
export interface Heading {
	/** Position in the output, bytes; `atEnd`: after all output so far. */
	readonly at: number;
	readonly text: string;
}

export const atEnd = Number.MAX_SAFE_INTEGER;

/** Returns the heading of a step that has ended. */
const stepWord = (state: StepRun['state']): string =>
	state === 'succeeded' ? green('done') : state === 'timed-out' ? red('timed out') : red(state);

/** Makes the headings of a run as its steps begin and end, each once. */
export class RunHeadings {
	#steps: readonly StepRun[] = [];
	#waited: number | undefined;

	/** Returns the headings that are new since the last call. */
	next(run: Run): readonly Heading[] {
		const changed = newlyChanged(this.#steps, run.steps).flatMap((step) => this.#ofStep(run, step));
		this.#steps = run.steps;
		return [...changed, ...this.#ofWaiting(run)];
	}

	#ofStep({ plan }: Run, step: StepRun): readonly Heading[] {
		if (step.state === 'skipped') {
			return [];
		}
		const headings: Heading[] = [];
		const planned = plan.steps.find(({ id }) => id === step.id);
		const past = planned?.expected === undefined ? '' : dim(` (${formatPast(planned.expected)})`);
		const wasRunning = this.#steps.find(({ id }) => id === step.id)?.state === 'running';
		if (!wasRunning) {
			const title = safe(planned?.title ?? step.id);
			headings.push({ at: step.outputFrom ?? 0, text: `${bold('▸')} ${bold(title)}${past}` });
		}
		if (step.state !== 'running') {
			const took =
				step.startedAt === undefined || step.endedAt === undefined
					? ''
					: ` after ${((step.endedAt - step.startedAt) / 1000).toFixed(1)} s`;
			const code = step.exitCode === undefined || step.exitCode === 0 ? '' : `, exit code ${step.exitCode}`;
			headings.push({ at: step.outputTo ?? atEnd, text: `  ${stepWord(step.state)}${dim(`${took}${code}`)}` });
		}
		return headings;
	}

	#ofWaiting(run: Run): readonly Heading[] {
		const waiting = waitsFor(run);
		if (waiting === undefined || waiting.number === this.#waited) {
			return [];
		}
		this.#waited = waiting.number;
		const { done, giveUp } = answerCommands(run.id, waiting);
		const text = [
			...(waiting.approval === true
				? [
						`  ${yellow('◆')} ${bold('waiting for the approval of another operator')}`,
						`    ${dim('to read the plan and approve it:')}  ${done}`,
						`    ${dim('to reject it:')}                     ${giveUp}`,
					]
				: [
						`  ${yellow('◆')} ${bold(`waiting for you: ${safe(waiting.title)}`)}`,
						`    ${dim('done:')}     ${done}`,
						`    ${dim('give up:')}  ${giveUp}`,
					]),
			`    ${dim('from another terminal; ctrl-c detaches, and the run keeps waiting')}`,
		].join('\n');
		return [{ at: atEnd, text }];
	}
}
