let last = 0n;

/** Returns the time in nanoseconds since the epoch; never the same twice. */
export const nowNanos = (): bigint => {
	const now = BigInt(Date.now()) * 1_000_000n;
	last = now > last ? now : last + 1n;
	return last;
};

/** Formats RFC 3339 in UTC with nine decimals, as Docker writes times. */
export const stampOf = (nanos: bigint): string => {
	const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19);
	return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`;
};

/** Parses a time as the API and the command take it: `seconds.nanoseconds`, or RFC 3339. */
export const parseStamp = (text: string): bigint => {
	const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
	if (seconds !== undefined) {
		return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
	}
	const [, whole, rest = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
	if (whole === undefined) {
		throw new Error(`the demo's Docker takes no such time: ${text}`);
	}
	return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(rest.padEnd(9, '0'));
};

/** Formats an age as Docker does: `3 minutes`, `About an hour`. */
export const ago = (ms: number): string => {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	const words: readonly (readonly [number, number, string])[] = [
		[120, 1, 'seconds'],
		[7200, 60, 'minutes'],
		[172_800, 3600, 'hours'],
		[Number.POSITIVE_INFINITY, 86_400, 'days'],
	];
	const [, unit, word] = words.find(([below]) => seconds < below) ?? [0, 1, 'seconds'];
	const count = Math.floor(seconds / unit);
	return seconds < 1 ? 'Less than a second' : count === 1 ? `1 ${word.slice(0, -1)}` : `${count} ${word}`;
};
