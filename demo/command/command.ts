import type { CommandIo } from '../docker/types.ts';

/** A command of the demo host: takes the words after its name, returns the exit code. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;
