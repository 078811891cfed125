import { stepKindOf } from '../step-kinds/index.ts';
import type { Report } from './report.ts';
import { code, fenced, inline, markdownTable } from './safe-markdown.ts';

type Seen = NonNullable<Report['before']>['seen'][number];

/** Formats a time as `2026-11-22 03:10:20`, UTC: easy to read in a table about one night. */
const time = (iso: string): string => iso.replace('T', ' ').replace(/\..*$/, '');

const person = ({ user, machine }: Report['who']): string => inline(`${user}@${machine}`);

const section = (title: string, ...parts: readonly (string | undefined)[]): string[] => {
	const filled = parts.filter((part) => part !== undefined && part !== '');
	return filled.length === 0 ? [] : [[`## ${title}`, ...filled].join('\n\n')];
};

const took = (from: string | undefined, to: string | undefined): string =>
	from === undefined || to === undefined ? '' : `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;

const head = (report: Report): string => {
	const rows: [string, string][] = [
		['Outcome', inline(report.outcome)],
		[
			'Target',
			`${inline(report.target)} (${inline(report.host)}), ${code(report.directory)}, project ${inline(report.project)}`,
		],
		['Procedure', `${code(report.procedure)}, ${report.risk}`],
		['Run', code(report.run)],
		['Who', person(report.who)],
		['Why', report.reason === '' ? 'no reason was given' : inline(report.reason)],
		['Began', `${time(report.startedAt)} UTC`],
		[
			'Ended',
			report.endedAt === undefined
				? 'end unknown'
				: `${time(report.endedAt)} UTC, after ${took(report.startedAt, report.endedAt)}`,
		],
		...(report.suspectedStart === undefined
			? []
			: [
					['Suspected start', `${time(report.suspectedStart.at)} UTC: ${inline(report.suspectedStart.why)}`] as [
						string,
						string,
					],
				]),
	];
	return markdownTable(
		['', ''],
		rows.map(([name, value]) => [`**${name}**`, value]),
	);
};

const source = ({ source: { from, asOf, note }, madeAt }: Report): string | undefined =>
	from === 'host'
		? undefined
		: `> **From the copy on this machine**, as of ${time(asOf)} UTC; the report was made at ${time(madeAt)} UTC.${note === undefined ? '' : ` ${inline(note)}`} Later events are missing.`;

const timeline = ({ timeline: moments, clockDifferenceSeconds: ahead }: Report): string[] =>
	section(
		'Timeline (UTC)',
		markdownTable(
			['Time', 'What', 'Clock'],
			moments.map(({ at, what, clock }) => [time(at), inline(what), clock]),
		),
		ahead === undefined || Math.abs(ahead) < 10
			? undefined
			: `The clock of the host is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} that of the operator's machine.`,
	);

const seenTable = (seen: readonly Seen[]): string =>
	markdownTable(
		['What', 'State', 'Detail'],
		seen.map(({ what, state, said, stale }) => [inline(what), stale ? `${state}, stale` : state, inline(said)]),
	);

const readings = (report: Report): string[] =>
	(['before', 'after'] as const).flatMap((moment) => {
		const observed = report[moment];
		const title = moment === 'before' ? 'Readings before' : 'Readings after';
		return observed === undefined
			? section(title, 'No readings were saved with this run.')
			: section(title, `Read at ${time(observed.at)} UTC by ${person(observed.by)}.`, seenTable(observed.seen));
	});

const stepParts = (step: Report['steps'][number]): string[] => {
	const facts = [
		step.state,
		...(stepKindOf(step).label === '' ? [] : [stepKindOf(step).label]),
		...(step.startedAt === undefined ? [] : [`began ${time(step.startedAt)} UTC`]),
		...(step.endedAt === undefined ? [] : [`took ${took(step.startedAt, step.endedAt)}`]),
		...(step.exitCode === undefined ? [] : [`exit code ${step.exitCode}`]),
		...(step.mayFail ? ['may fail'] : []),
	];
	return [
		`### ${step.number}. ${inline(step.title)}`,
		`${code(step.id)}: ${facts.join(', ')}.`,
		...(step.text === undefined || step.text === '' ? [] : [`Task for the operator: ${inline(step.text)}`]),
		...(step.answer === undefined ? [] : [`Answered: ${inline(step.answer)}`]),
		...(step.summary === undefined ? [] : [inline(step.summary)]),
		...(step.script.trim() === '' || step.summary !== undefined ? [] : [fenced(step.script, 'sh')]),
	];
};

