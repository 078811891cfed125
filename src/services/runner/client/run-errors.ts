import { BackoutError } from '../../../runbook/errors.ts';

/** True for the error that there is no such run. */
export const isNoSuchRun = (error: unknown): boolean => error instanceof BackoutError && error.code === 'usage';

/** Returns the error for a run that was started, when the host has none with that id. */
export const runGone = (host: string, id: string, cause: unknown): BackoutError =>
	new BackoutError('outcome-unknown', `run ${id} is no longer on the host: its folder was deleted`, {
		host,
		run: id,
		next: 'one of its steps may still be running: check the containers before anything else',
		cause,
	});
