import { join } from 'node:path';

/** The program as users start it; `npm test` builds it first. */
export const program = join(import.meta.dirname, '..', '..', 'bin', 'backout.js');
