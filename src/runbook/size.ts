const unitBytes: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** What a size looks like: `512KB`, `64MB`, `1.5GB`. */
export const sizePattern = /^\d+(?:\.\d+)?(?:KB|MB|GB|TB)$/;

/** Bytes of a size as people write it, in steps of 1024; undefined when it is none. */
export const parseSize = (text: string): number | undefined => {
	const [, amount = '', unit = ''] = sizePattern.test(text) ? (/^([\d.]+)(\w+)$/.exec(text) ?? []) : [];
	const bytes = Math.round(Number(amount || Number.NaN) * (unitBytes[unit] ?? Number.NaN));
	return Number.isSafeInteger(bytes) ? bytes : undefined;
};
