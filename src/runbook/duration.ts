const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a duration looks like: `500ms`, `30s`, `1.5m`, `1h30m`, `7d`. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** Milliseconds of a duration as people write it; undefined when it is none (a bare number has no unit and is none). */
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
