import { join } from 'node:path';
import { must } from '../lab/exec.ts';
import { layout } from '../lab/layout.ts';
import { runningPid } from '../lab/processes.ts';

const cli = join(import.meta.dirname, '..', 'lab', 'cli.ts');

/** True when the Docker of a lab runs. */
export const isUp = (lane: string): boolean => runningPid(layout(lane).dockerPid, 'dockerd') !== null;

/**
 * Runs a command of the lab's for one of the labs; throws when it fails or takes ten minutes. The host's `docker` starts Compose at once, which
 * the lab of the bench does not do: its figures are beside commands that somebody types.
 */
export const lab = (lane: string, command: 'up' | 'down'): Promise<unknown> =>
	must(process.execPath, [cli, command], {
		env: { BACKOUT_LAB_DIR: lane, BACKOUT_LAB_COMPOSE: 'at once' },
		timeout: 600_000,
		onOutput: (text) => process.stdout.write(text),
	});
