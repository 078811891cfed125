import type { Operator, RunState } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { findWriters } from '../host/processes.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { graceSeconds } from '../host/supervisor.ts';
import { uptimeSeconds } from '../host/uptime.ts';
import { enterRun } from './read-runs.ts';
import { parseResult } from './records.ts';
import { assertRunId } from './run-id.ts';

/**
 * `cancelled`: ended by this, and nothing of it is left. `already-ended`: it had ended before, or ended by itself
 * meanwhile; see `state`. `still-running`: it was asked to end, but processes are left that have not ended yet.
 */
export interface Cancelled {
	readonly outcome: 'cancelled' | 'already-ended' | 'still-running';
	readonly state: RunState;
	/** `still-running`: process ids on the host. */
	readonly left: readonly number[];
}

export interface CancelOptions {
	readonly who?: Operator;
	/** How long to wait for the end before it is called `still-running`. Default: the grace period and 10 s. */
	readonly waitSeconds?: number;
	readonly signal?: AbortSignal;
}

const script = `
enter_run
umask "$private"
run_folder=$(pwd -P)
${findWriters}

# Over a file that has its room already, so that a full disk is no obstacle.
ask_to_end() {
	[ ! -e cancel ] || return 0
	if [ -f cancel.new ]; then
		printf '%s' "$by" 1<>cancel.new
		mv cancel.new cancel 2>/dev/null
	fi
	[ -e cancel ] || printf '%s\\n' "$by" >cancel
}

nap() { sleep 0.2 2>/dev/null || sleep 1; }

# Every process that carries the run's mark in its environment, zombies excepted (they have no environment).
find_marked() {
	left=
	for file in $(grep -ls "backout_step=$id/" /proc/[0-9]*/environ); do
		pid=\${file#/proc/}
		left="$left \${pid%/environ}"
	done
	[ -n "$left" ] || find_writers
	[ -n "$left" ]
}

signal_marked() {
	for pid in $left; do
		kill "-$1" "$pid" 2>/dev/null
	done
}

answer() {
	printf '%s\\n' "$1"
	head -n 1 result 2>/dev/null || echo
	printf '%s\\n' "$left"
	exit 0
}

${uptimeSeconds}
left=
[ ! -s result ] || answer before
give_up_at=$(($(uptime_seconds) + wait_seconds))
if ! flock -s -n alive true; then
	ask_to_end || refuse "run $id could not be told to end" "ls -ld '$PWD'; df -h ."
	echo woken 1<>control || refuse "run $id could not be told to end" "ls -l '$PWD/control'"
	while ! flock -s -n alive true; do
		if [ "$(uptime_seconds)" -ge "$give_up_at" ]; then
			find_marked
			answer running
		fi
		nap
	done
	[ ! -s result ] || answer ended
fi
# The supervisor is gone without a result. A step may have outlived it.
find_marked || answer lost
ask_to_end
signal_marked TERM
kill_at=$(($(uptime_seconds) + grace))
while find_marked; do
	[ "$(uptime_seconds)" -lt "$give_up_at" ] || answer running
	[ "$(uptime_seconds)" -lt "$kill_at" ] || signal_marked KILL
	nap
done
printf 'cancelled 143 %s000\\n' "$(date +%s)" 1<>result.new && mv result.new result
[ ! -f ../../owner ] || ! grep -q "^$id " ../../owner || rm -f ../../owner
answer ended
`;

/**
 * Ends a run on the host, also one that somebody else started, and returns when it is proven that nothing of it is left,
 * or after `waitSeconds`. May be repeated. Of a run whose supervisor was killed it ends what is left.
 */
export const cancelRun = async (
	host: Host,
	options: StateOptions,
	id: string,
	{ who, waitSeconds = graceSeconds + 10, signal }: CancelOptions = {},
): Promise<Cancelled> => {
	assertWritable(host, 'cancelling a run');
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `cancel run ${id}`,
		prelude: [locateState, enterRun],
		variables: {
			...stateValues(options),
			id,
			by: JSON.stringify({ who }),
			grace: String(graceSeconds),
			wait_seconds: String(Math.ceil(waitSeconds)),
		},
		signal,
		timeoutMs: waitSeconds * 1000 + 15_000,
	});
	const [word = '', result = '', left = ''] = stdout.split('\n');
	const state = parseResult(`${result}\n`)?.state ?? (word === 'running' ? 'running' : 'lost');
	if (word === 'running') {
		return { outcome: 'still-running', state, left: left.split(' ').filter(Boolean).map(Number) };
	}
	return { outcome: word === 'ended' && state === 'cancelled' ? 'cancelled' : 'already-ended', state, left: [] };
};
