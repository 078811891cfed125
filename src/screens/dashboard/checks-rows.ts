import { age, stopwatch } from '../../components/format-time.ts';
import { justify, type Line, pad, span, widthOf } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { bar } from '../../components/sparkline.ts';
import { checkSigns } from '../../components/status-icons.ts';
import { selectedRow } from '../../components/table.ts';
import { type CheckResult, oldestLook, type Verification } from '../../runbook/check.ts';

const count = (verification: Verification, state: CheckResult['state']) =>
	verification.checks.filter((check) => check.state === state).length;

/** The checks together in a few words: `all 5 checks pass`, `2 of 5 checks failed`; without `named`, `2 of 5 failed`. */
export const verdictLine = (verification: Verification | undefined, now: number, named = true): Line => {
	const checks = named ? ' checks' : '';
	if (verification === undefined || verification.checks.length === 0) {
		return [span(named ? '? checks have not run yet' : '? not checked yet', 'warn')];
	}
	const total = verification.checks.length;
	const failed = count(verification, 'failed');
	const unknown = count(verification, 'unknown');
	const oldest = oldestLook(verification.checks, now);
	const old: Line = oldest >= 60_000 ? [span(` (${age(oldest)} ago)`, 'warn')] : [];
	if (failed > 0) {
		return [span(`✗ ${failed} of ${total}${checks} failed`, 'bad'), ...old];
	}
	if (unknown > 0) {
		return [span(`? ${unknown} of ${total}${checks} unknown`, 'warn'), ...old];
	}
	// After a rollback there is one more than on the dashboard.
	const more = verification.checks.some(({ id }) => id === 'version') ? ', the version too' : '';
	const all =
		total === 1 ? (named ? 'the check passes' : 'passed') : `${total === 2 ? 'both' : `all ${total}`}${checks} pass`;
	return [span(`✓ ${all}${more}`, old.length === 0 ? 'good' : 'warn'), ...old];
};

/** How long all have held, against how long they must: `✓ held 0:12 of 0:30`. */
export const settleLine = (verification: Verification, now: number): Line => {
	if (verification.final) {
		return [];
	}
	if (verification.holdingSince !== undefined) {
		const whole = verification.settleSeconds * 1000;
		const held = Math.min(whole, now - verification.holdingSince);
		return [
			span(`✓ held ${stopwatch(held)} of ${stopwatch(whole)}`, 'good'),
			span(` ${bar(whole > 0 ? held / whole : 1, 6)}`, 'good'),
		];
	}
	return verification.deadlineAt === undefined
		? []
		: [span(`gives up in ${stopwatch(verification.deadlineAt - now)}`, 'muted')];
};

const urgency: readonly CheckResult['state'][] = ['failed', 'unknown', 'passed'];

/** The checks there is room for. */
const shownOf = (checks: readonly CheckResult[], height: number, selected: string | undefined) => {
	const ordered =
		checks.length <= height ? checks : checks.toSorted((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state));
	const from = windowStart(
		ordered.length,
		ordered.findIndex(({ id }) => id === selected),
		height,
	);
	return ordered.slice(from, from + height);
};

/** The id of the check in a row as it is shown. */
export const checkAt = (
	verification: Verification | undefined,
	height: number,
	selected: string | undefined,
	row: number,
): string | undefined => shownOf(verification?.checks ?? [], height, selected)[row]?.id;

/**
 * A row a check: glyph, title, word, and the reason where there is room. Where not all have a row, those that do not pass
 * come first, and the selected one is among them.
 */
export const checksRows = (
	verification: Verification | undefined,
	now: number,
	{ width, height }: { readonly width: number; readonly height: number },
	selected?: string,
): Line[] => {
	if (verification === undefined) {
		return [[span(' ? ', 'warn'), span('not checked yet', 'muted')]];
	}
	const titles = Math.min(
		Math.max(12, width - 3 - 10),
		Math.max(...verification.checks.map(({ title }) => widthOf(title)), 8),
	);
	// A few letters of a reason say nothing: then rather the whole title; the evidence has it all.
	const reasons = width - titles - 13 >= 12;
	const { checks } = verification;
	const newest = Math.max(...checks.map(({ at }) => at));
	return shownOf(checks, height, selected).map((check) => {
		const sign = checkSigns[check.state];
		// What all have in common stands in the title.
		const old = check.at > 0 && newest - check.at >= 60_000 ? ` ${age(now - check.at)} ago` : '';
		const row = justify(
			[
				span(` ${sign.glyph} `, sign.tone),
				span(`${pad(check.title, titles)} `, check.state === 'failed' ? 'strong' : 'plain'),
				span(`${pad(sign.word, 8)} `, sign.tone),
				span(reasons ? check.reason : '', 'muted'),
			],
			old === '' ? [] : [span(`${old} `, 'warn')],
			width,
		);
		return check.id === selected ? selectedRow(row) : row;
	});
};
