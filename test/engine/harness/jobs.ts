import { waitFor } from '../../lab/processes.ts';
import type { Site } from './site.ts';

/** Waits until none of these services runs; for ten seconds at most. */
export const jobsEnded = async (site: Site, jobs: readonly string[]): Promise<void> => {
	const ended = async () =>
		!(await site.containers()).some(({ service, state }) => jobs.includes(service) && state === 'up');
	if (jobs.length > 0) {
		await waitFor(ended, 10_000, 200);
	}
};
