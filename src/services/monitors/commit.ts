import type { CommitReading } from '../../runbook/reading.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';

const schema = ({ mapping, pollInterval }: SchemaParts) =>
	mapping('commit monitor', { interval: pollInterval().prefault('30s').describe('Time between two polls') });

const build = ({ interval }: Entry<typeof schema>) => ({ intervalMs: interval });

/** The interval at which the commit is read, ms. */
export type CommitMonitor = ReturnType<typeof build>;

/** The checked-out commit. It is read with the host's other facts (host-facts.ts). */
export const commit = defineMonitor({
	about: 'The commit that is checked out in the directory',
	schema,
	build,
	reads: 'The deployed commit',
	value: ({ commitValue }) => commitValue,
	title: 'commit',
	first: true,
	status: (value: CommitReading | undefined, { safe, age, now }) => {
		if (value === undefined) {
			return { text: 'commit' };
		}
		const { hash, subject, committedAt, branch, changed, untracked } = value;
		const local = changed + untracked === 0 ? '' : `, ${changed} changed, ${untracked} untracked`;
		const where = branch === undefined ? 'detached HEAD' : safe(branch);
		return { text: `commit ${hash.slice(0, 8)} ${safe(subject)}, ${age(now - committedAt)} old, ${where}${local}` };
	},
	facts: ({ hash, subject, branch, changed, untracked }) => [
		`${hash.slice(0, 12)} ${subject}`,
		branch ?? 'detached HEAD',
		changed > 0 ? `${changed} changed` : undefined,
		untracked > 0 ? `${untracked} untracked` : undefined,
	],
});
