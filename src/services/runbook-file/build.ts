import type {
	CheckDefinition,
	InputDefinition,
	Monitors,
	ProcedureDefinition,
	Runbook,
	SilenceDefinition,
	StepDefinition,
} from '../../runbook/runbook.ts';
import { kindOfEntry } from '../../runbook/schema/procedures.ts';
import { stepKinds } from '../../runbook/step-kinds/index.ts';
import type { ScriptOf } from '../../runbook/step-kinds/step-kind.ts';
import { checkKindOf } from '../checks/check-kinds.ts';
import { monitorConfigs } from '../monitors/monitor-configs.ts';
import { listMonitorKinds, monitorKinds } from '../monitors/monitor-kinds.ts';
import type { RunbookInput } from './schema/runbook.ts';

type ProcedureInput = RunbookInput['procedures'][string];
type InputInput = RunbookInput['inputs'][string];

const buildMonitors = (entries: Readonly<Record<string, unknown>>): Monitors => {
	const lists = Object.entries(listMonitorKinds).map(
		([name, { build }]) => [name, (entries[name] as readonly unknown[]).map((entry) => build(entry))] as const,
	);
	const others = Object.entries(monitorKinds).flatMap(([name, { key = name, build }]) =>
		entries[key] === undefined || entries[key] === false ? [] : [[key, build(entries[key])] as const],
	);
	// Monitors that always run have a default.
	return Object.fromEntries([...others, ...lists]);
};

/** Returns the script of an entry. References were checked before, so an unknown one cannot occur here. */
const scriptsOf =
	({ scripts }: RunbookInput): ScriptOf =>
	({ run, script }) =>
		run ?? scripts[script ?? ''] ?? '';

const buildCheck = (
	id: string,
	{ kind, title = id, ...entry }: RunbookInput['checks'][string],
	scriptOf: ScriptOf,
): CheckDefinition => ({ ...checkKindOf({ kind }).build(entry, scriptOf), id, title, kind });

const buildInput = (name: string, input: InputInput): InputDefinition => ({
	name,
	title: input.title ?? name,
	type: input.type,
	choices: input.choices ?? '',
	resolve: input.resolve,
	preset: input.preset,
});

const buildProcedure = (id: string, procedure: ProcedureInput, runbook: RunbookInput): ProcedureDefinition => {
	const scriptOf = scriptsOf(runbook);
	const step = (item: ProcedureInput['steps'][number]): StepDefinition => {
		const { id, title, summary, mayFail } = item;
		const kind = kindOfEntry(item);
		return {
			id,
			title,
			...(summary !== undefined && { summary }),
			mayFail,
			kind,
			...stepKinds[kind].build(item, scriptOf),
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
		...(procedure.kind !== undefined && { kind: procedure.kind }),
		...(procedure.checklist !== undefined && { checklist: procedure.checklist }),
		...(procedure.guard !== undefined && { guard: procedure.guard }),
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
		previews: procedure.previews.map((item) => ({
			title: item.title,
			script: scriptOf(item),
			...(item.choice !== undefined && { choice: item.choice }),
		})),
		steps: procedure.steps.map(step),
		...interruptsOf(procedure.interrupts, scriptOf),
		restorePoint: procedure.restorePoint ?? procedure.risk !== 'read-only',
		...(procedure.needsRoom !== undefined && { needsRoom: procedure.needsRoom }),
		...approveOf(procedure.approve),
		verify: procedure.verify ?? verified(runbook),
		expects: procedure.expects,
		...recreatesOf(procedure),
		notes: procedure.notes,
	};
};

/** Time within which an approval must come, unless the procedure names another one, ms. */
const approveWithinMs = 30 * 60_000;

const approveOf = (approve: ProcedureInput['approve']): Pick<ProcedureDefinition, 'approve'> =>
	approve === undefined ? {} : { approve: { withinMs: approve === 1 ? approveWithinMs : approve.within } };

/** The services that a procedure names, or the script that finds them. */
const interruptsOf = (
	interrupts: ProcedureInput['interrupts'],
	scriptOf: ScriptOf,
): Pick<ProcedureDefinition, 'interrupts' | 'interruptsScript'> =>
	Array.isArray(interrupts) ? { interrupts } : { interrupts: [], interruptsScript: scriptOf(interrupts) };

/** The shared scripts of compose.yaml that recreate containers, as the plan's comparison found necessary. */
const rolloutScripts: ReadonlySet<string> = new Set([
	'build-commit',
	'build-project',
	'switch-commit',
	'recreate-service',
	'start-all',
	'retag-image',
	'recreate-from-image',
]);

/** Returns the given value, or one derived from `expects` if the steps are those of compose.yaml. */
const recreatesOf = ({ recreates, expects, steps }: ProcedureInput): Pick<ProcedureDefinition, 'recreates'> => {
	if (recreates !== undefined) {
		return { recreates };
	}
	const { commit, image } = expects ?? {};
	return (commit ?? image) !== undefined &&
		steps.some((step) =>
			Object.entries(step).some(([key, name]) => key === 'script' && rolloutScripts.has(String(name))),
		)
		? { recreates: commit === undefined ? { image } : { commit } }
		: {};
};

/** Without a URL, the requests are those of the alerts monitor; references were checked before. */
const buildSilence = ({ silence, monitors }: RunbookInput): SilenceDefinition | undefined => {
	if (silence === undefined || silence === false) {
		return undefined;
	}
	const { url, matchers, service, timeout, for: forMs, ...request } = silence;
	const base = { matchers, service, timeoutMs: timeout, forMs };
	if (url !== undefined) {
		return { ...base, url, request };
	}
	const { alerts } = monitorConfigs({ monitors: buildMonitors(monitors) });
	if (alerts === undefined) {
		return undefined;
	}
	const { url: itsUrl, ignore, intervalMs, timeoutMs, ...itsRequest } = alerts;
	return { ...base, url: itsUrl, request: itsRequest };
};

const verified = (runbook: RunbookInput): readonly string[] =>
	runbook.verification.checks ?? Object.keys(runbook.checks);

/** Converts a validated file into the runbook that the program works with. */
export const buildRunbook = (runbook: RunbookInput): Runbook => {
	const enabled = Object.entries(runbook.procedures).filter(([, procedure]) => !procedure.disabled);
	const rank = (id: string) => {
		const index = runbook.order.indexOf(id);
		return index < 0 ? runbook.order.length : index;
	};
	const silence = buildSilence(runbook);
	return {
		title: runbook.title,
		variables: runbook.variables,
		monitors: buildMonitors(runbook.monitors),
		checks: Object.entries(runbook.checks).map(([id, check]) => buildCheck(id, check, scriptsOf(runbook))),
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
		...(silence !== undefined && { silence }),
	};
};
