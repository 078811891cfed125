import type { Plan } from '../../../runbook/plan.ts';
import type { Operator, Run, RunState, RunSummary, RunVerdict } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { askRunner } from './ask-runner.ts';
import { asPlan, asVerdict } from './decode-plan.ts';
import { readingsIn, verdictsIn } from './ndjson.ts';
import { parseRecords, parseResult, type Records, stepRuns } from './records.ts';
import type { About } from './run-folder.ts';
import { assertRunId, isRunId, timeOfRunId } from './run-id.ts';

/** POSIX sh: `restarted_since FILE`: whether the host was, since it wrote its boot's id there (random(4), boot_id). */
const restartedSince = `
restarted_since() {
	[ -s "$1" ] && read -r then <"$1" && read -r now </proc/sys/kernel/random/boot_id && [ "$then" != "$now" ]
}
`;

/** POSIX sh: `enter_run` goes into the folder of run $id, or says that there is none. Needs locateState. */
export const enterRun = `
no_such_run() {
	printf 'no-such-run\\tthere is no run %s of %s\\t%s\\n' "$id" "$directory" '\`backout runs\` lists the runs' >&2
	exit 75
}

enter_run() {
	locate_state
	[ -n "$state" ] && [ -d "$state/runs/$id" ] || no_such_run
	cd "$state/runs/$id" ||
		refuse "run $id may not be read by $(id -un)" "ls -ld '$state/runs/$id'"
}
`;

const readScript = `
enter_run
here=$(pwd -P)
emit() {
	[ -r "$1" ] || return
	bytes=$(stat -c %s "$1")
	printf '%s %s\\n' "$1" "$bytes"
	head -c "$bytes" "$1"
	echo
}
# First whether somebody minds it, then the result: the other way round, a run that ends meanwhile would look lost.
if [ ! -e alive ] || flock -s -n alive true 2>/dev/null; then
	echo 'ended 0'
# 1 says held (flock(1)); anything else that it cannot be asked.
elif [ $? = 1 ]; then
	echo 'alive 0'
else
	echo 'unasked 0'
fi
echo
[ -e alive ] || printf 'unminded 0\\n\\n'
if restarted_since boot; then
	echo 'rebooted 0'
	echo
fi
for file in plan.json about.json started records facts result verdicts readings cancel pruned; do
	emit "$file"
done
printf 'out %s\\n' "$(stat -c %s out)"
# Deleted meanwhile: what was read may be anything.
[ -d "$here" ] || no_such_run
`;

