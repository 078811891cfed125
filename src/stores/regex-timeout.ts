import { type Context, createContext, Script } from 'node:vm';

/** What was run took longer than it may. */
export class RegexTimeoutError extends Error {}

const holder: { run: () => unknown } = { run: () => undefined };
/** Made when there is a pattern to look for: it takes milliseconds. */
let made: { readonly script: Script; readonly context: Context } | undefined;
const prepared = () => {
	made ??= { script: new Script('run()'), context: createContext(holder) };
	return made;
};
const mostAttempts = 10;

/** Gives undefined where it was broken off, else what it gives. */
const attempt = <T>(run: () => T, ms: number): { readonly value: T } | undefined => {
	holder.run = run;
	const { script, context } = prepared();
	try {
		return { value: script.runInContext(context, { timeout: ms }) as T };
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
			return undefined;
		}
		throw error;
	}
};

/**
 * Runs something that a regular expression may hold up for ever, and breaks it off after `ms`: V8 heeds the end of a
 * `vm` script in the middle of a match, and nothing else ends one. Costs a thread each time: for batches, not for lines.
 * What was broken off is run again, from where it got to as it knows itself, until it has had twice that time of the
 * processor: it may have been the machine that was busy. Throws `TookTooLong`.
 */
export const withRegexTimeout = <T>(run: () => T, ms: number): T => {
	const before = process.cpuUsage();
	for (let round = 0; round < mostAttempts; round++) {
		const done = attempt(run, ms);
		if (done !== undefined) {
			return done.value;
		}
		const { user, system } = process.cpuUsage(before);
		// Nearly: an attempt that had the processor to itself ends a little early.
		if ((user + system) / 1000 > ms * 1.8) {
			break;
		}
	}
	throw new RegexTimeoutError();
};
