import { figuresOf } from './measure/figures.ts';
import type { Finding, Scenario } from './scenario.ts';

export interface Measured {
	readonly scenario: Scenario;
	readonly findings: readonly Finding[];
}

const digits = (value: number): string => {
	const size = Math.abs(value);
	return Number.isFinite(value)
		? value.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 })
		: '–';
};

const judgedOf = ({ values, judged = 'p50' }: Finding): number => figuresOf(values)[judged];

/** True when the budget is met; undefined if there is none. A missing value meets none. */
export const meets = (finding: Finding): boolean | undefined => {
	const { atMost, atLeast } = finding;
	const value = judgedOf(finding);
	if (atMost === undefined && atLeast === undefined) {
		return undefined;
	}
	return (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast);
};

/** True when it is so far off that no load of the machine explains it. */
export const alarms = (finding: Finding): boolean =>
	finding.alarm !== undefined && !(judgedOf(finding) <= finding.alarm);

const spread = ({ values }: Finding): string => {
	const { count, min, p50, p90, max } = figuresOf(values);
	return count === 1 ? '' : `${[min, p50, p90, max].map(digits).join(' / ')} of ${count.toLocaleString('en-US')}`;
};

const budget = ({ atMost, atLeast }: Finding): string =>
	atMost !== undefined ? `≤ ${digits(atMost)}` : atLeast !== undefined ? `≥ ${digits(atLeast)}` : '';

const sign = (finding: Finding): string => ({ true: '✓', false: '✗', undefined: '' })[`${meets(finding)}`] ?? '';

const value = (finding: Finding): string => {
	const { unit, judged, values } = finding;
	const which = judged === undefined || values.length === 1 ? '' : `${judged} `;
	return `${which}${digits(judgedOf(finding))}${unit === '' ? '' : ` ${unit}`}`;
};

/** A line for the terminal. */
export const findingLine = (finding: Finding): string =>
	[
		`  ${sign(finding) || '·'} ${finding.what.padEnd(58)} ${value(finding).padStart(22)}`,
		budget(finding).padEnd(8),
		[spread(finding), finding.beside].filter((text) => text !== undefined && text !== '').join('; '),
	]
		.join('  ')
		.trimEnd();

/** Returns growing costs, in few words: for the page on performance. */
export const curves = (all: readonly Measured[]): string =>
	[
		'| | |',
		'|---|---|',
		...all
			.filter(({ scenario }) => scenario.grows)
			.flatMap(({ findings }) => findings.map((finding) => `| ${finding.what} | ${value(finding)} |`)),
	].join('\n');

/** The tables of a run, as Markdown. */
export const markdown = (all: readonly Measured[]): string =>
	all
		.map(({ scenario, findings }) =>
			[
				`## ${scenario.title}`,
				'',
				'| | | budget | | min / median / p90 / max | beside it |',
				'|---|---|---|---|---|---|',
				...findings.map(
					(finding) =>
						`| ${finding.what} | ${value(finding)} | ${budget(finding)} | ${sign(finding)} | ${spread(finding)} | ${finding.beside ?? ''} |`,
				),
			].join('\n'),
		)
		.join('\n\n');
