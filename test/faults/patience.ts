import { waitFor } from '../lab/processes.ts';

/** Time limit for anything that must happen on a loaded machine, ms. */
export const patience = 90_000;

/** Waits until something holds that no event tells of; fails with `what`. */
export const eventually = async (
	what: string | (() => string),
	holds: () => boolean | Promise<boolean>,
): Promise<void> => {
	if (!(await waitFor(holds, patience, 50))) {
		throw new Error(`did not come: ${typeof what === 'string' ? what : what()}`);
	}
};
