import findMarked from './find-marked.sh';
import findWriters from './find-writers.sh';
import onDisk from './on-disk.sh';
import runCgroup from './run-cgroup.sh';
import main from './supervisor.sh';
import uptime from './uptime.sh';

/** Seconds between TERM and KILL for a step that is cancelled or out of time. */
export const graceSeconds = 10;

/** POSIX sh: the supervisor of one run, kept in its folder as supervisor.sh; see supervisor.sh. */
export const supervisor: string = [uptime, onDisk, findMarked, findWriters, runCgroup, main].join('\n');
