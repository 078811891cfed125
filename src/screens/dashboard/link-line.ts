import { milliseconds } from '../../components/figures.ts';
import { age, duration } from '../../components/format-time.ts';
import { type Line, span } from '../../components/line.ts';
import type { LinkState } from '../../runbook/link.ts';

// Rounds a round trip to two digits, as it varies: then a steady link causes no redraw.
export const steady = (ms: number) =>
	ms < 10 ? Math.ceil(ms) : ms < 100 ? Math.round(ms / 5) * 5 : Math.round(ms / 20) * 20;

/** Describes the link: `● link up 45 ms`, `▲ silent 20s`, `✗ reconnecting in 4s: reason`. */
export const linkLine = (link: LinkState, now: number, withReason = true): Line => {
	const because = withReason && link.reason !== undefined ? `: ${link.reason}` : '';
	switch (link.status) {
		case 'up':
			// The connection counts as silent after a few seconds without a byte, so while it is up, there was one.
			return [
				span('● link up', 'good'),
				span(link.rttMs === undefined ? '' : ` ${milliseconds(steady(link.rttMs))}`, 'muted'),
				span(link.instead === undefined ? '' : ` ▲ ${link.instead}`, 'warn'),
			];
		case 'connecting':
			if (link.reason !== undefined) {
				// After a failed attempt: say why, and that it is retried.
				const wait = link.retryAt === undefined ? 0 : Math.ceil((link.retryAt - now) / 1000);
				return [
					span(`✗ not connected, trying again${wait > 0 ? ` in ${wait}s` : ''}`, 'bad'),
					span(link.attempt === undefined ? '' : ` (try ${link.attempt})`, 'muted'),
					span(because, 'warn'),
				];
			}
			return [
				span('◌ connecting', 'warn'),
				span(now - link.since >= 3000 ? ` ${duration(now - link.since)}` : '', 'muted'),
			];
		case 'silent':
			return [
				span(
					`▲ link silent${link.heardAt === undefined ? '' : ` ${age(now - link.heardAt).replace('now', '')}`}`.trimEnd(),
					'warn',
				),
				span(because, 'warn'),
			];
		case 'reconnecting': {
			const wait = link.retryAt === undefined ? 0 : Math.ceil((link.retryAt - now) / 1000);
			const heard =
				link.heardAt === undefined
					? ''
					: `, heard ${age(now - link.heardAt).replace('now', 'just now')}${now - link.heardAt < 10_000 ? '' : ' ago'}`;
			return [
				span(`✗ link lost, ${wait > 0 ? `reconnecting in ${wait}s` : 'reconnecting'}`, 'bad'),
				span(link.attempt === undefined ? '' : ` (try ${link.attempt})`, 'muted'),
				span(`${heard}${because}`, 'warn'),
			];
		}
		case 'refused':
			return [
				span(`✗ refused${because}`, 'bad'),
				span(withReason && link.next !== undefined ? `  ${link.next}` : '', 'plain'),
			];
		default:
			return [span(`✗ link closed${because}`, 'bad')];
	}
};
