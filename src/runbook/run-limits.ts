const mebibyte = 1024 * 1024;

/** Defaults for the config's `runs`. Sizes in bytes, times in ms. */
export const defaultRunLimits = {
	outputBytes: 64 * mebibyte,
	keepMs: 90 * 86_400_000,
	keepBytes: 1024 * mebibyte,
	freeBytes: 64 * mebibyte,
};
