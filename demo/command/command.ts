import type { CommandIo } from '../docker/types.ts';

/** A command of the demo's host: takes the words after its name, gives the exit code. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;
