import script from './changed-since.sh';

/** POSIX sh: `changed_since RUN OWN` prints a run that has changed something since RUN began; see changed-since.sh. */
export const changedSince: string = script;
