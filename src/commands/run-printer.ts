import { formatPast } from '../components/format-past.ts';
import type { Verification } from '../runbook/check.ts';
import { gapNotice } from '../runbook/output-gap.ts';
import { type OutputGap, type Run, type StepRun, summaryOf, waitsFor } from '../runbook/run.ts';
import { bold, dim, glyph, green, print, printJson, red, safe, yellow } from './print.ts';

/** What shows a run as it goes on: text for a person, NDJSON for a script. */
export interface RunPrinter {
	run(run: Run): void;
	/** `offset` and `to`: where these bytes begin and end in the host's output. */
	output(bytes: Buffer, offset: number, to: number): void;
	/** What the host has not kept of the output. */
	gap(gap: OutputGap): void;
	/** `reason` is given when the link is up, and the host does not answer. */
	link(status: 'lost' | 'live', reason?: string): void;
	verification(verification: Verification): void;
	/** Writes what is still held back. */
	end(): void;
}

/** How a run that waits for the operator is answered. */
const answerCommands = (run: string) => ({
	done: `backout continue ${run} --reason TEXT`,
	giveUp: `backout continue ${run} --give-up --reason TEXT`,
});

const newlyChanged = (before: readonly StepRun[], now: readonly StepRun[]): readonly StepRun[] =>
	now.filter((step, index) => step.state !== 'pending' && step.state !== before[index]?.state);

/** A run as `runs` lists it too. */
const runLine = (run: Run) => ({ type: 'run', target: run.plan.target, ...summaryOf(run) }) as const;

/** Tells `news` of a verification that another check or verdict stands in than before, and leaves out the others. */
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
				printJson(runLine(run));
			}
			for (const step of newlyChanged(steps, run.steps)) {
				printJson({ type: 'step', ...step });
			}
			const waiting = waitsFor(run);
			if (waiting !== undefined && waiting.number !== waited) {
				waited = waiting.number;
				printJson({ type: 'waiting', run: run.id, ...waiting, ...answerCommands(run.id) });
			}
			steps = run.steps;
		},
		output: (bytes, offset) => printJson({ type: 'output', offset, text: decoder.decode(bytes, { stream: true }) }),
		gap: (gap) => printJson({ type: 'gap', ...gap }),
		link: (status, reason) => printJson({ type: 'link', status, reason }),
		verification: onceChanged((verification) => printJson({ type: 'verification', ...verification })),
		end: () => {},
	};
};

/** Of a step that has ended. */
const stepWord = (state: StepRun['state']): string =>
	state === 'succeeded' ? green('done') : state === 'timed-out' ? red('timed out') : red(state);

// Output and records come on two streams; output waits this long for the record that says which step it belongs to.
const holdMs = 120;
// A record that came first waits so long for the output before it.
const quietAfterMs = 2000;

