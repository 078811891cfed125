const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The form of a duration: `500ms`, `30s`, `1.5m`, `1h30m`, `7d`. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/**
 * Formats a duration in its two coarsest useful units: `8s`, `3m`, `2h 5m`, `3d 4h`.
 * @param ms below 0 counts as 0.
 */
export const durationText = (ms: number): string => {
	const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
	const length = Math.max(0, ms);
	if (length < minute) {
		return `${Math.floor(length / second)}s`;
	}
	if (length < hour) {
		return `${Math.floor(length / minute)}m`;
	}
	if (length < day) {
		const minutes = Math.floor((length % hour) / minute);
		return `${Math.floor(length / hour)}h${minutes === 0 ? '' : ` ${minutes}m`}`;
	}
	const hours = Math.floor((length % day) / hour);
	return `${Math.floor(length / day)}d${hours === 0 ? '' : ` ${hours}h`}`;
};

/** Returns a duration in ms; undefined for text that is not one (a bare number has no unit, so it is not). */
export const parseDuration = (text: string): number | undefined => {
	if (!durationPattern.test(text)) {
		return undefined;
	}
	let total = 0;
	for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
		total += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
	}
	return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
};
