const unitBytes: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** The form of a size: `512KB`, `64MB`, `1.5GB`. */
export const sizePattern = /^\d+(?:\.\d+)?(?:KB|MB|GB|TB)$/;

/** Returns a size in bytes, with units of 1024; undefined for text that is not one. */
export const parseSize = (text: string): number | undefined => {
	const [, amount = '', unit = ''] = sizePattern.test(text) ? (/^([\d.]+)(\w+)$/.exec(text) ?? []) : [];
	const bytes = Math.round(Number(amount || Number.NaN) * (unitBytes[unit] ?? Number.NaN));
	return Number.isSafeInteger(bytes) ? bytes : undefined;
};
