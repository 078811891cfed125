import script from './find-elsewhere.sh';
import homeOf from './home-of.sh';

/** POSIX sh: `find_elsewhere` finds a run of the same deployment under the lock of another folder; see find-elsewhere.sh. */
export const findElsewhere: string = [homeOf, script].join('\n');
