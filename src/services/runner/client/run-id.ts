import { randomBytes } from 'node:crypto';
import { BackoutError } from '../../../runbook/errors.ts';

const pattern = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

/** Makes a run's id: the UTC second and six random hex digits, `20261122T203501Z-3fa9c1`. Sorts by time, unique in practice. */
export const newRunId = (now: Date = new Date()): string =>
	`${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${randomBytes(3).toString('hex')}`;

/** True for text that has the form of a run's id. */
export const isRunId = (text: string): boolean => pattern.test(text);

/** Throws a BackoutError `usage` when `id` is not a run's id: it becomes a path on the host. */
export const assertRunId = (id: string): void => {
	if (!isRunId(id)) {
		throw new BackoutError('usage', `${JSON.stringify(id)} is not the id of a run`, {
			next: '`backout runs` lists the runs of this target',
		});
	}
};

/** Returns the time in a run's id, ms since the epoch, by the clock of the machine that started it. */
export const timeOfRunId = (id: string): number => {
	const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(id);
	return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : 0;
};
