/** What a run may take and leave behind on the host. Sizes in bytes. */
export interface RunLimits {
	/** The most that is kept of a run's output: the first half of it and the last half. */
	readonly outputBytes: number;
	/** Runs older than this are pruned, ms. */
	readonly keepMs: number;
	/** The oldest runs are pruned while all of them together take more than this. */
	readonly keepBytes: number;
	/** With less room than this where it matters, nothing is begun that changes something. */
	readonly freeBytes: number;
}

const mebibyte = 1024 * 1024;

export const defaultRunLimits: RunLimits = {
	outputBytes: 64 * mebibyte,
	keepMs: 90 * 86_400_000,
	keepBytes: 1024 * mebibyte,
	freeBytes: 64 * mebibyte,
};
