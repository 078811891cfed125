import { justify, type Line, line, pad, span, type Tone, widthOf, wrap } from '../../components/line.ts';
import { titleRule } from '../../components/panel.ts';
import { preformatted } from '../../components/preformatted.ts';
import { windowStart } from '../../components/scroll.ts';
import { selectedRow } from '../../components/table.ts';
import type { InputChoice, InputOffer, PlanPreview } from '../../runbook/plan.ts';
import { keyLine } from '../../runbook/plan-outline.ts';
import { shownOffer } from '../../runbook/secrets-deep.ts';
import { matches } from '../dashboard/menu-rows.ts';

const markTones: Readonly<Record<string, Tone>> = {
	current: 'accent',
	good: 'good',
	bad: 'bad',
	blocked: 'bad',
};
const markLabel: Readonly<Record<string, string>> = {
	current: '● current',
	good: '✓ good',
	bad: '✗ bad',
	blocked: '✗ blocked',
};

/** The meaning of each mark, for the lower half of the screen. */
const markMeanings: Readonly<Record<string, string>> = {
	current: 'what is deployed now',
	good: 'passed verification here',
	bad: 'failed verification here',
	blocked: 'was rolled back, and must not be deployed again for now',
	fallback: 'an earlier one; whether it is good is not known',
};

/** Returns the selected choice in full, and the meanings of the marks in the list: for the remaining rows. */
export const aboutChoice = (
	choice: InputChoice,
	offer: InputOffer,
	/** What it would change; undefined while that is being read. */
	previews: readonly PlanPreview[] | undefined,
	size: { readonly width: number; readonly height: number },
	/** True for the last input: its choice makes the plan. */
	isLast = true,
): Line[] => {
	const shown = shownOffer({ ...offer, choices: [choice] }).choices[0] ?? choice;
	const isPreset = choice.value === offer.preset;
	const used = Object.keys(markMeanings).filter((mark) => offer.choices.some(({ marks }) => marks.includes(mark)));
	const marks: Line[] = [
		...used.map(
			(mark): Line => [
				span(` ${pad(markLabel[mark] ?? mark, 11)}`, markTones[mark] ?? 'muted'),
				span(markMeanings[mark] ?? '', 'muted'),
			],
		),
		...(offer.preset === undefined
			? []
			: [[span(` ${pad('preset', 11)}`, 'muted'), span('what Enter takes when nothing else is chosen', 'muted')]]),
	];
	const said: Line[] = [
		titleRule({ title: shown.label, focused: false }, size.width),
		...wrap(shown.detail, size.width - 2).map((text) => line(` ${text}`)),
		...(shown.value === shown.label ? [] : [line(` ${shown.value}`, 'muted')]),
		line(
			` Enter ${isPreset ? 'takes the preset' : 'takes it'} and ${isLast ? 'makes the plan' : 'goes on to the next input'}. Nothing has changed yet.`,
			'muted',
		),
	];
	if (said.length > size.height) {
		return [];
	}
	const changes = changeRows(previews, { width: size.width, height: size.height - said.length });
	const taken = said.length + changes.length;
	return [...said, ...changes, ...(taken + 1 + marks.length <= size.height ? [[], ...marks] : [])];
};

/** Rows of a preview: of a long one its beginning. */
const mostPreviewRows = 8;

/** Shows the changes of a choice: each preview whole, or its most important line if there is no room for all. */
const changeRows = (
	previews: readonly PlanPreview[] | undefined,
	size: { readonly width: number; readonly height: number },
): Line[] => {
	if (previews === undefined) {
		return size.height < 2 ? [] : [[], line(' Reading what it would change …', 'muted')];
	}
	const told = previews.filter(({ text }) => text.trim() !== '');
	const whole = told.flatMap(({ title, text }): Line[] => {
		const body = preformatted(text, size.width, '   ');
		const more = body.length - mostPreviewRows;
		return [
			[],
			line(` ${title}`, 'strong'),
			...(more <= 0
				? body
				: [...body.slice(0, mostPreviewRows - 1), line(`   │ … ${more + 1} more, in the plan`, 'muted')]),
		];
	});
	if (whole.length <= size.height) {
		return whole;
	}
	const room = Math.max(told.length, size.height - 1);
	const brief = told.flatMap((preview, at) =>
		briefRows(preview, size.width, Math.floor(room / told.length) + (at < room % told.length ? 1 : 0)),
	);
	return [...(brief.length < size.height ? [[]] : []), ...brief].slice(0, size.height);
};

/** The most important line of a preview beside its title, in `most` rows. */
const briefRows = (preview: PlanPreview, width: number, most: number): Line[] => {
	const title = ` ${preview.title}  `;
	// The title takes the place of a word as long as itself.
	const rows = wrap(`${'x'.repeat(widthOf(title) - 1)} ${keyLine(preview)}`, width - 3);
	return rows.slice(0, most).map((text, at) => {
		const cutOff = at === most - 1 && rows.length > most ? '…' : '';
		return at === 0 ? [span(title, 'strong'), span(text.slice(widthOf(title)) + cutOff)] : line(`   ${text}${cutOff}`);
	});
};

export const filterChoices = (offer: InputOffer, filter: string): readonly InputChoice[] =>
	offer.choices.filter(({ label, detail, marks }) => matches(`${label} ${detail} ${marks.join(' ')}`, filter));

/** Returns a row per choice: label, detail, and its marks as words. */
export const choiceRows = (
	choices: readonly InputChoice[],
	offer: InputOffer,
	selected: string | undefined,
	size: { readonly width: number; readonly height: number },
): Line[] => {
	if (choices.length === 0) {
		return [
			line(
				` ${offer.choices.length === 0 ? (offer.reason ?? 'there is nothing to choose from') : 'nothing matches'}`,
				'warn',
			),
		];
	}
	const labels = Math.min(Math.floor(size.width / 2), Math.max(...choices.map(({ label }) => label.length)));
	const at = Math.max(
		0,
		choices.findIndex(({ value }) => value === selected),
	);
	const from = windowStart(choices.length, at, size.height);
	return choices.slice(from, from + size.height).map((choice) => {
		const shown = shownOffer({ ...offer, choices: [choice] }).choices[0] ?? choice;
		const marks = choice.marks.flatMap((mark) => [span(` ${markLabel[mark] ?? mark}`, markTones[mark] ?? 'muted')]);
		const preset = choice.value === offer.preset ? [span(' preset', 'muted')] : [];
		const row = justify(
			[
				span(choice.value === selected ? ' › ' : '   '),
				span(pad(shown.label, labels), 'accent'),
				span(`  ${shown.detail}`),
			],
			[...marks, ...preset, span(' ')],
			size.width,
		);
		return choice.value === selected ? selectedRow(row) : row;
	});
};
