import type { Verdict } from '../../runbook/run.ts';
import type { Host } from '../host/host.ts';
import { assertWritable } from '../host/read-only.ts';
import { ask } from './failure.ts';
import { enterRun } from './read.ts';
import { assertRunId } from './run-id.ts';
import { locateState, type StateOptions, stateValues } from './state-folder.ts';

const script = `
enter_run
umask "$private"
exec 7>>verdicts
flock 7
# A line that was cut off stays alone.
[ -z "$(tail -c 1 verdicts)" ] || echo >&7
printf '%s\\n' "$verdict" >&7 || refuse "the verdict on run $id could not be written" "is there room? df -h '$state'"
if [ "$(id -u)" = 0 ]; then
	chown -h "$(stat -L -c %u:%g "$state")" verdicts
fi
`;

/**
 * Adds what verification came to; the last one counts. The call may be repeated. Throws BackoutError `usage` when there
 * is no such run.
 */
export const appendVerdict = async (
	host: Host,
	options: StateOptions,
	id: string,
	verdict: Verdict,
	signal?: AbortSignal,
): Promise<void> => {
	assertWritable(host, 'keeping a verdict');
	assertRunId(id);
	await ask(
		host,
		`keep the verdict on run ${id}`,
		{ ...stateValues(options), id, verdict: JSON.stringify(verdict) },
		[locateState, enterRun, script],
		{ signal },
	);
};
