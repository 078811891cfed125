import { BackoutError } from '../../runbook/errors.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run, RunState, RunSummary, Verdict, Who } from '../../runbook/run.ts';
import type { Host } from '../host/host.ts';
import { ask } from './failure.ts';
import { parseRecords, parseResult, stepRuns } from './records.ts';
import { assertRunId, isRunId, timeOfRunId } from './run-id.ts';
import { locateState, type StateOptions, stateValues } from './state-folder.ts';

/** POSIX sh: `enter_run` goes into the folder of run $id, or says that there is none. Needs locateState. */
export const enterRun = `
enter_run() {
	locate_state
	[ -n "$state" ] && [ -d "$state/runs/$id" ] ||
		{ printf 'no-such-run\\tthere is no run %s of %s\\t%s\\n' "$id" "$directory" '\`backout runs\` lists the runs' >&2; exit 75; }
	cd "$state/runs/$id" ||
		refuse "run $id may not be read by $(id -un)" "ls -ld '$state/runs/$id'"
}
`;

const readScript = `
enter_run
emit() {
	[ -r "$1" ] || return
	bytes=$(stat -c %s "$1")
	printf '%s %s\\n' "$1" "$bytes"
	head -c "$bytes" "$1"
	echo
}
# First whether somebody minds it, then the result: the other way round, a run that ends meanwhile would look lost.
if flock -s -n alive true 2>/dev/null; then
	echo 'ended 0'
else
	echo 'alive 0'
fi
echo
for file in plan.json about.json started records facts result verdicts cancel; do
	emit "$file"
done
printf 'out %s\\n' "$(stat -c %s out)"
`;

