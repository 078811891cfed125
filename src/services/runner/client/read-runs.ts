import type { CheckState } from '../../../runbook/check.ts';
import { checkStates } from '../../../runbook/check-states.ts';
import type { Run, RunState, RunSummary } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { aboutOf, parsePruned, type RunFiles, timeIn } from './about-run.ts';
import { parseResult } from './records.ts';
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
	const { bytes } = await runScript(host, readScript, {
		purpose: `read run ${id}`,
		prelude: [locateState, enterRun, restartedSince],
		variables: { ...stateValues(options), id },
		signal,
		maxBytes: 32 * 1024 * 1024,
	});
	return { id, files: sections(bytes) };
};

/** One run as the host tells it now. Throws BackoutError: `usage` when there is no such run, and what `ask` throws. */
export const readRun = async (host: Host, options: StateOptions, id: string, signal?: AbortSignal): Promise<Run> => {
	const files = await readRunFiles(host, options, id, signal);
	const { buildRun } = await import('./build-run.ts');
	return buildRun(files, host.name);
};

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
	const { stdout } = await runScript(host, listScript, {
		purpose: 'list the runs',
		prelude: [locateState, restartedSince],
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

/** What the last verdict came to; the host sends no more of each. A word that nobody knows is none. */
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
		...(bad.length > 0 && !pruned && { damaged: `cannot be read: ${bad.join(', ')}` }),
		...(pruned && { pruned }),
	};
};
