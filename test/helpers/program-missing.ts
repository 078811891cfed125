import { existsSync } from 'node:fs';

/**
 * Why tests that need the program at `path` cannot run here, and prints it; undefined where it is. `debian` is the package
 * that has it. Throws where the lab is required: there a missing program is a failure, not a skip.
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
