import { justify, type Line, line, span, wrap } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { riskSigns } from '../../components/status-icons.ts';
import { selectedRow } from '../../components/table.ts';
import type { Suggestion } from '../../runbook/diagnose.ts';
import type { ProcedureSummary } from '../../stores/workspace.ts';

export type MenuItem =
	| { readonly kind: 'heading'; readonly text: string }
	| { readonly kind: 'why'; readonly text: string; readonly first: boolean }
	| { readonly kind: 'procedure'; readonly procedure: ProcedureSummary };

/** True when every word of the filter is in the text, in either case. */
export const matches = (text: string, filter: string): boolean => {
	const low = text.toLowerCase();
	return filter
		.toLowerCase()
		.split(' ')
		.every((word) => low.includes(word));
};

/** Maximum number of suggested procedures: more would push the menu out of its panel. */
const mostSuggested = 3;

const suggestedOf = (suggestion: Suggestion | undefined) =>
	suggestion === undefined ? [] : [suggestion, ...(suggestion.others ?? [])].slice(0, mostSuggested);

/** Returns the items of the menu: the suggested procedures first, each with its reason, then the others by the runbook's groups. */
export const menuItems = (
	procedures: readonly ProcedureSummary[],
	suggestion: Suggestion | undefined,
	filter = '',
): MenuItem[] => {
	const shown = procedures.filter(({ id, title, group, when }) => matches(`${id} ${title} ${group} ${when}`, filter));
	const items: MenuItem[] = [];
	const suggested = suggestedOf(suggestion).flatMap(({ procedure: id, why }) => {
		const procedure = shown.find((one) => one.id === id);
		return procedure === undefined ? [] : [{ procedure, why }];
	});
	for (const [index, { procedure, why }] of suggested.entries()) {
		if (index < 2) {
			items.push({ kind: 'heading', text: index === 0 ? 'Suggested' : 'Fits, too' });
		}
		items.push({ kind: 'procedure', procedure }, { kind: 'why', text: why, first: index === 0 });
	}
	const groups = new Set(shown.map(({ group }) => group));
	for (const group of groups) {
		const members = shown.filter(
			(procedure) => procedure.group === group && !suggested.some((one) => one.procedure === procedure),
		);
		if (members.length > 0) {
			items.push({ kind: 'heading', text: group });
			items.push(...members.map((procedure) => ({ kind: 'procedure' as const, procedure })));
		}
	}
	return items;
};

/** Returns the ids of the procedures in the order of the menu. */
export const menuIds = (items: readonly MenuItem[]): string[] =>
	items.flatMap((item) => (item.kind === 'procedure' ? [item.procedure.id] : []));

/** True when a menu of this width shows the risk as a word on every row; otherwise the title shows it for the selected one. */
export const worded = (width: number): boolean => width >= 48;

/** Width of the rows of a reason in a menu of this width. */
const reasonWidth = (width: number): number => width - 6;

/** The number of rows that the whole reason of the first suggestion takes in a menu of this width; 0 without a suggestion. */
export const reasonRows = (items: readonly MenuItem[], width: number): number => {
	const first = items.find((item) => item.kind === 'why' && item.first);
	return first?.kind === 'why' ? wrap(first.text, reasonWidth(width)).length : 0;
};

interface Size {
	readonly width: number;
	readonly height: number;
}

export const menuRows = (
	items: readonly MenuItem[],
	size: Size,
	selected: string | undefined,
	focused: boolean,
): Line[] =>
	items.length === 0
		? [line(' nothing matches', 'muted')]
		: shownRows(items, size, selected, focused).map(({ row }) => row);

/** Returns the procedure in a row of the menu. */
export const procedureAt = (
	items: readonly MenuItem[],
	size: Size,
	selected: string | undefined,
	row: number,
): string | undefined => shownRows(items, size, selected, false)[row]?.id;

const shownRows = (
	items: readonly MenuItem[],
	size: Size,
	selected: string | undefined,
	focused: boolean,
): readonly { readonly row: Line; readonly id?: string }[] => {
	const rows: { readonly row: Line; readonly id?: string }[] = [];
	let at = 0;
	// The reason is why an operator follows a suggestion: it is whole where it takes no more than half of the panel.
	const firstReasonRows = Math.max(2, Math.floor(size.height / 2), 1 + size.height - items.length);
	for (const item of items) {
		if (item.kind === 'heading') {
			rows.push({ row: line(` ${item.text}`, ['Suggested', 'Fits, too'].includes(item.text) ? 'warn' : 'muted') });
		} else if (item.kind === 'why') {
			const most = item.first ? firstReasonRows : 1;
			const said = wrap(item.text, reasonWidth(size.width));
			rows.push(
				...said.slice(0, most).map((text, index) => ({
					row: line(`     ${text}${index === most - 1 && said.length > most ? '…' : ''}`, 'muted'),
				})),
			);
		} else {
			const { id, title, risk } = item.procedure;
			const sign = riskSigns[risk];
			const row = justify(
				[span(id === selected ? ' › ' : '   '), span(`${sign.glyph} `, sign.tone), span(title)],
				worded(size.width) ? [span(` ${sign.word} `, sign.tone)] : [span(' ')],
				size.width,
			);
			if (id === selected) {
				at = rows.length;
			}
			rows.push({ id, row: id === selected && focused ? selectedRow(row) : row });
		}
	}
	// For the first item its heading comes into view too.
	const from = at <= 1 ? 0 : windowStart(rows.length, at, size.height);
	return rows.slice(from, from + size.height);
};
