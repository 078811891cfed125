const mebibyte = 1024 * 1024;

/** Defaults for the config's `runs`. Sizes in bytes, times in ms. */
export const defaultRunLimits = {
	outputBytes: 64 * mebibyte,
	keepMs: 90 * 86_400_000,
	keepBytes: 1024 * mebibyte,
	freeBytes: 64 * mebibyte,
};

/** For how long a version that was rolled back is blocked, if the config does not say, ms. */
export const defaultBlockMs = 7 * 86_400_000;
