import type {
	CheckDefinition,
	InputDefinition,
	Monitors,
	ProcedureDefinition,
	Runbook,
	StepDefinition,
} from '../runbook.ts';
import type { RunbookInput } from '../schema/runbook.ts';

type ProcedureInput = RunbookInput['procedures'][string];
type InputInput = RunbookInput['inputs'][string];

const defaultStepMs = 300_000;
const defaultWaitMs = 180_000;
const defaultManualMs = 86_400_000;
const defaultWaitIntervalMs = 2000;

const timed = <Value extends { interval: number; timeout: number }>({ interval, timeout, ...rest }: Value) => ({
	...rest,
	intervalMs: interval,
	timeoutMs: timeout,
});

const buildMonitors = (monitors: RunbookInput['monitors']): Monitors => {
	const { health, metrics, alerts, backups, disk, commit, log } = monitors;
	return {
		health: health.map(timed),
		metrics: metrics
			? {
					...timed(metrics),
					series: metrics.series.map((series) => ({ ...series, title: series.title ?? series.series })),
				}
			: undefined,
		alerts: alerts ? timed(alerts) : undefined,
		backups: backups
			? { patterns: backups.patterns, warnAfterMs: backups.warnAfter, intervalMs: backups.interval }
			: undefined,
		disk: { path: disk.path, warnPercent: disk.warnAt, downPercent: disk.downAt, intervalMs: disk.interval },
		commit: commit ? { intervalMs: commit.interval } : undefined,
		log: log || undefined,
	};
};

const buildCheck = (id: string, check: RunbookInput['checks'][string], { scripts }: RunbookInput): CheckDefinition => {
	const named = { id, title: check.title ?? id };
	switch (check.kind) {
		case 'http': {
			const { timeout, ...rest } = check;
			return { ...rest, ...named, timeoutMs: timeout };
		}
		case 'metrics': {
			const { timeout, moves, ...rest } = check;
			const alsoMoves = moves === 'any' ? [''] : typeof moves === 'boolean' ? [] : moves;
			return { ...rest, ...named, timeoutMs: timeout, moves: moves !== false, alsoMoves };
		}
		case 'script': {
			const { timeout, interval, run, script, kind } = check;
			return {
				kind,
				...named,
				script: run ?? scripts[script ?? ''] ?? '',
				...(script !== undefined && { name: script }),
				timeoutMs: timeout,
				intervalMs: interval,
			};
		}
		case 'log-state':
			return { ...check, ...named, since: check.since ?? [check.service] };
		default:
			return { ...check, ...named };
	}
};

const buildInput = (name: string, input: InputInput): InputDefinition => ({
	name,
	title: input.title ?? name,
	type: input.type,
	choices: input.choices ?? '',
	resolve: input.resolve,
	preset: input.preset,
});

const buildProcedure = (id: string, procedure: ProcedureInput, runbook: RunbookInput): ProcedureDefinition => {
	// References were checked before: an unknown one cannot come here.
	const scriptOf = (item: { run?: string; script?: string }): string =>
		item.run ?? runbook.scripts[item.script ?? ''] ?? '';
	const step = (item: ProcedureInput['steps'][number]): StepDefinition => {
		const { id, title, mayFail, wait, manual } = item;
		if (manual !== undefined) {
			return {
				id,
				title,
				mayFail,
				kind: 'manual',
				script: '',
				text: manual.trim(),
				timeoutMs: item.timeout ?? defaultManualMs,
			};
		}
		if (wait === undefined) {
			return { id, title, mayFail, kind: 'run', script: scriptOf(item), timeoutMs: item.timeout ?? defaultStepMs };
		}
		if (wait.for !== undefined) {
			return { id, title, mayFail, kind: 'wait', script: '', timeoutMs: wait.for };
		}
		return {
			id,
			title,
			mayFail,
			kind: 'wait',
			script: scriptOf({ run: wait.until, script: wait.script }),
			timeoutMs: wait.timeout ?? defaultWaitMs,
			intervalMs: wait.interval ?? defaultWaitIntervalMs,
		};
	};
	const input = (item: ProcedureInput['inputs'][number]): InputDefinition[] => {
		if (typeof item !== 'string') {
			return [buildInput(item.name, item)];
		}
		const shared = runbook.inputs[item];
		return shared ? [buildInput(item, shared)] : [];
	};
	return {
		id,
		title: procedure.title,
		group: procedure.group,
		when: procedure.when,
		risk: procedure.risk,
		inputs: procedure.inputs.flatMap(input),
		preconditions: procedure.preconditions.map((item) => ({
			id: item.id,
			title: item.title,
			script: scriptOf(item),
			...(item.once && { once: true }),
		})),
		previews: procedure.previews.map((item) => ({ title: item.title, script: scriptOf(item) })),
		steps: procedure.steps.map(step),
		interrupts: procedure.interrupts,
		restorePoint: procedure.restorePoint ?? procedure.risk !== 'read-only',
		...(procedure.needsRoom !== undefined && { needsRoom: procedure.needsRoom }),
		verify: procedure.verify ?? verified(runbook),
		expects: procedure.expects,
		...recreatesOf(procedure),
		notes: procedure.notes,
	};
};

/** The shared scripts of compose.yaml that make containers anew: they do what the plan's comparison found. */
const rolloutScripts: ReadonlySet<string> = new Set([
	'build-commit',
	'build-project',
	'switch-commit',
	'recreate-service',
	'start-all',
	'retag-image',
	'recreate-from-image',
]);

/** As given, or as `expects` says it, where the steps are those of compose.yaml. */
const recreatesOf = ({ recreates, expects, steps }: ProcedureInput): Pick<ProcedureDefinition, 'recreates'> => {
	if (recreates !== undefined) {
		return { recreates };
	}
	const { commit, image } = expects ?? {};
	return (commit ?? image) !== undefined && steps.some(({ script }) => rolloutScripts.has(script ?? ''))
		? { recreates: commit === undefined ? { image } : { commit } }
		: {};
};

const verified = (runbook: RunbookInput): readonly string[] =>
	runbook.verification.checks ?? Object.keys(runbook.checks);

/** Turns a validated file into the runbook that the program works with. */
export const buildRunbook = (runbook: RunbookInput): Runbook => {
	const enabled = Object.entries(runbook.procedures).filter(([, procedure]) => !procedure.disabled);
	const rank = (id: string) => {
		const index = runbook.order.indexOf(id);
		return index < 0 ? runbook.order.length : index;
	};
	return {
		title: runbook.title,
		variables: runbook.variables,
		monitors: buildMonitors(runbook.monitors),
		checks: Object.entries(runbook.checks).map(([id, check]) => buildCheck(id, check, runbook)),
		verification: {
			checks: verified(runbook),
			settleMs: runbook.verification.settle,
			deadlineMs: runbook.verification.deadline,
		},
		keeps: runbook.keeps,
		links: runbook.links,
		procedures: enabled
			.map(([id, procedure]) => buildProcedure(id, procedure, runbook))
			.sort((a, b) => rank(a.id) - rank(b.id)),
		suggestions: runbook.suggestions.filter(({ procedure }) => enabled.some(([id]) => id === procedure)),
	};
};
