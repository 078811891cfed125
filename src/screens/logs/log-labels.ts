import { plural } from '../../components/figures.ts';
import { duration } from '../../components/format-time.ts';
import { cut, type Line, span } from '../../components/line.ts';
import type { FollowedLogs, LogSince } from '../../stores/followed-logs.ts';
import { patternLabel } from '../../stores/line-pattern.ts';
import type { LogView } from '../../stores/log-view.ts';
import { counted } from '../../stores/pane-draw.ts';

/** Describes the start of a log. */
export const sinceLabel = (since: LogSince): string => {
	switch (since) {
		case 'newest':
			return 'the newest lines';
		case 'start':
			return 'since its start';
		case 'all':
			return 'all that there is';
		default:
			return `the last ${duration(since.agoMs)}`;
	}
};

/** Describes the lines before the oldest one. */
const olderLabel = ({ older, lines }: FollowedLogs): Line => {
	const { state, reason, lines: read = 0 } = older.get();
	if (state !== 'reading' && lines.dropped > 0) {
		return [span('older lines are not in memory', 'warn')];
	}
	switch (state) {
		case 'reading':
			return [span(read === 0 ? 'reading older lines …' : `reading, ${counted(read, 'line')} so far …`, 'accent')];
		case 'more':
			return [span('↑ at the top reads older lines', 'muted')];
		case 'begins':
			return [span('the log begins here', 'muted')];
		case 'since':
			return [span('S reads older lines', 'muted')];
		case 'full':
			return [span('the memory is full: older lines are not in it', 'warn')];
		default:
			return [span(`older lines cannot be read: ${reason ?? 'unknown'}`, 'bad')];
	}
};

const servicesLabel = (services: readonly string[], cells: number): string => {
	const all = services.join(', ');
	return services.length < 2 ? cut(all, cells) : all.length <= cells ? all : plural(services.length, 'service');
};

/** Returns the row above the lines: their services, their start, what the filter leaves out, and what is before them. */
export const statusLine = ({ logs, state, progress }: LogView, width: number): Line => {
	const { filter } = state.get();
	const { left } = progress.get();
	const dot = span(' · ', 'muted');
	return [
		span(` ${servicesLabel(logs.services, Math.max(16, Math.floor(width / 3)))}`, 'strong'),
		dot,
		span(sinceLabel(logs.since)),
		...(filter === undefined
			? []
			: [
					dot,
					span('& ', 'accent'),
					span(patternLabel(filter), 'accent'),
					...(left > 1000 ? [span(' filtering …', 'muted')] : []),
				]),
		dot,
		...olderLabel(logs),
	];
};
