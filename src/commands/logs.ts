import type { Session } from '../application/fleet/session.ts';
import { createContainerLog } from '../application/logs/container-log.ts';
import { mergeStreams } from '../application/logs/merge-entries.ts';
import { watchLogs } from '../application/logs/watch-logs.ts';
import { readSecrets } from '../application/secrets/known-secrets.ts';
import type { Instance } from '../engine/instance.ts';
import { millisToNanos } from '../engine/time.ts';
import { nearest } from '../runbook/did-you-mean.ts';
import { parseDuration } from '../runbook/duration.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { FollowedService, LogSince } from '../stores/followed-logs.ts';
import { createPattern, type LinePattern } from '../stores/line-pattern.ts';
import { stampOf } from '../stores/log-lines.ts';
import type { LogEntry } from '../stores/log-page.ts';
import { RegexTimeoutError, withRegexTimeout } from '../stores/regex-timeout.ts';
import { sanitiseLine } from '../terminal/sanitise.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import { outputLost, untilAborted, untilPrinted } from './lost-output.ts';
import { dim, masked, print, printError, printJson, safe } from './print.ts';

export interface LogsOptions {
	readonly since?: string;
	readonly tail?: string;
	readonly grep?: string;
	readonly regexp?: string;
	readonly invert?: boolean;
	readonly follow?: boolean;
	readonly timestamps?: boolean;
	readonly json?: boolean;
}

const patternOf = ({ grep, regexp, invert }: LogsOptions): LinePattern | undefined => {
	if (grep !== undefined && regexp !== undefined) {
		throw new BackoutError('usage', '--grep and --regexp cannot be used together');
	}
	const text = grep ?? regexp;
	if (text === undefined) {
		if (invert === true) {
			throw new BackoutError('usage', '--invert needs --grep or --regexp');
		}
		return undefined;
	}
	const pattern = createPattern(text, { regexp: regexp !== undefined, inverted: invert ?? false });
	if ('error' in pattern) {
		throw new BackoutError('usage', `${JSON.stringify(text)} is not a regular expression: ${pattern.error}`);
	}
	return pattern;
};

const tailOf = ({ tail }: LogsOptions): number | undefined => {
	if (tail !== undefined && tail !== 'all' && !/^\d{1,9}$/.test(tail)) {
		throw new BackoutError('usage', `${JSON.stringify(tail)} is not a number of lines`, { next: 'write --tail 500' });
	}
	return tail === undefined || tail === 'all' ? undefined : Number(tail);
};

/** Parses an age, `10m`, or a time such as `2026-11-22T03:10:00Z`. */
const agoOf = ({ since }: LogsOptions, now: number): LogSince | undefined => {
	if (since === undefined || since === 'start') {
		return since;
	}
	const ago = parseDuration(since) ?? now - Date.parse(since);
	if (Number.isNaN(ago)) {
		throw new BackoutError('usage', `${JSON.stringify(since)} is neither a duration nor a time`, {
			next: 'write --since 10m, --since 2026-11-22T03:10:00Z, or --since start',
		});
	}
	return { agoMs: Math.max(0, ago) };
};

const chosenServices = (all: readonly string[], asked: readonly string[]): readonly string[] => {
	for (const name of asked) {
		if (!all.includes(name)) {
			const meant = nearest(name, all);
			throw new BackoutError('usage', `no service ${JSON.stringify(name)}`, {
				next: meant === undefined ? `the services are: ${all.join(', ')}` : `did you mean ${meant}?`,
			});
		}
	}
	return asked.length === 0 ? all : [...new Set(asked)];
};

/** Time limit for a regular expression on one batch of lines, ms: one that backtracks catastrophically never ends. */
const regexBudgetMs = 500;

