import type { CheckResult, CheckState } from '../../../runbook/check.ts';
import type { Plan, PlanStep, StepKind } from '../../../runbook/plan.ts';
import type { Operator, RunVerdict } from '../../../runbook/run.ts';

// What a run's folder holds was written by whoever may write there, or half of it by a full disk. Nothing behind this
// file meets a value of another type than it expects.

type Loose = Readonly<Record<string, unknown>>;

/** The value as a mapping; an empty one for anything else. */
const asMapping = (value: unknown): Loose =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};

const asText = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);

const asNumber = (value: unknown, otherwise = 0): number =>
	typeof value === 'number' && Number.isFinite(value) ? value : otherwise;

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const asTexts = (value: unknown): readonly string[] => asList(value).filter((one) => typeof one === 'string');

const oneOf = <T extends string>(value: unknown, known: readonly T[], otherwise: T): T =>
	known.find((one) => one === value) ?? otherwise;

const checkStates: readonly CheckState[] = ['passed', 'failed', 'unknown'];
const stepKinds: readonly StepKind[] = ['run', 'wait', 'manual'];

const asWho = (value: unknown): Operator => {
	const { user, machine } = asMapping(value);
	return { user: asText(user, 'unknown'), machine: asText(machine, 'unknown') };
};

/** Undefined for what is no verdict: a word that nobody knows proves nothing. */
export const asVerdict = (value: unknown): RunVerdict | undefined => {
	const { verdict, at, by, reason, checks } = asMapping(value);
	const known = checkStates.find((one) => one === verdict);
	return known === undefined
		? undefined
		: {
				verdict: known,
				at: asNumber(at),
				by: asWho(by),
				reason: asText(reason),
				checks: asList(checks).map((one): CheckResult => {
					const check = asMapping(one);
					return {
						id: asText(check.id),
						title: asText(check.title),
						state: oneOf(check.state, checkStates, 'unknown'),
						reason: asText(check.reason),
						asked: asText(check.asked),
						evidence: asText(check.evidence),
						at: asNumber(check.at),
						...(typeof check.passingSince === 'number' && { passingSince: check.passingSince }),
					};
				}),
			};
};

const asStep = (value: unknown): PlanStep => {
	const step = asMapping(value);
	const { ms, runs } = asMapping(step.expected);
	return {
		...step,
		id: asText(step.id, 'unknown'),
		title: asText(step.title, 'unknown'),
		kind: oneOf(step.kind, stepKinds, 'run'),
		script: asText(step.script),
		timeoutSeconds: asNumber(step.timeoutSeconds),
		text: typeof step.text === 'string' ? step.text : undefined,
		intervalSeconds: typeof step.intervalSeconds === 'number' ? step.intervalSeconds : undefined,
		summary: typeof step.summary === 'string' ? step.summary : undefined,
		mayFail: step.mayFail === true,
		expected: typeof ms === 'number' && typeof runs === 'number' ? { ms, runs } : undefined,
	};
};

const asExpectedService = (value: unknown) => {
	const { service, image, replicas, unwell } = asMapping(value);
	return typeof service === 'string'
		? [
				{
					service,
					...(typeof image === 'string' && { image }),
					...(typeof replicas === 'number' && { replicas }),
					...(unwell === true && { unwell: true as const }),
				},
			]
		: [];
};

/** Undefined when it has no list of steps: then it is no plan. What else is missing or odd is empty or unknown. */
export const asPlan = (value: unknown): Plan | undefined => {
	const plan = asMapping(value);
	if (!Array.isArray(plan.steps)) {
		return undefined;
	}
	const verification = asMapping(plan.verification);
	const expects = asMapping(plan.expects);
	return {
		...plan,
		version: 1,
		procedure: asText(plan.procedure, 'unknown'),
		title: asText(plan.title, 'unknown'),
		when: asText(plan.when),
		// The most careful one: its confirmation is the longest.
		risk: oneOf(plan.risk, ['read-only', 'disruptive', 'destructive'] as const, 'destructive'),
		target: asText(plan.target, 'unknown'),
		host: asText(plan.host, 'unknown'),
		directory: asText(plan.directory),
		project: asText(plan.project),
		madeAt: asNumber(plan.madeAt),
		inputs: asList(plan.inputs).map((one) => {
			const { name, title, value: given, label, detail } = asMapping(one);
			return {
				name: asText(name),
				title: asText(title),
				value: asText(given),
				label: asText(label),
				detail: asText(detail),
			};
		}),
		environment: Object.fromEntries(
			Object.entries(asMapping(plan.environment)).filter(
				(entry): entry is [string, string] => typeof entry[1] === 'string',
			),
		),
		preconditions: asList(plan.preconditions).map((one) => {
			const { id, title, state, detail, script, once } = asMapping(one);
			return {
				id: asText(id),
				title: asText(title),
				state: oneOf(state, checkStates, 'unknown'),
				detail: asText(detail),
				...(typeof script === 'string' && { script }),
				...(once === true && { once }),
			};
		}),
		previews: asList(plan.previews).map((one) => {
			const { title, text } = asMapping(one);
			return { title: asText(title), text: asText(text) };
		}),
		steps: plan.steps.map(asStep),
		interrupts: asTexts(plan.interrupts),
		verification: {
			checks: asTexts(verification.checks),
			settleSeconds: asNumber(verification.settleSeconds),
			deadlineSeconds: asNumber(verification.deadlineSeconds),
			...(Array.isArray(verification.notWellBefore) && { notWellBefore: asTexts(verification.notWellBefore) }),
			...(Array.isArray(verification.failedBefore) && { failedBefore: asTexts(verification.failedBefore) }),
		},
		expects:
			typeof expects.service === 'string'
				? {
						service: expects.service,
						...(typeof expects.commit === 'string' && { commit: expects.commit }),
						...(typeof expects.image === 'string' && { image: expects.image }),
						...(Array.isArray(expects.services) && { services: expects.services.flatMap(asExpectedService) }),
					}
				: undefined,
		notes: asTexts(plan.notes),
	};
};
