import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { assertRunId } from './run-id.ts';

/**
 * Takes the place in which a start builds its run. A start that comes later finds it taken and starts nothing; one that
 * is under way has it, and is waited for.
 */
const script = `
locate_state
create_state
umask "$private"
mkdir -p "$state/runs" 2>/dev/null || refuse "$state/runs cannot be made" "is there room? df -h '$state'"
cd "$state/runs" || refuse "$state/runs may not be used by $(id -un)" "ls -ld '$state/runs'"
there() { [ ! -d "$id" ] || { echo there; exit 0; }; }
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	there
	if mkdir ".$id" 2>/dev/null; then
		# It may have moved from there in between.
		[ ! -d "$id" ] || rmdir ".$id"
		there
		echo withdrawn
		exit 0
	fi
	sleep 0.2 2>/dev/null || sleep 1
done
echo under-way
`;

/**
 * Asks the host whether a run was started whose start has lost its link, and sees to it that it is not started later.
 * `under-way`: it is being started just now; ask again. Throws what `ask` throws.
 */
export const revokeStart = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<'there' | 'withdrawn' | 'under-way'> => {
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `say whether run ${id} was started`,
		prelude: [locateState, createState],
		variables: { ...stateValues(options), id },
		signal,
		timeoutMs: 30_000,
	});
	const word = stdout.trim();
	return word === 'there' || word === 'withdrawn' ? word : 'under-way';
};