/** Prints lines as they arrive: as text with the services' names aligned, or as NDJSON. */
const createLinePrinter = (
	options: LogsOptions,
	pattern: LinePattern | undefined,
	sources: () => readonly FollowedService[],
	together: boolean,
) => {
	let width = 0;
	const printLine = ({ source, time, note = false }: LogEntry, text: string): void => {
		const { service, label } = sources()[source] ?? { service: '', label: '' };
		if (options.json === true) {
			const what = {
				service: safe(service),
				container: safe(label),
				at: time,
				text: note ? text.replace(/^── /, '') : text,
			};
			printJson(masked(note ? { type: 'log-note', ...what } : { type: 'log', ...what }));
			return;
		}
		width = Math.max(width, ...sources().map((each) => safe(each.label).length));
		const head = `${together ? `${safe(label).padEnd(width)} | ` : ''}${options.timestamps === true ? `${stampOf(time)} ` : ''}`;
		print(note ? `${head}${dim(text)}` : `${head}${text}`);
	};
	return (entries: readonly LogEntry[]): void => {
		const read = entries.map((entry) => [entry, sanitiseLine(entry.bytes, { colour: false }).text] as const);
		const chosen = () => read.filter(([{ note = false }, text]) => note || pattern === undefined || pattern.test(text));
		let found: typeof read;
		try {
			found = pattern?.regexp === true ? withRegexTimeout(chosen, regexBudgetMs) : chosen();
		} catch (error) {
			if (error instanceof RegexTimeoutError) {
				throw new BackoutError('usage', `${JSON.stringify(pattern?.text)} takes too long for a line of this log`, {
					next: 'write it without a repetition inside a repetition',
				});
			}
			throw error;
		}
		for (const [entry, text] of found) {
			printLine(entry, text);
		}
	};
};

/** Number of lines that are printed at once. */
const batchLines = 500;

interface LogsRequest {
	readonly services: readonly string[];
	readonly since: LogSince | undefined;
	readonly tail: number | undefined;
	readonly secrets: readonly string[];
}

const readOnce = async (
	{ engine }: Session,
	containers: readonly Instance[],
	{ since, tail, secrets }: LogsRequest,
	onLines: (entries: readonly LogEntry[]) => void,
	signal: AbortSignal,
): Promise<void> => {
	const from = (details: Instance) =>
		since === 'start'
			? details.logFrom
			: typeof since === 'object'
				? millisToNanos(engine.clock.now() - since.agoMs)
				: undefined;
	const logs = containers.map((details, source) =>
		createContainerLog(engine, details, { source, secrets }).read({ since: from(details), tail, signal }),
	);
	let batch: LogEntry[] = [];
	for await (const entry of mergeStreams(logs)) {
		batch.push(entry);
		if (batch.length === batchLines) {
			onLines(batch);
			batch = [];
			await untilPrinted();
			if (outputLost.aborted) {
				return;
			}
		}
	}
	onLines(batch);
};

/** `backout logs`: prints the logs of services together, in the order of Docker's times; without names, those of all services. */
export const logs = (globals: GlobalOptions, names: readonly string[], options: LogsOptions): Promise<number> => {
	const pattern = patternOf(options);
	const tail = tailOf(options);
	const since = agoOf(options, Date.now());
	return lookInSession(globals, async (session, signal) => {
		const { instances } = session;
		const listed = await instances.takeAll(signal);
		const services = chosenServices([...new Set(listed.map(({ service }) => service))].sort(), names);
		const secrets = await readSecrets(session, 'none', signal).catch(() => []);
		const asked: LogsRequest = { services, since, tail, secrets };
		if (options.follow !== true) {
			const containers = listed.filter(({ service }) => services.includes(service));
			const siblings = (name: string) => containers.filter(({ service }) => service === name).length > 1;
			const sources = containers.map(({ service, name }) => ({ service, label: siblings(service) ? name : service }));
			const printLines = createLinePrinter(options, pattern, () => sources, services.length > 1);
			await readOnce(session, containers, asked, printLines, signal);
			return 0;
		}
		let onLines: (entries: readonly LogEntry[]) => void = () => {};
		const watched = watchLogs(instances, {
			services,
			since: since ?? (tail === undefined ? 'all' : 'newest'),
			...(tail !== undefined && { tail }),
			secrets: Promise.resolve(secrets),
			onLines: (entries) => onLines(entries),
		});
		onLines = createLinePrinter(options, pattern, watched.sources.get, services.length > 1);
		const ends = [
			watched.caughtUp.subscribe(() => {
				if (watched.older.get().state === 'more' && tail === undefined) {
					printError(dim('older lines were left out; without --follow, all lines are printed'));
				}
			}),
			watched.status.subscribe(() => {
				const { status, reason = '' } = watched.status.get();
				if (status === 'lost') {
					printError(dim(`lost: ${safe(reason)}`));
				}
			}),
		];
		try {
			await untilAborted(signal);
		} finally {
			for (const end of ends) {
				end();
			}
			watched.close();
		}
		return 0;
	});
};
