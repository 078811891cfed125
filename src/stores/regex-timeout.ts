import { type Context, createContext, Script } from 'node:vm';

/** The work took longer than its time limit. */
export class RegexTimeoutError extends Error {}

const holder: { run: () => unknown } = { run: () => undefined };
/** Created when it is first needed: it takes milliseconds. */
let made: { readonly script: Script; readonly context: Context } | undefined;
const prepared = () => {
	made ??= { script: new Script('run()'), context: createContext(holder) };
	return made;
};
const mostAttempts = 10;

/** Returns undefined when it was interrupted, else its result. */
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
 * Runs something that a regular expression may hold up for ever, and interrupts it after `ms`: V8 ends a `vm` script in the middle of a
 * match, and nothing else can. Costs a thread each time: for batches, not for lines. Interrupted work is run again, and continues from
 * where it knows it got to, until it has used twice that time of the processor: the machine may have been busy. Throws
 * `RegexTimeoutError`.
 */
export const withRegexTimeout = <T>(run: () => T, ms: number): T => {
	const before = process.cpuUsage();
	for (let round = 0; round < mostAttempts; round++) {
		const done = attempt(run, ms);
		if (done !== undefined) {
			return done.value;
		}
		const { user, system } = process.cpuUsage(before);
		// A bit less than twice: an attempt that had the processor to itself ends a little early.
		if ((user + system) / 1000 > ms * 1.8) {
			break;
		}
	}
	throw new RegexTimeoutError();
};
