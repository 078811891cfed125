import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The variable that every process of a demo host carries: the demo's folder. */
export const markName = 'BACKOUT_DEMO_HOST';

const kill = (pid: number) => {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended meanwhile.
	}
};

const marked = (folder: string): readonly number[] => {
	const mark = `${markName}=${folder}\0`;
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((name) => {
			try {
				return readFileSync(join('/proc', name, 'environ'), 'latin1').includes(mark);
			} catch {
				return false;
			}
		})
		.map(Number);
};

/** Perl: kills the sessions whose notes are still locked. Arguments: the notes, each named by its session. */
const killLocked = `use Fcntl qw(:flock);
for (@ARGV) { open(my $note, '<', $_) or next; flock($note, LOCK_EX | LOCK_NB) and next; m{(\\d+)$} and kill 'KILL', -$1; }`;

/** Ends the sessions that the host's own `setsid` has noted and that are still alive. */
export const endNotedSessions = (sessions: string): void => {
	const notes = readdirSync(sessions).map((name) => join(sessions, name));
	if (notes.length > 0) {
		spawnSync('perl', ['-e', killLocked, ...notes], { stdio: 'ignore', timeout: 2000 });
	}
};

/**
 * Ends everything that still runs on the demo host: an abandoned run, a followed log. By the mark in their environment if there is a
 * /proc, and by the notes of the host's own `setsid`.
 */
export const endSessions = (folder: string): void => {
	if (process.platform === 'linux') {
		for (const pid of marked(folder)) {
			kill(pid);
		}
	}
	endNotedSessions(join(folder, 'sessions'));
};