/** Text: a heading for each step, its output as it comes, and each change of a check. */
export const textPrinter = (): RunPrinter => {
	const headings: { readonly at: number; readonly text: string }[] = [];
	let held: ({ bytes: Buffer; offset: number; end: number } | OutputGap)[] = [];
	let timer: NodeJS.Timeout | undefined;
	/** How far the output has come. */
	let received = 0;
	/** Since when a heading waits for output that has not come. */
	let early: number | undefined;
	let partial = '';
	let steps: readonly StepRun[] = [];
	let waited: number | undefined;
	const shownChecks = new Map<string, string>();
	let holding = false;
	let decoder = new TextDecoder();

	const write = (bytes: Buffer): void => {
		const lines = (partial + decoder.decode(bytes, { stream: true })).split('\n');
		partial = lines.pop() ?? '';
		for (const line of lines) {
			print(`  ${safe(line)}`);
		}
	};
	const finishLine = (): void => {
		partial += decoder.decode();
		decoder = new TextDecoder();
		if (partial !== '') {
			print(`  ${safe(partial)}`);
			partial = '';
		}
	};
	const headingsUpTo = (offset: number): void => {
		for (let [next] = headings; next !== undefined && next.at <= offset; [next] = headings) {
			headings.shift();
			finishLine();
			print(next.text);
		}
	};
	const flush = (): void => {
		clearTimeout(timer);
		timer = undefined;
		for (const piece of held) {
			received = Math.max(received, 'to' in piece ? piece.to : piece.end);
			if ('to' in piece) {
				headingsUpTo(piece.from);
				finishLine();
				print(dim(`  ${gapNotice(piece).trim()}`));
				continue;
			}
			const { bytes, offset, end } = piece;
			if (end - offset !== bytes.length) {
				// Masked: no step begins in the middle of it.
				headingsUpTo(offset);
				write(bytes);
				continue;
			}
			let at = 0;
			headingsUpTo(offset);
			for (let [next] = headings; next !== undefined && next.at < offset + bytes.length; [next] = headings) {
				write(bytes.subarray(at, next.at - offset));
				at = next.at - offset;
				headingsUpTo(next.at);
			}
			write(bytes.subarray(at));
		}
		held = [];
		headingsUpTo(received);
	};
	const flushAll = (): void => {
		flush();
		early = undefined;
		headingsUpTo(Number.POSITIVE_INFINITY);
	};
	const later = (): void => {
		timer ??= setTimeout(() => {
			flush();
			const [next] = headings;
			if (next === undefined) {
				early = undefined;
				return;
			}
			early ??= Date.now();
			if (next.at === Number.MAX_SAFE_INTEGER || Date.now() - early >= quietAfterMs) {
				flushAll();
			} else {
				later();
			}
		}, holdMs);
	};

	return {
		run: (run) => {
			for (const step of newlyChanged(steps, run.steps)) {
				const planned = run.plan.steps.find(({ id }) => id === step.id);
				const title = planned?.title ?? step.id;
				const past = planned?.expected === undefined ? '' : dim(` (${formatPast(planned.expected)})`);
				const wasRunning = steps.find(({ id }) => id === step.id)?.state === 'running';
				if (step.state !== 'skipped' && !wasRunning) {
					headings.push({ at: step.outputFrom ?? 0, text: `${bold('▸')} ${bold(safe(title))}${past}` });
				}
				if (step.state !== 'running' && step.state !== 'skipped') {
					const took =
						step.startedAt === undefined || step.endedAt === undefined
							? ''
							: ` after ${((step.endedAt - step.startedAt) / 1000).toFixed(1)} s`;
					const code = step.exitCode === undefined || step.exitCode === 0 ? '' : `, exit code ${step.exitCode}`;
					headings.push({
						at: step.outputTo ?? Number.MAX_SAFE_INTEGER,
						text: `  ${stepWord(step.state)}${dim(`${took}${code}`)}`,
					});
				}
			}
			steps = run.steps;
			const waiting = waitsFor(run);
			if (waiting !== undefined && waiting.number !== waited) {
				waited = waiting.number;
				const { done, giveUp } = answerCommands(run.id);
				headings.push({
					at: Number.MAX_SAFE_INTEGER,
					text: [
						`  ${yellow('◆')} ${bold(`waiting for you: ${safe(waiting.title)}`)}`,
						`    ${dim('done:')}     ${done}`,
						`    ${dim('give up:')}  ${giveUp}`,
						`    ${dim('from another terminal; ctrl-c leaves this one, and the run waits on')}`,
					].join('\n'),
				});
			}
			later();
		},
		output: (bytes, offset, end) => {
			held.push({ bytes: Buffer.from(bytes), offset, end });
			later();
		},
		gap: (gap) => {
			held.push(gap);
			later();
		},
		link: (status, reason) => {
			flushAll();
			const lost =
				reason === undefined
					? 'the link is lost: what the host does is unknown until it is back; the run goes on there'
					: `${safe(reason)}: how the run stands is unknown until the host answers; it goes on there`;
			print(status === 'lost' ? yellow(`? ${lost}`) : green('✓ attached'));
		},
		verification: ({ checks, verdict, final, reason, holdingSince, settleSeconds }) => {
			flushAll();
			for (const { id, title, state, reason: why, at } of checks) {
				// Not looked at yet is no news.
				if (at > 0 && shownChecks.get(id) !== state) {
					shownChecks.set(id, state);
					print(`  ${glyph(state)} ${safe(title)}: ${state}, ${safe(why)}`);
				}
			}
			const holds = holdingSince !== undefined;
			if (holds !== holding && !final) {
				holding = holds;
				print(dim(holds ? `  all hold; they must go on holding for ${settleSeconds} s` : '  not all hold any more'));
			}
			if (final) {
				print(`  ${glyph(verdict)} ${safe(reason)}`);
			}
		},
		end: () => {
			flushAll();
			finishLine();
		},
	};
};
