const mebibyte = 1024 * 1024;

/** What holds where the config says nothing of `runs`. Sizes in bytes, times in ms. */
export const defaultRunLimits = {
	outputBytes: 64 * mebibyte,
	keepMs: 90 * 86_400_000,
	keepBytes: 1024 * mebibyte,
	freeBytes: 64 * mebibyte,
};
