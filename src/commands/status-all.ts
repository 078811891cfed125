import { setMaxListeners } from 'node:events';
import { openSession } from '../application/fleet/session.ts';
import { allWell, type ReadingsNow, titledEntries } from '../application/watching/readings-now.ts';
import { milliseconds } from '../components/figures.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { Target } from '../runbook/runbook.ts';
import { createConnectionLimiter } from '../services/ssh/connection-limiter.ts';
import { createKeyRing } from '../services/ssh/keys.ts';
import { createThrottle } from '../stores/throttle.ts';
import { askOperator, inTurn } from './ask-operator.ts';
import { type GlobalOptions, openTarget, untilStopped } from './context.ts';
import { untilAborted } from './lost-output.ts';
import { bold, dim, glyph, masked, print, printJson, safe, table, yellow } from './print.ts';
import { type ReadingsWatch, watchReadings } from './watch-readings.ts';

/** Longest wait for readings once the link is up, ms. Those that have not arrived by then are unknown. */
const firstReadingTimeoutMs = 15_000;

const isUp = ({ link }: ReadingsNow): boolean => link.status === 'up' || link.status === 'silent';

/** 3: not reached; 1: not well; 0: well. */
const exitCodeOf = (snapshot: ReadingsNow): 0 | 1 | 3 => (isUp(snapshot) ? (allWell(snapshot) ? 0 : 1) : 3);

const checksWord = ({ checks = [] }: ReadingsNow): string => {
	for (const state of ['failed', 'unknown'] as const) {
		const names = checks.filter((check) => check.state === state).map(({ id }) => id);
		if (names.length > 0) {
			return `${names.length} of ${checks.length} checks ${state}: ${names.join(', ')}`;
		}
	}
	return checks.length === 1 ? 'the check passes' : `all ${checks.length} checks pass`;
};

/** Names the other problems. */
const others = (snapshot: ReadingsNow): string =>
	titledEntries(snapshot)
		.flatMap(({ title, entry }) =>
			entry.state === 'ok' && !entry.stale ? [] : [`${title} ${entry.state === 'ok' ? 'stale' : entry.state}`],
		)
		.join(', ');

const rowOf = (snapshot: ReadingsNow): string[] => {
	const { containers, commit, link } = snapshot;
	const code = exitCodeOf(snapshot);
	const running = (containers.value ?? []).filter(({ status }) => status === 'running').length;
	const name = `${glyph(code === 0 ? 'ok' : code === 1 ? 'warn' : 'down')} ${bold(safe(snapshot.target))}`;
	const reached = `link ${link.status}${link.rttMs === undefined ? '' : `, ${milliseconds(link.rttMs)}`}`;
	return code === 3
		? [name, safe(snapshot.host), reached, safe(link.reason ?? '')]
		: [
				name,
				safe(snapshot.host),
				reached,
				safe(checksWord(snapshot)),
				containers.value === undefined ? 'containers unknown' : `${running} of ${containers.value.length} run`,
				commit?.value === undefined ? '' : commit.value.hash.slice(0, 8),
				`${dim(safe(others(snapshot)))}${link.instead === undefined ? '' : `  ${yellow(`▲ ${safe(link.instead)}`)}`}`,
			];
};

/**
 * `backout status --all`: prints all targets of the config, the worst first. Each is read separately, so that a slow one does not delay
 * the others. Returns the worst exit code. With `--watch` a line for each target, and another whenever it has changed.
 */
export const statusAll = async (
	globals: GlobalOptions,
	{ json = false, watch = false }: { readonly json?: boolean; readonly watch?: boolean },
): Promise<number> => {
	if (globals.target !== undefined) {
		throw new BackoutError('usage', '--all shows every target', { next: 'leave out --target' });
	}
	const { config } = await openTarget(globals);
	const keys = createKeyRing();
	const turns = createConnectionLimiter();
	const asks = process.stdin.isTTY === true && process.stderr.isTTY === true;
	const ask = inTurn(askOperator);

	const shown = new Map<string, string>();
	const show = (snapshot: ReadingsNow) => {
		if (json) {
			printJson(masked({ type: 'status', ok: isUp(snapshot) && allWell(snapshot), ...snapshot }));
			return;
		}
		// A change of the round trip is no news.
		const { rttMs: _, ...link } = snapshot.link;
		const news = rowOf({ ...snapshot, link }).join('  ');
		if (shown.get(snapshot.target) !== news) {
			shown.set(snapshot.target, news);
			print(rowOf(snapshot).join('  '));
		}
	};

	const look = async (target: Target, signal: AbortSignal): Promise<ReadingsNow> => {
		const session = openSession(target, {
			retryFirst: watch,
			readOnly: globals.readOnly ?? false,
			keys,
			turn: (waiting) => turns.take(waiting, () => false),
			...(asks && { ask }),
		});
		let snapshots: ReadingsWatch | undefined;
		try {
			// A host that cannot be reached is printed like the others; with --watch, it is tried again and again.
			const patience = watch ? AbortSignal.any([signal, AbortSignal.timeout(firstReadingTimeoutMs)]) : signal;
			const up = await session.host.ready(patience).then(
				() => true,
				() => false,
			);
			snapshots = watchReadings(session);
			const { take } = snapshots;
			if (up) {
				await snapshots.arrived(firstReadingTimeoutMs, signal);
			}
			const first = take();
			if ((json || watch) && !signal.aborted) {
				show(first);
			}
			if (watch && !signal.aborted) {
				const throttle = createThrottle(() => show(take()), 500);
				const unsubscribe = snapshots.subscribe(throttle.request);
				await untilAborted(signal).catch(() => {});
				unsubscribe();
				throttle.cancel();
			}
			return first;
		} finally {
			snapshots?.stop();
			await session.close();
		}
	};

	const lookAtAll = async (signal: AbortSignal) => {
		// Every target adds more than one listener.
		setMaxListeners(0, signal);
		const all = await Promise.all(config.targets.map((target) => look(target, signal)));
		signal.throwIfAborted();
		const worstFirst = all.toSorted((a, b) => exitCodeOf(b) - exitCodeOf(a));
		if (!json) {
			print(table(worstFirst.map(rowOf)));
		}
		return Math.max(...all.map(exitCodeOf));
	};
	return untilStopped(lookAtAll, { onlyLooks: true });
};
