import { allWell, type ReadingEntry, type ReadingsNow } from '../application/watching/readings-now.ts';
import { bytes, figure, milliseconds, plural } from '../components/figures.ts';
import { shortDuration as age, duration } from '../components/format-time.ts';
import type { Target } from '../runbook/runbook.ts';
import { checkKindOf } from '../services/checks/check-kinds.ts';
import { createThrottle } from '../stores/throttle.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import { bold, dim, glyph, print, printJson, safe, table } from './print.ts';
import { watchReadings } from './watch-readings.ts';

/** How long `status` waits for readings that do not come, ms. What has not come by then is unknown. */
const firstReadingTimeoutMs = 6000;

/** A script may take as long as it is allowed to. */
const patienceFor = ({ runbook: { checks, verification } }: Target): number =>
	Math.max(
		firstReadingTimeoutMs,
		...checks
			.filter(({ id }) => verification.checks.includes(id))
			.map((check) => (checkKindOf(check).timeoutMs?.(check) ?? 0) + 2000),
	);

const words = (entry: ReadingEntry | undefined, now: number): string => {
	if (entry === undefined) {
		return '';
	}
	const parts = [
		...(entry.state === 'ok' ? [] : [entry.state]),
		...(entry.reason === undefined ? [] : [entry.reason]),
		...(entry.stale && entry.at > 0 ? [`stale, ${age(now - entry.at)} old`] : []),
	];
	return parts.length === 0 ? '' : ` (${safe(parts.join(': '))})`;
};

/** What the dashboard shows, as text. */
export const statusText = (snapshot: ReadingsNow): string => {
	const {
		at: now,
		link,
		containers,
		health,
		metrics,
		alerts,
		commit,
		backups,
		disk,
		logErrors,
		checks,
		suggestion,
	} = snapshot;
	const lines = [
		`${bold(safe(snapshot.target))}  ${safe(snapshot.host)}  link ${link.status}${link.rttMs === undefined ? '' : `, ${milliseconds(link.rttMs)}`}`,
	];
	const line = (entry: ReadingEntry, text: string) => lines.push(`${glyph(entry.state)} ${text}${words(entry, now)}`);
	if (commit !== undefined) {
		const { value } = commit;
		const local =
			value === undefined || value.changed + value.untracked === 0
				? ''
				: `, ${value.changed} changed, ${value.untracked} untracked`;
		line(
			commit,
			value === undefined
				? 'commit'
				: `commit ${value.hash.slice(0, 8)} ${safe(value.subject)}, ${age(now - value.committedAt)} old, ${value.branch === undefined ? 'detached HEAD' : safe(value.branch)}${local}`,
		);
	}
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
		dim(safe(container.image)),
	]);
	if (rows.length > 0) {
		lines.push(table(rows));
	}
	for (const endpoint of health) {
		const { value } = endpoint;
		const came = [
			...(value?.status === undefined ? [] : [String(value.status)]),
			...(value?.latencyMs === undefined ? [] : [milliseconds(value.latencyMs)]),
		].join(', ');
		line(endpoint, `health ${safe(endpoint.name)} ${came}`.trimEnd());
	}
	if (metrics !== undefined) {
		const series = (metrics.value ?? []).map(
			({ title, value, unit }) =>
				`${safe(title)} ${value === undefined ? 'unknown' : `${figure(value)}${safe(unit ?? '')}`}`,
		);
		line(metrics, ['metrics', ...series].join('  '));
	}
	if (alerts !== undefined) {
		line(alerts, alerts.value === undefined ? 'alerts' : plural(alerts.value.length, 'alert'));
		for (const { name, severity, summary, startsAt } of alerts.value ?? []) {
			lines.push(`    ${safe(name)} ${safe(severity ?? '')} since ${age(now - startsAt)}: ${safe(summary ?? '')}`);
		}
	}
	if (backups !== undefined) {
		const { value } = backups;
		line(
			backups,
			value === undefined
				? 'backup'
				: `backup ${safe(value.name)}, ${bytes(value.bytes)}, ${age(now - value.modifiedAt)} old`,
		);
	}
	line(
		disk,
		disk.value === undefined
			? 'disk'
			: `disk ${figure(disk.value.usedPercent)} % used, ${bytes(disk.value.freeBytes)} free`,
	);
	if (logErrors !== undefined) {
		line(logErrors, logErrors.value === undefined ? 'log errors' : `log errors ${logErrors.value.perMinute}/min`);
	}
	for (const { title, state, reason } of checks ?? []) {
		lines.push(`${glyph(state)} check ${safe(title)}: ${state}, ${safe(reason)}`);
	}
	if (suggestion !== undefined) {
		lines.push(`Suggested: ${bold(safe(suggestion.procedure))}, ${safe(suggestion.why)}`);
	}
	return lines.join('\n');
};

/** `backout status`: what the dashboard shows, once or, with `--watch`, at each change (at most twice a second). */
export const status = (
	globals: GlobalOptions,
	options: { readonly json?: boolean; readonly watch?: boolean },
): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const snapshots = watchReadings(session);
		const show = (snapshot: ReadingsNow) => {
			if (options.json === true) {
				printJson({ type: 'status', ok: allWell(snapshot), ...snapshot });
			} else {
				print(statusText(snapshot));
			}
		};
		try {
			await snapshots.arrived(patienceFor(session.target), signal);
			signal.throwIfAborted();
			const first = snapshots.take();
			show(first);
			if (options.watch === true) {
				const throttle = createThrottle(() => show(snapshots.take()), 500);
				const unsubscribe = snapshots.subscribe(() => throttle.request());
				await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
				unsubscribe();
				signal.throwIfAborted();
			}
			return allWell(first) ? 0 : 1;
		} finally {
			snapshots.stop();
		}
	});
