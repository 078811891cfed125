import { durationText } from '../runbook/duration.ts';

const second = 1000;
const minute = 60 * second;

/** Formats a duration, ms, in its two coarsest useful units: `8s`, `3m`, `2h 5m`, `3d 4h`. Below 0 counts as 0. */
export const duration = durationText;

/** Formats a configured duration, to the second: `8s`, `2m 30s`, `10m`. */
export const exactDuration = (ms: number): string => {
	const seconds = Math.floor(Math.max(0, ms) / second) % 60;
	return ms < minute || seconds === 0 ? duration(ms) : `${duration(ms)} ${seconds}s`;
};

/** Formats a duration in one unit, for a narrow column: `8s`, `3m`, `2h`, `3d`. */
export const shortDuration = (ms: number): string => duration(ms).split(' ')[0] ?? '';

/** Formats minutes and seconds of something in progress: `0:08`, `12:40`, `1:02:03`. */
export const stopwatch = (ms: number): string => {
	const total = Math.max(0, Math.floor(ms / second));
	const two = (value: number) => String(value).padStart(2, '0');
	const hours = Math.floor(total / 3600);
	const minutes = Math.floor((total % 3600) / 60);
	return hours === 0 ? `${minutes}:${two(total % 60)}` : `${hours}:${two(minutes)}:${two(total % 60)}`;
};

/** Formats an approximate duration, at least a second: `1s`, `12s`, `1:10`. */
export const formatTook = (ms: number): string => {
	const rounded = Math.max(second, Math.round(ms / second) * second);
	return rounded < minute ? duration(rounded) : stopwatch(rounded);
};

/**
 * Formats an age in coarse steps, so that an idle screen is not redrawn: steps of 10 s up to a minute, then minutes, hours, days. Below
 * 10 s it is `now`.
 */
export const age = (ms: number): string => {
	if (ms < 10 * second) {
		return 'now';
	}
	if (ms < minute) {
		return `${Math.floor(ms / (10 * second)) * 10}s`;
	}
	return shortDuration(ms);
};

/** Formats an age as a past: `now`, `20s ago`, `14m ago`. */
export const ago = (ms: number): string => {
	const words = age(ms);
	return words === 'now' ? words : `${words} ago`;
};

/** Formats hours and minutes of the local day: `03:10`. */
export const timeOfDay = (ms: number): string => {
	const date = new Date(ms);
	return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
};

/** Formats a local time with seconds: `03:10:42`. */
export const timeWithSeconds = (ms: number): string =>
	`${timeOfDay(ms)}:${String(new Date(ms).getSeconds()).padStart(2, '0')}`;

/** Formats a day and a time: `21 Nov 03:10`. */
export const dayAndTime = (ms: number): string => {
	const date = new Date(ms);
	const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
	return `${date.getDate()} ${months[date.getMonth()]} ${timeOfDay(ms)}`;
};

/** Formats a time that may be on another day: `03:10` today, else `21 Nov 03:10`. */
export const moment = (ms: number, now: number): string =>
	new Date(ms).toDateString() === new Date(now).toDateString() ? timeOfDay(ms) : dayAndTime(ms);

/** Names the time zone of the times on the screen: `UTC`, `UTC+1`, `UTC-3:30`. */
export const zoneName = (ms: number): string => {
	const ahead = -new Date(ms).getTimezoneOffset();
	const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
	const sign = ahead < 0 ? '-' : '+';
	return ahead === 0 ? 'UTC' : `UTC${sign}${hours}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
};
