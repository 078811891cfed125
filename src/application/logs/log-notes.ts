import type { Engine } from '../../engine/engine.ts';
import type { LogEntry } from '../../stores/log-page.ts';
import type { FollowEvent, OutageNote } from './log-reader.ts';

/** The log that notes are made for. */
export interface NotedLog {
	/** The index of its source, stored in each line. */
	readonly index: number;
	readonly service: string;
	/** The time of its newest line, ms by the host's clock. */
	readonly newest: number | undefined;
}

const text = new TextEncoder();
const two = (value: number) => String(value).padStart(2, '0');
const timeOfDay = (time: number): string => {
	const date = new Date(time);
	return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** Returns a note between the lines of a log, in words. */
export const noteOf = ({ index }: NotedLog, words: string, time: number): LogEntry => ({
	source: index,
	note: true,
	time,
	bytes: text.encode(`── ${words}`),
});

/** Returns the note about an event; undefined if there is nothing to say. */
export const noteOfEvent = (
	log: NotedLog,
	event: FollowEvent,
	{ clock, terms }: Pick<Engine, 'clock' | 'terms'>,
): LogEntry | undefined => {
	const { service } = log;
	switch (event.kind) {
		case 'started': {
			const { startedAt = clock.now(), restarts } = event.details;
			const times = restarts > 0 ? `, restart ${restarts} by ${terms.name}` : '';
			return noteOf(log, `${service} started again at ${timeOfDay(clock.toLocal(startedAt))}${times}`, startedAt);
		}
		case 'ended': {
			const { status, exitCode, finishedAt = 0 } = event.details;
			const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
			return noteOf(log, `${service} is ${status}${code}`, Math.max(finishedAt, log.newest ?? 0));
		}
		case 'resumed': {
			const words = resumedWords(service, event.isComplete, event.outage);
			return words === undefined ? undefined : noteOf(log, words, log.newest ?? clock.now());
		}
	}
};

const resumedWords = (service: string, isComplete: boolean, outage: OutageNote | undefined): string | undefined => {
	const span = outage === undefined ? '' : ` from ${timeOfDay(outage.from)} to ${timeOfDay(Date.now())}`;
	if (!isComplete) {
		const why = 'the last lines read are no longer in it, for example after a rotation';
		return `lines of ${service} may be missing here${span}: ${why}`;
	}
	return outage?.isFirst ? `the log could not be read${span}; it continues where it stopped` : undefined;
};

/** Inserts notes in their places among lines of the same log. */
export const withNotes = (notes: readonly LogEntry[], entries: readonly LogEntry[]): readonly LogEntry[] => {
	if (notes.length === 0) {
		return entries;
	}
	const all = [...entries];
	for (const each of notes) {
		const at = all.findIndex(({ time }) => time >= each.time);
		all.splice(at < 0 ? all.length : at, 0, each);
	}
	return all;
};
