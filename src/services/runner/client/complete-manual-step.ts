import { BackoutError } from '../../../runbook/errors.ts';
import type { Answer, Operator } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { enterRun } from './read-runs.ts';
import { assertRunId } from './run-id.ts';

/**
 * The answer is made whole beside its place and linked into it, so that of two at once the first stands and the other
 * is told of it.
 */
const script = `
enter_run
umask "$private"
late() {
	printf 'late\\n'
	cat "answer.$n" 2>/dev/null
	exit 0
}
[ ! -e "answer.$n" ] || late
if grep -q "^end $n " records || [ -s result ] || flock -s -n alive true; then
	late
fi
grep -q "^begin $n " records || refuse "step $n of run $id has not begun" 'attach to the run to see where it stands'
ms=$(date +%s%3N)
case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
new=answer.$n.$$
printf '%s\\n' "$word $ms $about" "$shown" 2>/dev/null >"$new" ||
	{ rm -f "$new"; refuse "the answer could not be written on the host" "is there room? df -h '$PWD'"; }
[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g .)" "$new"
ln "$new" "answer.$n" 2>/dev/null || { rm -f "$new"; late; }
rm -f "$new"
printf 'taken\\n'
`;

export interface AnswerOptions {
	/** Number of the step, from 1. */
	readonly step: number;
	readonly answer: Answer['answer'];
	readonly who: Operator;
	/** One line. */
	readonly reason: string;
	/** Whether the run changes the host, so that a read-only connection refuses. Default true. */
	readonly changes?: boolean;
	readonly signal?: AbortSignal;
}

/**
 * Answers a manual step of a run, also of one that somebody else started. Of several answers the first counts.
 *
 * Throws BackoutError `refused` when the step does not wait any more (it says who was first) or has not begun, `usage` when
 * there is no such run, and what `ask` throws.
 */
export const completeStep = async (
	host: Host,
	options: StateOptions,
	id: string,
	{ step, answer, who, reason, changes = true, signal }: AnswerOptions,
): Promise<void> => {
	if (changes) {
		assertWritable(host, 'answering a run');
	}
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `answer run ${id}`,
		prelude: [locateState, enterRun],
		variables: {
			...stateValues(options),
			id,
			n: String(step),
			word: answer,
			about: JSON.stringify({ who, reason }),
			shown: `${answer === 'done' ? 'done' : 'given up'}, says ${who.user}@${who.machine}${reason === '' ? '' : `: ${reason.replaceAll(/\s+/g, ' ')}`}`,
		},
		signal,
	});
	const [word, , first] = stdout.split('\n');
	if (word !== 'taken') {
		throw new BackoutError('refused', `step ${step} of run ${id} does not wait for an answer any more`, {
			host: host.name,
			run: id,
			next: first ? `somebody was first: ${first}` : `\`backout attach ${id}\` shows how it ended`,
		});
	}
};