/** Reads `NAME SIZE`, newline, SIZE bytes, newline, again and again. `out` has its size only. */
export const sections = (bytes: Buffer): ReadonlyMap<string, string> => {
	const found = new Map<string, string>();
	let at = 0;
	while (at < bytes.length) {
		const lineEnd = bytes.indexOf('\n', at);
		const [name = '', size = ''] = lineEnd < 0 ? [] : bytes.toString('utf8', at, lineEnd).split(' ');
		// Cut off, or a file became shorter while it was sent: what follows cannot be told apart.
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

const parse = <T>(text: string | undefined): Partial<T> | undefined => {
	try {
		const value: unknown = JSON.parse(text ?? '');
		return typeof value === 'object' && value !== null ? (value as Partial<T>) : undefined;
	} catch {
		return undefined;
	}
};

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

const whoOf = (value: unknown): Operator => {
	const { user, machine } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Operator>;
	return { user: text(user, 'unknown'), machine: text(machine, 'unknown') };
};

/** Who and why, as far as it can be read. */
const aboutOf = (json: string | undefined): About & { readonly read: boolean } => {
	const about = parse<About>(json);
	return {
		procedure: text(about?.procedure, 'unknown'),
		title: text(about?.title, 'a run whose record cannot be read'),
		// What is not known to have only looked may have changed something.
		risk: about?.risk === 'read-only' || about?.risk === 'destructive' ? about.risk : 'disruptive',
		who: whoOf(about?.who),
		reason: text(about?.reason, ''),
		...(typeof about?.from === 'string' && { from: about.from }),
		read: about !== undefined,
	};
};

/** What stands in for a plan that cannot be read: the steps that the records tell of, and nothing to verify. */
const planFromRecords = (about: About, { steps }: Records, host: string): Plan => ({
	version: 1,
	procedure: about.procedure,
	title: about.title,
	when: '',
	risk: about.risk,
	target: '',
	host,
	directory: '',
	project: '',
	madeAt: 0,
	inputs: [],
	environment: {},
	preconditions: [],
	previews: [],
	steps: Array.from({ length: Math.min(1000, Math.max(0, ...steps.keys())) }, (_, index) => {
		const id = steps.get(index + 1)?.name?.replace(/^\d+-/, '') ?? `step-${index + 1}`;
		return { id, title: id, kind: 'run', script: '', timeoutSeconds: 0 };
	}),
	interrupts: [],
	verification: { checks: [], settleSeconds: 0, deadlineSeconds: 0 },
	notes: [],
});

/** MS WHY, as prune writes it. */
const parsePruned = (line: string | undefined): { readonly at: number; readonly why: string } | undefined => {
	const [, at, why = ''] = /^(\d+) (.*)/.exec(line ?? '') ?? [];
	return at === undefined ? undefined : { at: Number(at), why };
};

/** A result that cannot be read says that it ended, and not how. */
const stateOf = (result: { readonly state: RunState } | undefined, files: ReadonlyMap<string, string>): RunState => {
	if (result) {
		return result.state;
	}
	if (files.has('alive')) {
		return 'running';
	}
	return files.has('unasked') || (files.get('result') ?? '') !== '' ? 'unknown' : 'lost';
};

/** What of a run's folder cannot be read; undefined when all can. */
const damageOf = (planRead: boolean, files: ReadonlyMap<string, string>): string | undefined => {
	const result = files.get('result') ?? '';
	const bad = [
		...(planRead ? [] : ['its plan']),
		...(parse(files.get('about.json')) === undefined ? ['who ran it and why'] : []),
		...(result !== '' && parseResult(result) === undefined ? ['its result'] : []),
		...(files.has('records') ? [] : ['its records']),
	];
	return bad.length === 0 ? undefined : `cannot be read: ${bad.join(', ')}`;
};

/** ms since the epoch; 0 for what is no time that a Date can hold. */
const timeIn = (text: string | undefined): number => (Math.abs(Number(text)) <= 8.64e15 ? Number(text) : 0);

/** The last line that is whole. */
const lastVerdict = (text = ''): RunVerdict | undefined =>
	text
		.split('\n')
		.map((line) => asVerdict(parse(line)))
		.findLast((verdict) => verdict !== undefined);

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

/** Makes the Run of what was read. What cannot be read of it is missing, and `damaged` says so. */
export const buildRun = ({ id, files }: RunFiles, host: string): Run => {
	const about = aboutOf(files.get('about.json'));
	const records = parseRecords(files.get('records') ?? '');
	const pruned = parsePruned(files.get('pruned'));
	const whole = asPlan(parse(files.get('plan.json')));
	const plan = whole ?? planFromRecords(about, records, host);
	const result = parseResult(files.get('result') ?? '');
	const state = stateOf(result, files);
	const cancel = parse<{ who: Operator }>(files.get('cancel'));
	const verified = lastVerdict(files.get('verdicts'));
	const facts = { ...looseFacts(files.get('facts')), ...records.facts };
	if (pruned) {
		// It went with the rest.
		delete facts.restore_point;
	}
	const damaged = pruned ? undefined : damageOf(plan === whole, files);
	return {
		id,
		plan,
		who: about.who,
		reason: about.reason,
		startedAt: timeIn(files.get('started')) || timeOfRunId(id),
		...(result ? { endedAt: result.endedAt, exitCode: result.exitCode } : {}),
		state,
		...(state === 'lost' && { lostBy: files.has('rebooted') ? ('restart' as const) : ('death' as const) }),
		steps: stepRuns(plan, records, state),
		outputBytes: Number(files.get('out')) || 0,
		...(records.gap && { outputGap: records.gap }),
		facts,
		...(verified ? { verified, verdicts: verdictsIn(files.get('verdicts')) } : {}),
		...(files.has('readings') && { readings: readingsIn(files.get('readings')) }),
		...(cancel ? { cancelledBy: whoOf(cancel.who) } : {}),
		...(damaged !== undefined && { damaged }),
		...(pruned && { pruned }),
	};
};

/** Whether the folder has lost what every run has until it is pruned: it is damaged, or being deleted. */
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
	const { stdout } = await askRunner(
		host,
		`read run ${id}`,
		{ ...stateValues(options), id },
		[locateState, enterRun, restartedSince, readScript],
		{ signal, maxBytes: 32 * 1024 * 1024 },
	);
	return { id, files: sections(stdout) };
};

/** One run as the host tells it now. Throws BackoutError: `usage` when there is no such run, and what `ask` throws. */
export const readRun = async (host: Host, options: StateOptions, id: string, signal?: AbortSignal): Promise<Run> =>
	buildRun(await readRunFiles(host, options, id, signal), host.name);

const listScript = `
# What the operator is to do, its first line, when a run stands at a manual step that nobody has answered.
say_what_it_waits_for() (
	set -f
	set -- "$1" $(grep -a '^begin ' "$1/records" 2>/dev/null | tail -n 1)
	case $3/$4 in */*/* | *[!0-9]*/*) exit ;; esac
	[ ! -s "$1/steps/$4.txt" ] || [ -s "$1/answer.$3" ] || printf '%s/waits:%s\\n' "$1" "$(head -n 1 "$1/steps/$4.txt")"
)
locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
cd "$state/runs" || refuse "$state/runs may not be read by $(id -un)" "ls -ld '$state/runs'"
set --
ids=$(ls -1 | grep '^[0-9]\\{8\\}T[0-9]\\{6\\}Z-[0-9a-f]\\{6\\}$' | sort -r | head -n "$limit")
for id in $ids; do
	if [ -s "$id/result" ]; then
		echo "$id/state:ended"
	elif [ ! -e "$id/alive" ] || flock -s -n "$id/alive" true 2>/dev/null; then
		# It may have ended since.
		if [ -s "$id/result" ]; then
			echo "$id/state:ended"
		elif restarted_since "$id/boot"; then
			echo "$id/state:restart"
		else
			echo "$id/state:lost"
		fi
	elif [ $? = 1 ]; then
		echo "$id/state:running"
		say_what_it_waits_for "$id"
	else
		echo "$id/state:unasked"
	fi
	[ -s "$id/plan.json" ] || echo "$id/plan:missing"
	set -- "$@" "$id/about.json" "$id/started" "$id/result" "$id/pruned"
done
# A plan is one line, and ends as it must unless it was cut off.
[ $# = 0 ] || (
	set --
	for id in $ids; do set -- "$@" "$id/plan.json"; done
	grep -asL '}$' "$@" | sed 's,/plan\\.json$,/plan:cut off,'
)
# Of a verdict that was written whole only what it came to: its evidence is the most of what a run's folder tells.
(
	set --
	for id in $ids; do [ ! -s "$id/verdicts" ] || [ ! -r "$id/verdicts" ] || set -- "$@" "$id/verdicts"; done
	[ $# = 0 ] || grep -asH '^{.*]}$' "$@" | LC_ALL=C sed -n 's/^\\([^:]*:\\){\\("verdict":"[a-z]*"\\).*/\\1{\\2}/p'
)
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
	const { stdout } = await askRunner(
		host,
		'list the runs',
		{ ...stateValues(options), limit: String(options.limit ?? 200) },
		[locateState, restartedSince, listScript],
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
	const about = aboutOf(files.get('about.json'));
	const result = parseResult(`${files.get('result') ?? ''}\n`);
	const verdict = lastVerdict(files.get('verdicts'))?.verdict;
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
		...(bad.length > 0 && !pruned && { damaged: `cannot be read: ${bad.join(', ')}` }),
		...(pruned && { pruned }),
	};
};
