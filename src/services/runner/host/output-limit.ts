/** Holes consist of whole blocks; 64 KiB is a multiple of every usual file system's block and page. */
const block = 65_536;

/** Returns the bytes kept of the beginning and of the end; the end may grow by a quarter before it is cut again. */
export const outputShares = (outputBytes: number): { readonly head: number; readonly tail: number } => {
	const half = Math.max(block, Math.floor(outputBytes / 2 / block) * block);
	return { head: half, tail: half };
};
