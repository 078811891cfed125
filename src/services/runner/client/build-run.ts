import { createHash } from 'node:crypto';
import type { Plan } from '../../../runbook/plan.ts';
import type { Operator, Run, RunState } from '../../../runbook/run.ts';
import { plan as planShape } from '../../../runbook/shapes/plan.ts';
import { readRecord } from '../../../runbook/shapes/read-record.ts';
import { capturedReadings, runVerdict } from '../../../runbook/shapes/run.ts';
import { isApproval } from '../../../runbook/step-kinds/index.ts';
import { aboutOf, parse, parsePruned, type RunFiles, timeIn, whoOf } from './about-run.ts';
import { linesOf } from './lines-of.ts';
import { parseRecords, parseResult, type Records, stepRuns } from './records.ts';
import type { About } from './run-folder.ts';
import { timeOfRunId } from './run-id.ts';

/** Returns a substitute for a plan that cannot be read: the steps that the records name, and nothing to verify. */
const planFromRecords = (about: About, { steps }: Records, host: string): Plan => ({
	version: 1,
	procedure: about.procedure,
	title: about.title,
	when: '',
	risk: about.risk,
	target: '',
	host,
	directory: '',
	project: '',
	madeAt: 0,
	inputs: [],
	environment: {},
	preconditions: [],
	previews: [],
	steps: Array.from({ length: Math.min(1000, Math.max(0, ...steps.keys())) }, (_, index) => {
		const id = steps.get(index + 1)?.name?.replace(/^\d+-/, '') ?? `step-${index + 1}`;
		return { id, title: id, kind: 'run', script: '', timeoutSeconds: 0 };
	}),
	interrupts: [],
	verification: { checks: [], settleSeconds: 0, deadlineSeconds: 0 },
	notes: [],
});

/** Returns the state from the result. An unreadable result says that it ended, but not how. */
const stateOf = (result: { readonly state: RunState } | undefined, files: ReadonlyMap<string, string>): RunState => {
	if (result) {
		return result.state;
	}
	if (files.has('alive')) {
		return 'running';
	}
	return files.has('unasked') || (files.get('result') ?? '') !== '' ? 'unknown' : 'lost';
};

/** Returns what cannot be read in a run folder; undefined if everything can. */
const damageOf = (planRead: boolean, files: ReadonlyMap<string, string>): string | undefined => {
	const result = files.get('result') ?? '';
	const bad = [
		...(planRead ? [] : ['its plan']),
		...(parse(files.get('about.json')) === undefined ? ['who ran it and why'] : []),
		...(result !== '' && parseResult(result) === undefined ? ['its result'] : []),
		...(files.has('records') ? [] : ['its records']),
	];
	return bad.length === 0 ? undefined : `cannot be read: ${bad.join(', ')}`;
};

/** Returns the facts that a step has noted and that are in no record yet: the supervisor was killed before writing it, or is about to. */
const looseFacts = (text = ''): Record<string, string> =>
	parseRecords(
		text
			.split('\n')
			.map((line) => `fact ${line}`)
			.join('\n'),
	).facts as Record<string, string>;

/** Makes a Run from the files. Unreadable parts are missing, and `damaged` says so. */
export const buildRun = ({ id, files }: RunFiles, host: string): Run => {
	const about = aboutOf(files.get('about.json'));
	const records = parseRecords(files.get('records') ?? '');
	const pruned = parsePruned(files.get('pruned'));
	const whole = readRecord(planShape, parse(files.get('plan.json')));
	const plan = whole ?? planFromRecords(about, records, host);
	const result = parseResult(files.get('result') ?? '');
	const state = stateOf(result, files);
	const cancel = parse<{ who: Operator }>(files.get('cancel'));
	const verdicts = linesOf(runVerdict, files.get('verdicts'));
	const verified = verdicts.at(-1);
	const facts = { ...looseFacts(files.get('facts')), ...records.facts };
	if (pruned) {
		// It was deleted with the rest.
		delete facts.restore_point;
	}
	const approved = plan.steps.some(isApproval);
	const damaged = pruned ? undefined : damageOf(plan === whole, files);
	return {
		id,
		plan,
		who: about.who,
		reason: about.reason,
		startedAt: timeIn(files.get('started')) || timeOfRunId(id),
		...(result ? { endedAt: result.endedAt, exitCode: result.exitCode } : {}),
		state,
		...(state === 'lost' && { lostBy: files.has('rebooted') ? ('restart' as const) : ('death' as const) }),
		steps: stepRuns(plan, records, state),
		outputBytes: Number(files.get('out')) || 0,
		...(approved && {
			planHash: createHash('sha256')
				.update(files.get('plan.json') ?? '')
				.digest('hex'),
		}),
		...(records.gap && { outputGap: records.gap }),
		facts,
		...(verified ? { verified, verdicts } : {}),
		...(files.has('readings') && { readings: linesOf(capturedReadings, files.get('readings')) }),
		// A signal to the supervisor cancels it as well: by nobody.
		...(cancel?.who === undefined ? {} : { cancelledBy: whoOf(cancel.who) }),
		...(damaged !== undefined && { damaged }),
		...(pruned && { pruned }),
	};
};
