const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The form of a duration: `500ms`, `30s`, `1.5m`, `1h30m`, `7d`. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

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
