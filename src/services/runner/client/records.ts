import type { Plan } from '../../../runbook/plan.ts';
import type { Answer, Approval, Operator, OutputGap, RunState, StepRun } from '../../../runbook/run.ts';

/**
 * The host's records of a run, line by line:
 *
 *     begin N NAME MS OFFSET         step N (from 1) began; OFFSET: size of `out` then, bytes; MS: host's clock, epoch
 *     end N NAME MS OFFSET CODE      it ended with this exit code
 *     answer N WORD MS JSON          a manual step was answered, `done` or `gave-up`, or a run `approved`; JSON: who and
 *                                    why, and what an approval rests on
 *     stopping N MS WORD             it is being ended: `cancelled`, `timed-out`, `expired` (a wait's time was up), or `killed` (its
 *                                    shell was killed, so what it started is ended)
 *     fact NAME<TAB>VALUE            a step noted a fact
 *     gap FROM TO                    these bytes of `out` are not kept; a later line replaces an earlier one
 */
export interface Records {
	readonly steps: ReadonlyMap<number, StepRecord>;
	readonly facts: Readonly<Record<string, string>>;
	readonly gap?: OutputGap;
}

interface StepRecord {
	name?: string;
	startedAt?: number;
	endedAt?: number;
	outputFrom?: number;
	outputTo?: number;
	exitCode?: number;
	stopped?: string;
	answer?: Answer;
}

const answerOf = (word: string, at: string, about: string): Answer => {
	const answer = word === 'done' || word === 'approved' ? word : 'gave-up';
	try {
		const { who, reason, approval } = JSON.parse(about) as { who: Operator; reason: string; approval?: Approval };
		return { answer, at: Number(at), who, reason, ...(approval !== undefined && { approval }) };
	} catch {
		return { answer, at: Number(at), who: { user: 'unknown', machine: 'unknown' }, reason: '' };
	}
};

/** Parses records. Incomplete and unknown lines are skipped: a torn one must not hide the others. */
export const parseRecords = (text: string): Records => {
	const steps = new Map<number, StepRecord>();
	const facts: Record<string, string> = {};
	let gap: OutputGap | undefined;
	const stepOf = (number: string): StepRecord => {
		const key = Number(number);
		const step = steps.get(key) ?? {};
		steps.set(key, step);
		return step;
	};
	// The text after the last newline is still being written.
	for (const line of text.split('\n').slice(0, -1)) {
		const begin = /^begin (\d+) (\S+) (\d+) (\d+)$/.exec(line);
		if (begin) {
			const [, number = '', name, at, from] = begin;
			Object.assign(stepOf(number), { name, startedAt: Number(at), outputFrom: Number(from) });
			continue;
		}
		const end = /^end (\d+) \S+ (\d+) (\d+) (\d+)$/.exec(line);
		if (end) {
			const [, number = '', at, to, code] = end;
			Object.assign(stepOf(number), { endedAt: Number(at), outputTo: Number(to), exitCode: Number(code) });
			continue;
		}
		const stopping = /^stopping (\d+) \d+ (\S+)$/.exec(line);
		if (stopping) {
			stepOf(stopping[1] ?? '').stopped = stopping[2];
			continue;
		}
		const answer = /^answer (\d+) (\S+) (\d+) (.*)$/s.exec(line);
		if (answer) {
			const [, number = '', word = '', at = '', about = ''] = answer;
			stepOf(number).answer = answerOf(word, at, about);
			continue;
		}
		const fact = /^fact ([^\t]+)\t(.*)$/s.exec(line);
		if (fact) {
			facts[fact[1] ?? ''] = fact[2] ?? '';
			continue;
		}
		const missing = /^gap (\d+) (\d+)$/.exec(line);
		if (missing) {
			gap = { from: Number(missing[1]), to: Number(missing[2]) };
		}
	}
	return { steps, facts, ...(gap && { gap }) };
};

const stepState = (record: StepRecord | undefined, run: RunState): StepRun['state'] => {
	if (record?.startedAt === undefined) {
		return run === 'running' || run === 'unknown' ? 'pending' : 'skipped';
	}
	if (record.exitCode === undefined) {
		return 'running';
	}
	if (record.stopped === 'cancelled' || record.stopped === 'timed-out') {
		return record.stopped;
	}
	return record.exitCode === 0 && record.stopped === undefined ? 'succeeded' : 'failed';
};

/** Returns the plan's steps with their records. In a lost run the step that was running stays `running`: its outcome is unknown. */
export const stepRuns = (plan: Pick<Plan, 'steps'>, records: Records, run: RunState): StepRun[] =>
	plan.steps.map(({ id }, index) => {
		const record = records.steps.get(index + 1);
		const { startedAt, endedAt, exitCode, outputFrom, outputTo, answer } = record ?? {};
		return {
			id,
			state: stepState(record, run),
			startedAt,
			endedAt,
			exitCode,
			outputFrom,
			outputTo,
			...(answer && { answer }),
		};
	});

/** Parses `result`; undefined while there is none or when it is incomplete. */
export const parseResult = (text: string): { state: RunState; exitCode: number; endedAt: number } | undefined => {
	const found = /^(succeeded|failed|cancelled|timed-out) (\d+) (\d+)\s/.exec(text);
	return found ? { state: found[1] as RunState, exitCode: Number(found[2]), endedAt: Number(found[3]) } : undefined;
};
