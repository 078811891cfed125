import { allWell, type ReadingEntry, type ReadingsNow } from '../application/watching/readings-now.ts';
import { bytes, figure, milliseconds, plural } from '../components/figures.ts';
import { shortDuration as age, duration, timeWithSeconds } from '../components/format-time.ts';
import type { Target } from '../runbook/runbook.ts';
import { checkKindOf } from '../services/checks/check-kinds.ts';
import { createThrottle } from '../stores/throttle.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import { untilAborted } from './lost-output.ts';
import { bold, dim, glyph, masked, print, printJson, safe, table } from './print.ts';
import { type ReadingChange, readingChanges } from './reading-changes.ts';
import { doubtsOf, type ReadingText, readingTexts } from './reading-texts.ts';
import { watchReadings } from './watch-readings.ts';

/** Longest wait of `status` for readings, ms. Those that have not arrived by then are unknown. */
const firstReadingTimeoutMs = 6000;

/** A script may take as long as its timeout allows. */
const patienceFor = ({ runbook: { checks, verification } }: Target): number =>
	Math.max(
		firstReadingTimeoutMs,
		...checks
			.filter(({ id }) => verification.checks.includes(id))
			.map((check) => (checkKindOf(check).timeoutMs?.(check) ?? 0) + 2000),
	);

const words = (entry: ReadingEntry, now: number): string => {
	const doubts = doubtsOf(entry, now);
	return doubts === '' ? '' : ` (${safe(doubts)})`;
};

/** Returns the contents of the dashboard as text. */
export const statusText = (snapshot: ReadingsNow): string => {
	const { at: now, link, containers, checks, suggestion } = snapshot;
	const lines = [
		`${bold(safe(snapshot.target))}  ${safe(snapshot.host)}  link ${link.status}${link.rttMs === undefined ? '' : `, ${milliseconds(link.rttMs)}`}`,
	];
	const line = (entry: ReadingEntry, text: string) => lines.push(`${glyph(entry.state)} ${text}${words(entry, now)}`);
	const { first, lists, rest } = readingTexts(snapshot);
	const monitors = (texts: readonly ReadingText[]) => {
		for (const { entry, text, more } of texts) {
			line(entry, text);
			lines.push(...more.map((row) => `    ${row}`));
		}
	};
	monitors(first);
	line(containers, bold('containers'));
	const rows = (containers.value ?? []).map((container) => [
		`  ${glyph(container.state)} ${safe(container.service)}`,
		safe(container.health ?? container.status),
		plural(container.restarts, 'restart'),
		container.startedAt === undefined || container.status !== 'running'
			? ''
			: `up ${duration(Math.max(0, now - container.startedAt))}`,
		container.cpuPercent === undefined ? '' : `${figure(container.cpuPercent)} % CPU`,
		container.memoryBytes === undefined ? '' : bytes(container.memoryBytes),
		container.imageCreatedAt === undefined ? '' : `image ${age(now - container.imageCreatedAt)} old`,
		dim(safe(container.node === undefined ? container.image : `${container.image} on ${container.node}`)),
	]);
	if (rows.length > 0) {
		lines.push(table(rows));
	}
	monitors(lists);
	monitors(rest);
	for (const { title, state, reason } of checks ?? []) {
		lines.push(`${glyph(state)} check ${safe(title)}: ${state}, ${safe(reason)}`);
	}
	if (suggestion !== undefined) {
		lines.push(`Suggested: ${bold(safe(suggestion.procedure))}, ${safe(suggestion.why)}`);
		for (const { procedure, why } of suggestion.others ?? []) {
			lines.push(`  or: ${bold(safe(procedure))}, ${safe(why)}`);
		}
	}
	return lines.join('\n');
};

/** A change in one line: `04:08:12 trading-engine restarting → running`. */
export const changeText = ({ title, before, after, why }: ReadingChange, at: number): string =>
	`${dim(timeWithSeconds(at))} ${bold(safe(title))} ${safe(before ?? 'not there')} → ${safe(after ?? 'gone')}${why === undefined ? '' : dim(`  ${safe(why)}`)}`;

/**
 * `backout status`: prints the contents of the dashboard once. With `--watch` it then prints one line per change, or with `--json` all
 * contents again, at most twice a second.
 */
export const status = (
	globals: GlobalOptions,
	options: { readonly json?: boolean; readonly watch?: boolean },
): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const snapshots = watchReadings(session);
		let last: ReadingsNow | undefined;
		const show = (snapshot: ReadingsNow) => {
			if (options.json === true) {
				printJson(masked({ type: 'status', ok: allWell(snapshot), ...snapshot }));
			} else if (last === undefined) {
				print(statusText(snapshot));
			} else {
				for (const change of readingChanges(last, snapshot)) {
					print(changeText(change, snapshot.at));
				}
			}
			last = snapshot;
		};
		try {
			await snapshots.arrived(patienceFor(session.target), signal);
			signal.throwIfAborted();
			const first = snapshots.take();
			show(first);
			if (options.watch === true) {
				const throttle = createThrottle(() => show(snapshots.take()), 500);
				const unsubscribe = snapshots.subscribe(() => throttle.request());
				await untilAborted(signal).finally(unsubscribe);
			}
			return allWell(first) ? 0 : 1;
		} finally {
			snapshots.stop();
		}
	});
