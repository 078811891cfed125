/**
 * Quotes a value of any length for POSIX sh (XCU 2.2.2): single quotes, each inner one as '\''. A NUL byte cannot be part of a shell
 * word, so it is refused with a TypeError instead of being lost.
 */
export const quote = (text: string): string => {
	if (text.includes('\0')) {
		throw new TypeError('text for the shell contains a NUL byte');
	}
	return `'${text.replaceAll("'", "'\\''")}'`;
};
