import type { Shape } from './shapes/infer.ts';
import type { shellNote } from './shapes/shell-note.ts';

/** A line of the journal: a shell in a container was opened, or has ended. */
export type ShellNote = Shape<typeof shellNote>;