const ran = (report: Report): string[] =>
	section(
		'What was run',
		report.inputs.length === 0
			? undefined
			: markdownTable(
					['Input', 'Value', ''],
					report.inputs.map(({ name, title, value, detail }) => [
						`${inline(title)} (${code(name)})`,
						code(value),
						inline(detail),
					]),
				),
		report.preconditions.length === 0
			? undefined
			: `Checked before anything was changed:\n\n${markdownTable(
					['Precondition', 'State', 'Detail'],
					report.preconditions.map(({ title, state, detail }) => [inline(title), state, inline(detail)]),
				)}`,
		...(report.steps.length === 0 ? ['It has no steps, or they cannot be read.'] : report.steps.flatMap(stepParts)),
	);

const changed = (report: Report): string[] =>
	section(
		'What changed',
		report.changes.length === 0
			? report.after === undefined
				? 'Unknown: nothing was read afterwards, and no step recorded a change.'
				: 'Nothing, by the readings before and after.'
			: markdownTable(
					['Kind', 'What', 'From', 'To'],
					report.changes.map(({ kind, what, from, to }) => [kind, inline(what), code(from ?? ''), code(to ?? '')]),
				),
	);

const verified = ({ verification }: Report): string[] =>
	section(
		'Verification',
		...(verification === undefined
			? ['Nobody has verified this run.']
			: [
					`**${verification.verdict}**: ${inline(verification.reason)} (${time(verification.at)} UTC, by ${person(verification.by)})`,
					...verification.checks.flatMap(({ id, title, state, reason, asked, evidence, at }) => [
						`### ${inline(title)}: ${state}`,
						`${code(id)}${at === undefined ? '' : `, ${time(at)} UTC`}: ${inline(reason)}`,
						...(asked.trim() === '' ? [] : [`Command: ${code(asked)}`]),
						...(evidence.trim() === '' ? [] : [fenced(evidence)]),
					]),
				]),
	);

const output = ({ output: { lines, leftOut, bytes } }: Report): string[] =>
	section(
		'Output',
		`${leftOut ? `The last ${lines.length} ${lines.length === 1 ? 'line' : 'lines'} of` : 'All of'} ${bytes} bytes.`,
		lines.length === 0 ? undefined : fenced(lines.join('\n')),
	);

const relations = {
	undoes: 'This run undoes',
	'undone-by': 'Undone by',
	'goes-on-with': 'This run continues',
	'gone-on-with-by': 'Continued by',
} as const;

const related = ({ related: runs }: Report): string[] =>
	section(
		'Related runs',
		runs.length === 0
			? undefined
			: markdownTable(
					['Relation', 'Run', 'Title', 'Began (UTC)', 'Who', 'State'],
					runs.map(({ relation, run, title, startedAt, who, state, verdict }) => [
						relations[relation],
						code(run),
						inline(title),
						time(startedAt),
						person(who),
						verdict === undefined ? state : `${state}, verification ${verdict}`,
					]),
				),
	);

const undo = ({ undo: { possible, command, why } }: Report): string[] =>
	section(
		'How to undo',
		possible ? undefined : `backout cannot undo this run: ${inline(why ?? 'reason unknown')}.`,
		possible && command !== undefined ? fenced(command, 'sh') : undefined,
		possible && why !== undefined ? `Note: ${inline(why)}.` : undefined,
	);

/** Returns the report as Markdown (CommonMark with tables). None of its texts can become markup, HTML or a link. */
export const reportMarkdown = (report: Report): string =>
	`${[
		`# ${inline(`${report.title} on ${report.target}`)}`,
		...[source(report)].filter((part) => part !== undefined),
		head(report),
		...timeline(report),
		...readings(report),
		...ran(report),
		...changed(report),
		...verified(report),
		...output(report),
		...related(report),
		...undo(report),
		...(report.notes.length === 0 ? [] : section('Notes', report.notes.map((note) => `- ${inline(note)}`).join('\n'))),
	].join('\n\n')}\n`;
