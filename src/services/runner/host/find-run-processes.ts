import findMarked from './find-marked.sh';
import script from './find-run-processes.sh';
import findWriters from './find-writers.sh';
import runCgroup from './run-cgroup.sh';

/** POSIX sh: `find_run_processes RUN FOLDER` with what it needs; see find-run-processes.sh. */
export const findRunProcesses: string = [findMarked, findWriters, runCgroup, script].join('\n');
