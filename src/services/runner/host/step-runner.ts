import findMarked from './find-marked.sh';
import limitOutput from './output-limit.sh';
import runCgroup from './run-cgroup.sh';
import main from './step.sh';
import uptime from './uptime.sh';

/** POSIX sh: runs one step, kept in the run's folder as step.sh; see step.sh. */
export const stepRunner: string = [uptime, limitOutput, findMarked, runCgroup, main].join('\n');
