import type { Readable } from 'node:stream';
import { BackoutError } from '../../runbook/errors.ts';
import type { Observed } from '../../runbook/observed.ts';
import type { Plan } from '../../runbook/plan.ts';
import { changes } from '../../runbook/risk.ts';
import type { Who } from '../../runbook/run.ts';
import { defaultRunLimits, type RunLimits } from '../../runbook/run-limits.ts';
import type { ExecEnd, Host, HostProcess } from '../host/host.ts';
import { assertWritable } from '../host/read-only.ts';
import { refusal } from './failure.ts';
import { busyError, parseOwner } from './lock.ts';
import { aboutRun, runFiles } from './run-folder.ts';
import { assertRunId, newRunId } from './run-id.ts';
import { afterMark, newMark, quoteText, shellCommand, shellProgram } from './shell-program.ts';
import { createState, locateState, stateValues } from './state-folder.ts';
import { graceSeconds } from './supervisor.ts';

export interface StartOptions {
	readonly plan: Plan;
	readonly who: Who;
	readonly reason: string;
	/** `target.state` of the config. */
	readonly state?: string;
	/** What was read of the host when it was confirmed. */
	readonly before?: Observed;
	/** Default: a new one. Give the same again after an unknown outcome: the run is started once. */
	readonly id?: string;
	/** What is kept of its output, and of the runs before it. */
	readonly limits?: RunLimits | undefined;
	/** Seconds between TERM and KILL when the run is cancelled or a step is out of time. Default 10. */
	readonly graceSeconds?: number;
}

/** How long the upload and the supervisor's first word may take, ms. */
const startTimeoutMs = 30_000;

const prepare = `
# Caught, not ignored: what is ignored here would stay ignored in every step.
trap : HUP INT PIPE
step_umask=$(umask)
for tool in flock setsid mkfifo stat cksum head tail grep sed; do
	command -v "$tool" >/dev/null 2>&1 || refuse "$tool is not installed on the host" 'install util-linux and coreutils there'
done
locate_state
create_state
umask "$private"
runs=$state/runs
new=$runs/.$id
mkdir -p "$runs" 2>/dev/null || refuse "$runs cannot be made" "is there room? df -h '$state'; df -i '$state'"

there() { [ ! -d "$runs/$id" ] || { echo exists; exit 0; }; }

owned() { [ "$(id -u)" != 0 ] || chown -hR "$(stat -L -c %u:%g "$state")" "$@"; }

short_nap() { sleep 0.1 2>/dev/null || sleep 1; }

there
if [ "$locked" = 1 ]; then
	(exec 9<>"$state/lock") 2>/dev/null || refuse "$state/lock cannot be written" "ls -l '$state/lock'; df -h '$state'"
	exec 9<>"$state/lock"
	tries=0
	# Somebody who only looks whether it is held has it for a moment.
	until flock -n 9; do
		# 1 says held (flock(1)); anything else that it cannot be asked.
		[ $? = 1 ] || refuse "$state/lock cannot be locked" 'set state of this target in the config to a folder on a local file system'
		there
		tries=$((tries + 1))
		# A run that begins or ends holds it for a moment in which nobody's name is on it.
		if { [ "$tries" -ge 5 ] && [ -s "$state/owner" ]; } || [ "$tries" -ge 100 ]; then
			echo busy
			cat "$state/owner" 2>/dev/null
			exit 0
		fi
		short_nap
	done
	owned "$state/lock"
	# Left by a run whose supervisor was killed.
	rm -f "$state/owner"
else
	exec 9</dev/null
fi
there

# Built out of sight and renamed into place, so that a half-written run is never listed. mkdir lets one start in.
if ! mkdir "$new" 2>/dev/null; then
	[ -d "$new" ] || refuse "$new cannot be made" "is there room? df -h '$state'; df -i '$state'"
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		there
		short_nap
	done
	refuse "an earlier start of run $id was cut off on the host" 'nothing of it ran; start again'
fi
# Another start of the same run may have finished between the last look and mkdir.
[ ! -d "$runs/$id" ] || rm -rf "$new"
there
cd "$new" || refuse "$new cannot be entered" "ls -ld '$state'"

put() {
	printf '%s' "$2" 2>/dev/null >"$1" && return
	cd / && rm -rf "$new"
	refuse "the run could not be written to $runs" "is there room? df -h '$state'; df -i '$state'"
}
mkdir steps restore 2>/dev/null
`;

// What the run before noted is known from the start, and what it kept is the way back.
const goOn = `
[ -d "$runs/$origin/restore" ] && [ -r "$runs/$before/facts" ] || {
	cd / && rm -rf "$new"
	refuse "run $before cannot be gone on with: what it kept is gone, or not open to $(id -un)" 'nothing was changed; plan the procedure anew'
}
rmdir restore
cat "$runs/$before/facts" >facts
`;

