import { readFile as withCallback } from 'node:fs';
import { promisify } from 'node:util';

/** `readFile` of node:fs/promises, without loading that module: it loads web streams too, which would delay a start. */
export const readFile = promisify(withCallback);