/** Reads `NAME SIZE`, newline, SIZE bytes, newline, again and again. `out` has its size only. */
export const sections = (bytes: Buffer): ReadonlyMap<string, string> => {
	const found = new Map<string, string>();
	let at = 0;
	while (at < bytes.length) {
		const lineEnd = bytes.indexOf('\n', at);
		const [name = '', size = '0'] = bytes.toString('utf8', at, lineEnd).split(' ');
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

const parse = <T>(text: string | undefined): Partial<T> | undefined => {
	try {
		const value: unknown = JSON.parse(text ?? '');
		return typeof value === 'object' && value !== null ? (value as Partial<T>) : undefined;
	} catch {
		return undefined;
	}
};

const unknownWho: Who = { user: 'unknown', machine: 'unknown' };

/** The last line that is whole. */
const lastVerdict = (text = ''): Verdict | undefined =>
	text
		.split('\n')
		.map((line) => parse<Verdict>(line))
		.findLast((verdict) => verdict?.verdict !== undefined) as Verdict | undefined;

/** The facts that a step has noted but that no record tells yet: the supervisor was killed before, or is about to. */
const looseFacts = (text = ''): Record<string, string> =>
	parseRecords(
		text
			.split('\n')
			.map((line) => `fact ${line}`)
			.join('\n'),
	).facts as Record<string, string>;

/** What was read of a run's folder; made into a Run again whenever more records have come. */
export interface RunFiles {
	readonly id: string;
	readonly files: ReadonlyMap<string, string>;
}

/** Makes the Run of what was read. Throws BackoutError `failed` when its plan cannot be read. */
export const buildRun = ({ id, files }: RunFiles, host: string): Run => {
	const plan = parse<Plan>(files.get('plan.json')) as Plan | undefined;
	if (!plan?.steps) {
		throw new BackoutError('failed', `the plan of run ${id} cannot be read`, { host, run: id });
	}
	const about = parse<{ who: Who; reason: string }>(files.get('about.json'));
	const result = parseResult(files.get('result') ?? '');
	const state: RunState = result?.state ?? (files.has('alive') ? 'running' : 'lost');
	const records = parseRecords(files.get('records') ?? '');
	const cancel = parse<{ who: Who }>(files.get('cancel'));
	const verified = lastVerdict(files.get('verdicts'));
	return {
		id,
		plan,
		who: about?.who ?? unknownWho,
		reason: about?.reason ?? '',
		startedAt: Number(files.get('started')) || timeOfRunId(id),
		...(result ? { endedAt: result.endedAt, exitCode: result.exitCode } : {}),
		state,
		steps: stepRuns(plan, records, state),
		outputBytes: Number(files.get('out')) || 0,
		facts: { ...looseFacts(files.get('facts')), ...records.facts },
		...(verified ? { verified } : {}),
		...(cancel ? { cancelledBy: cancel.who ?? unknownWho } : {}),
	};
};

/** Reads the files of a run, without its output. */
export const readRunFiles = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<RunFiles> => {
	assertRunId(id);
	const { stdout } = await ask(
		host,
		`read run ${id}`,
		{ ...stateValues(options), id },
		[locateState, enterRun, readScript],
		{ signal, maxBytes: 32 * 1024 * 1024 },
	);
	return { id, files: sections(stdout) };
};

/** One run as the host tells it now. Throws BackoutError: `usage` when there is no such run, and what `ask` throws. */
export const readRun = async (host: Host, options: StateOptions, id: string, signal?: AbortSignal): Promise<Run> =>
	buildRun(await readRunFiles(host, options, id, signal), host.name);

const listScript = `
locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
cd "$state/runs" || refuse "$state/runs may not be read by $(id -un)" "ls -ld '$state/runs'"
set --
for id in $(ls -1 | grep '^[0-9]\\{8\\}T[0-9]\\{6\\}Z-[0-9a-f]\\{6\\}$' | sort -r | head -n "$limit"); do
	if [ -s "$id/result" ]; then
		echo "$id/state:ended"
	elif flock -s -n "$id/alive" true 2>/dev/null; then
		# It may have ended since.
		if [ -s "$id/result" ]; then echo "$id/state:ended"; else echo "$id/state:lost"; fi
	elif [ -e "$id/alive" ]; then
		echo "$id/state:running"
	else
		echo "$id/state:lost"
	fi
	set -- "$@" "$id/about.json" "$id/started" "$id/result" "$id/verdicts"
done
# One process for all of them; -a: whatever is in them. No file, no line.
[ $# = 0 ] || grep -asH '' "$@"
exit 0
`;

/**
 * The runs of a deployment, newest first, at most `limit` (default 200), in one exec. A run whose folder is damaged is
 * listed with what can be read of it. None when the deployment has no state folder yet.
 */
export const listRuns = async (
	host: Host,
	options: StateOptions & { readonly limit?: number },
	signal?: AbortSignal,
): Promise<RunSummary[]> => {
	const { stdout } = await ask(
		host,
		'list the runs',
		{ ...stateValues(options), limit: String(options.limit ?? 200) },
		[locateState, listScript],
		{ signal, maxBytes: 32 * 1024 * 1024 },
	);
	const runs = new Map<string, Map<string, string>>();
	for (const line of stdout.toString('utf8').split('\n')) {
		const [, id = '', file = '', text = ''] = /^([^/]+)\/([a-z.]+):(.*)$/s.exec(line) ?? [];
		if (isRunId(id)) {
			const files = runs.get(id) ?? new Map<string, string>();
			files.set(file, file === 'verdicts' ? `${files.get(file) ?? ''}${text}\n` : (files.get(file) ?? text));
			runs.set(id, files);
		}
	}
	return [...runs].map(([id, files]) => summary(id, files));
};

const summary = (id: string, files: ReadonlyMap<string, string>): RunSummary => {
	const about = parse<{ procedure: string; title: string; who: Who; reason: string }>(files.get('about.json'));
	const result = parseResult(`${files.get('result') ?? ''}\n`);
	const verdict = lastVerdict(files.get('verdicts'))?.verdict;
	return {
		id,
		procedure: about?.procedure ?? 'unknown',
		title: about?.title ?? 'cannot be read',
		who: about?.who ?? unknownWho,
		reason: about?.reason ?? '',
		startedAt: Number(files.get('started')) || timeOfRunId(id),
		...(result ? { endedAt: result.endedAt } : {}),
		state: result?.state ?? (files.get('state') === 'running' ? 'running' : 'lost'),
		...(verdict ? { verdict } : {}),
	};
};

/** Bytes of a run's output: at most `length` from offset `from`. Fewer when there are fewer. */
export const readOutput = async (
	host: Host,
	options: StateOptions,
	id: string,
	from: number,
	length: number,
	signal?: AbortSignal,
): Promise<Buffer> => {
	assertRunId(id);
	const values = { ...stateValues(options), id, from: String(from + 1), length: String(length) };
	const script = 'enter_run\ntail -c "+$from" out | head -c "$length"';
	const { stdout } = await ask(host, `read the output of run ${id}`, values, [locateState, enterRun, script], {
		signal,
		timeoutMs: 60_000,
		maxBytes: length + 65_536,
	});
	return stdout;
};
