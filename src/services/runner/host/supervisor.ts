import afterWatching from './after-watching.sh';
import { changedSince } from './changed-since.ts';
import { findElsewhere } from './find-elsewhere.ts';
import { findRunProcesses } from './find-run-processes.ts';
import noteLeftInside from './note-left-inside.sh';
import onDisk from './on-disk.sh';
import main from './supervisor.sh';
import uptime from './uptime.sh';

/** Seconds between TERM and KILL for a step that is cancelled or out of time. */
export const graceSeconds = 10;

/** POSIX sh: the supervisor of one run, kept in its folder as supervisor.sh; see supervisor.sh. */
export const supervisor: string = [
	uptime,
	onDisk,
	findRunProcesses,
	findElsewhere,
	noteLeftInside,
	changedSince,
	afterWatching,
	main,
].join('\n');
