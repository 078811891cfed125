import { existsSync } from 'node:fs';

/**
 * Prints and returns the reason why tests that need the program at `path` cannot run here; undefined when they can. `debian` is the
 * package with it. Throws if the lab is required: there a missing program is a failure, not a skip.
 */
export const programMissing = (path: string, debian: string): string | undefined => {
	const why = existsSync(path) ? undefined : `${path} is not installed (Debian: ${debian})`;
	if (why && process.env.BACKOUT_LAB === 'required') {
		throw new Error(why);
	}
	if (why) {
		console.warn(`skipped: ${why}`);
	}
	return why;
};
