/**
 * Docker's timestamps. Docker writes RFC 3339 with up to nine decimals and takes `since`/`until` as `seconds.nanoseconds`
 * (Engine API, ContainerLogs and SystemEvents), so a cursor into a log is kept in nanoseconds.
 */

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** @returns nanoseconds since the epoch; undefined for text that is not a time and for Docker's zero time (year 1). */
export const parseNanos = (text: string | undefined): bigint | undefined => {
	const match = text === undefined ? null : pattern.exec(text);
	if (match === null) {
		return undefined;
	}
	const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000;
	return seconds > 0 ? BigInt(seconds) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')) : undefined;
};

/** @returns ms since the epoch, by the host's clock; undefined in the same cases as `parseNanos`. */
export const parseMillis = (text: string | undefined): number | undefined => {
	const nanos = parseNanos(text);
	return nanos === undefined ? undefined : nanosToMillis(nanos);
};

export const nanosToMillis = (nanos: bigint): number => Number(nanos / 1_000_000n);

export const millisToNanos = (millis: number): bigint => BigInt(Math.floor(millis)) * 1_000_000n;

/** Returns a time in the form of the Engine API's `since` and `until`. */
export const toTimestamp = (nanos: bigint): string =>
	`${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
