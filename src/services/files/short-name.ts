/**
 * A file name of 16 hexadecimal digits for a text of any length: twice FNV-1a of 32 bits (Fowler, Noll, Vo). Two texts may have the
 * same, so whoever reads the file looks whose it is. Not by node:crypto, whose loading is a twentieth of a start.
 */
export const shortName = (text: string): string =>
	[0x811c9dc5, 0x01000193]
		.map((basis) => {
			let hash = basis;
			for (let at = 0; at < text.length; at++) {
				hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
			}
			return (hash >>> 0).toString(16).padStart(8, '0');
		})
		.join('');
