import type { CheckState } from '../../../runbook/check.ts';
import { checkStates } from '../../../runbook/check-states.ts';
import type { Run, RunState, RunSummary } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import restartedSince from '../host/restarted-since.sh';
import runsByStart from '../host/runs-by-start.sh';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { aboutOf, parsePruned, type RunFiles, timeIn } from './about-run.ts';
import enterRunScript from './enter-run.sh';
import listScript from './list-runs.sh';
import readScript from './read-run.sh';
import { parseResult } from './records.ts';
import { assertRunId, isRunId, timeOfRunId } from './run-id.ts';

/** POSIX sh: `enter_run` changes to the folder of run $id, or reports that there is none. Needs locateState. */
export const enterRun: string = enterRunScript;

/** Parses `NAME SIZE`, newline, SIZE bytes, newline, repeatedly. `out` has its size only. */
export const sections = (bytes: Buffer): ReadonlyMap<string, string> => {
	const found = new Map<string, string>();
	let at = 0;
	while (at < bytes.length) {
		const lineEnd = bytes.indexOf('\n', at);
		const [name = '', size = ''] = lineEnd < 0 ? [] : bytes.toString('utf8', at, lineEnd).split(' ');
		// Truncated, or a file became shorter while it was sent: the rest cannot be parsed.
		if (!/^\d{1,15}$/.test(size)) {
			break;
		}
		if (name === 'out') {
			found.set('out', size);
			break;
		}
		const from = lineEnd + 1;
		found.set(name, bytes.toString('utf8', from, from + Number(size)));
		at = from + Number(size) + 1;
	}
	return found;
};

/** True when the folder has lost files that every run has until it is pruned: it is damaged, or being deleted. */
export const isComingApart = ({ files }: RunFiles): boolean =>
	files.has('unminded') && !files.has('pruned') && parseResult(files.get('result') ?? '') === undefined;

/** Reads the files of a run, without its output. */
export const readRunFiles = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<RunFiles> => {
	assertRunId(id);
	const { bytes } = await runScript(host, readScript, {
		purpose: `read run ${id}`,
		prelude: [locateState, enterRun, restartedSince],
		variables: { ...stateValues(options), id },
		signal,
		maxBytes: 32 * 1024 * 1024,
	});
	return { id, files: sections(bytes) };
};

/** Reads one run from the host. Throws BackoutError: `usage` when there is no such run, and what `runScript` throws. */
export const readRun = async (host: Host, options: StateOptions, id: string, signal?: AbortSignal): Promise<Run> => {
	const files = await readRunFiles(host, options, id, signal);
	const { buildRun } = await import('./build-run.ts');
	return buildRun(files, host.name);
};

/**
 * Lists the runs of a deployment, newest first by the host's clock, at most `limit` (default 200), in one exec. A run whose folder is
 * damaged is listed with what can be read of it. Empty when the deployment has no state folder yet.
 */
export const listRuns = async (
	host: Host,
	options: StateOptions & { readonly limit?: number },
	signal?: AbortSignal,
): Promise<RunSummary[]> => {
	const { stdout } = await runScript(host, listScript, {
		purpose: 'list the runs',
		prelude: [locateState, runsByStart, restartedSince],
		variables: { ...stateValues(options), limit: String(options.limit ?? 200) },
		signal,
		maxBytes: 32 * 1024 * 1024,
	});
	const runs = new Map<string, Map<string, string>>();
	for (const line of stdout.split('\n')) {
		const [, id = '', file = '', text = ''] = /^([^/]+)\/([a-z.]+):(.*)$/s.exec(line) ?? [];
		if (isRunId(id)) {
			const files = runs.get(id) ?? new Map<string, string>();
			files.set(file, file === 'verdicts' ? `${files.get(file) ?? ''}${text}\n` : (files.get(file) ?? text));
			runs.set(id, files);
		}
	}
	return [...runs].map(([id, files]) => summary(id, files));
};

/** Returns the last verdict; the host sends no more of each. An unknown word is none. */
const lastVerdict = (text = ''): CheckState | undefined =>
	text
		.split('\n')
		.map((line) => checkStates.find((state) => line.startsWith(`{"verdict":"${state}"`)))
		.findLast((verdict) => verdict !== undefined);

const summary = (id: string, files: ReadonlyMap<string, string>): RunSummary => {
	const about = aboutOf(files.get('about.json'));
	const result = parseResult(`${files.get('result') ?? ''}\n`);
	const verdict = lastVerdict(files.get('verdicts'));
	const pruned = parsePruned(files.get('pruned'));
	const told = files.get('state');
	const state: RunState =
		result?.state ?? (told === 'running' ? 'running' : told === 'ended' || told === 'unasked' ? 'unknown' : 'lost');
	const bad = [
		...(files.has('plan') ? ['its plan'] : []),
		...(about.read ? [] : ['who ran it and why']),
		...(told === 'ended' && result === undefined ? ['its result'] : []),
	];
	return {
		id,
		procedure: about.procedure,
		title: about.title,
		who: about.who,
		reason: about.reason,
		startedAt: timeIn(files.get('started')) || timeOfRunId(id),
		...(result ? { endedAt: result.endedAt } : {}),
		state,
		...(state === 'running' && files.has('waits') && { waits: files.get('waits') ?? '' }),
		...(state === 'lost' && { lostBy: told === 'restart' ? ('restart' as const) : ('death' as const) }),
		...(verdict ? { verdict } : {}),
		...(about.from !== undefined && { from: about.from }),
		...(about.guard === true && { guard: true as const }),
		...(about.unchecked === true && { unchecked: true as const }),
		...(bad.length > 0 && !pruned && { damaged: `cannot be read: ${bad.join(', ')}` }),
		...(pruned && { pruned }),
	};
};
