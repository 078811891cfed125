import { readFile as withCallback } from 'node:fs';
import { promisify } from 'node:util';

/** `readFile` of node:fs/promises, without loading that module: it brings web streams along, which a start need not wait for. */
export const readFile = promisify(withCallback);
