import { ago, duration, moment, timeWithSeconds } from '../../components/format-time.ts';
import { type Line, line, span, wrap } from '../../components/line.ts';
import { preformatted } from '../../components/preformatted.ts';
import { checkSigns } from '../../components/status-icons.ts';
import type { CheckResult, Verification } from '../../runbook/check.ts';

const when = ({ at, state, passingSince }: CheckResult, now: number): string => {
	if (at === 0) {
		return 'not checked yet';
	}
	const day = moment(at, now).replace(/\d\d:\d\d$/, '');
	const since = state === 'passed' && passingSince !== undefined ? `, passing for ${duration(at - passingSince)}` : '';
	return `checked ${day}${timeWithSeconds(at)} (${ago(now - at)})${since}`;
};

/** Returns the evidence of one check: its state and reason, the command, the result, and the time. */
const checkBlock = (check: CheckResult, now: number, width: number): Line[] => {
	const sign = checkSigns[check.state];
	const part = (name: string, text: string): Line[] =>
		text.trim() === '' ? [] : [line(`   ${name}`, 'muted'), ...preformatted(text, width, '   ')];
	return [
		[span(` ${sign.glyph} `, sign.tone), span(check.title, 'strong'), span(`  ${sign.word}`, sign.tone)],
		...wrap(check.reason, width - 4).map((row) => line(`   ${row}`, check.state === 'passed' ? 'plain' : sign.tone)),
		line(`   ${when(check, now)}`, 'muted'),
		...part('Command', check.asked),
		...part('Result', check.evidence),
		[],
	];
};

/** Returns all checks with their evidence, and the row at which each begins. */
export const evidenceRows = (
	verification: Verification | undefined,
	now: number,
	width: number,
): { readonly rows: readonly Line[]; readonly starts: ReadonlyMap<string, number> } => {
	if (verification === undefined || verification.checks.length === 0) {
		return { rows: [[span(' ? ', 'warn'), span('not checked yet', 'muted')]], starts: new Map() };
	}
	const rows: Line[] = [];
	const starts = new Map<string, number>();
	for (const check of verification.checks) {
		starts.set(check.id, rows.length);
		rows.push(...checkBlock(check, now, width));
	}
	return { rows: rows.slice(0, -1), starts };
};
