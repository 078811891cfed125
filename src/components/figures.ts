/** Formats bytes in binary units with at most three digits: `512 B`, `1.4 GiB`, `23 MiB`. */
export const bytes = (count: number): string => {
	let value = count;
	for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB']) {
		if (value < 1000 || unit === 'TiB') {
			return `${threeDigits(value, unit === 'B')} ${unit}`;
		}
		value /= 1024;
	}
	return '';
};

/** Formats bytes for a narrow column: `512B`, `1.4G`, `23M`. */
export const shortBytes = (count: number): string => bytes(count).replace(' ', '').replace('iB', '');

const threeDigits = (value: number, whole = false): string =>
	whole || value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);

/** Formats a metric's value: grouped when large, short when small. */
export const figure = (value: number): string => {
	if (!Number.isFinite(value)) {
		return String(value);
	}
	const size = Math.abs(value);
	if (size >= 1e12) {
		return value.toExponential(2);
	}
	if (size >= 1000) {
		return Math.round(value)
			.toString()
			.replace(/\B(?=(\d{3})+$)/g, ' ');
	}
	return Number.isInteger(value) ? String(value) : value.toFixed(size < 10 ? 2 : 1);
};

export const milliseconds = (ms: number): string =>
	ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

export const plural = (count: number, word: string, many = `${word}s`): string =>
	`${count} ${count === 1 ? word : many}`;
