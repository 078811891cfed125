import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from './host.ts';

/**
 * Throws `refused` when nothing may be changed through this connection. All code that sends a changing program to the host calls this
 * first, so that nothing bypasses it.
 *
 * @param what the change, as the subject of a sentence: `cancelling a run`
 */
export const assertWritable = (host: Pick<Host, 'name' | 'readOnly'>, what: string): void => {
	if (host.readOnly === true) {
		throw new BackoutError('refused', `the target is read-only: ${what} is a change`, {
			host: host.name,
			next: 'nothing was changed; open it without --read-only (and without readOnly in the config) to do this',
		});
	}
};