const launch = `
# Without holes a long output is kept whole.
fallocate -p -o 0 -l 65536 out 2>/dev/null || : >limits
# Room for what has to be written also when a step fills the disk: records, and as much output as a step usually has.
if said=$(LC_ALL=C fallocate -n -l 65536 records 2>&1); then
	fallocate -n -l 1048576 out 2>/dev/null || fallocate -n -l 65536 out 2>/dev/null
	: >reserved
else
	case $said in *'No space'* | *'quota'*)
		cd / && rm -rf "$new"
		refuse "there is no room for a run in $runs" "free some: docker builder prune; docker image prune; backout prune; see df -h '$state'" ;;
	esac
fi
ms=$(date +%s%3N)
case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
cat /proc/sys/kernel/random/boot_id >boot 2>/dev/null
put started "$ms
"
if ! mkfifo control 2>/dev/null; then
	cd / && rm -rf "$new"
	refuse "a FIFO cannot be made in $runs" 'set state of this target in the config to a folder on a local file system'
fi
exec 8<alive
if ! flock -n 8; then
	cd / && rm -rf "$new"
	refuse "files in $runs cannot be locked" 'set state of this target in the config to a folder on a local file system'
fi
owned .
if [ "$locked" = 1 ]; then
	put owner "$id $ms
$about
"
	owned owner
	mv owner "$state/owner"
fi
mv "$new" "$runs/$id"
cd "$runs/$id" || exit 1
answer=$(setsid sh supervisor.sh "$step_umask" "$grace" "$locked" </dev/null 2>supervisor.err &)
if [ "$answer" != started ]; then
	said=$(head -c 300 supervisor.err | tr '\\n\\t' '  ')
	[ "$locked" != 1 ] || rm -f "$state/owner"
	cd / && rm -rf "\${runs:?}/$id"
	refuse "the supervisor did not start: $said" 'look at the host: processes, memory'
fi
echo started
`;

/** The whole program that starts a run, as sent to the host. */
export const startProgram = (mark: string, id: string, options: StartOptions): string => {
	const { plan, who, reason, state } = options;
	const goesOn = plan.retryOf?.origin !== undefined;
	const puts = [...runFiles(plan, who, reason, options.limits ?? defaultRunLimits, options.before)].map(
		([path, text]) => `put ${quoteText(path)} ${quoteText(text)}`,
	);
	return shellProgram(
		mark,
		{
			...stateValues({ directory: plan.directory, state }),
			id,
			about: JSON.stringify(aboutRun(plan, who, reason)),
			grace: String(options.graceSeconds ?? graceSeconds),
			locked: plan.risk === 'read-only' ? '0' : '1',
			origin: plan.retryOf?.origin ?? '',
			before: plan.retryOf?.run ?? '',
		},
		[locateState, createState, prepare, ...puts, ...(goesOn ? [goOn] : []), launch],
	);
};

const read = (stream: Readable): { text(): Buffer } => {
	const chunks: Buffer[] = [];
	stream.on('data', (chunk: Buffer) => chunks.push(chunk));
	stream.on('error', () => {});
	return { text: () => Buffer.concat(chunks) };
};

const endOf = async (running: HostProcess, signal: AbortSignal): Promise<ExecEnd | undefined> => {
	const stop = () => running.close();
	signal.addEventListener('abort', stop, { once: true });
	try {
		const end = await running.end;
		return signal.aborted ? undefined : end;
	} catch {
		return undefined;
	} finally {
		signal.removeEventListener('abort', stop);
	}
};

/**
 * Starts a run on the host and returns once its supervisor has said that it lives. From then on it needs nobody.
 *
 * Throws BackoutError: `refused` when the lock is held or the host cannot keep a run (nothing was changed), and
 * `outcome-unknown`, with `run` set to the id, when the link was lost or the call was aborted after the program had been
 * sent: call it again with the same id, or read the run.
 */
export const startRun = async (
	host: Host,
	options: StartOptions,
	signal?: AbortSignal,
): Promise<{ readonly id: string }> => {
	if (changes(options.plan)) {
		assertWritable(host, options.plan.title);
	}
	const id = options.id ?? newRunId();
	assertRunId(id);
	const mark = newMark();
	const program = startProgram(mark, id, options);
	const deadline = AbortSignal.timeout(startTimeoutMs);
	const stop = signal ? AbortSignal.any([signal, deadline]) : deadline;
	const running = await host.spawn(shellCommand, { signal: stop, goesOn: true }).catch((error: unknown) => {
		if (deadline.aborted && !signal?.aborted) {
			throw new BackoutError('unreachable', 'the run was not started: the host did not answer', {
				host: host.name,
				next: 'start it again when the link is back',
			});
		}
		throw error;
	});
	const stdout = read(running.stdout);
	const stderr = read(running.stderr);
	running.stdin.on('error', () => {});
	running.stdin.end(program);
	const end = await endOf(running, stop);

	const said = afterMark(stdout.text(), mark)?.toString('utf8') ?? '';
	if (/^(started|exists)\n/m.test(said)) {
		return { id };
	}
	const problem = stderr.text().toString('utf8');
	const refused = refusal(host.name, problem);
	if (refused) {
		throw refused;
	}
	if (said.startsWith('busy\n') && end?.code === 0) {
		const holder = parseOwner(said.slice('busy\n'.length));
		if (holder.run === id) {
			return { id };
		}
		throw busyError(host.name, options.plan.directory, holder);
	}
	if (end?.code === undefined) {
		throw new BackoutError('outcome-unknown', `the link was lost while run ${id} was being started`, {
			host: host.name,
			run: id,
			next: `\`backout attach ${id}\` tells whether it runs`,
		});
	}
	throw new BackoutError('refused', `the host did not start the run (exit code ${end.code})`, {
		host: host.name,
		output: problem.slice(0, 4000),
		next: '`backout doctor` looks for what is missing on the host',
	});
};
