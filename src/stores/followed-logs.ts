import type { LogLines } from './log-lines.ts';
import type { Readable } from './store.ts';

/** Start of the logs that are read. `newest`: the last lines of each service; `start`: since its container started. */
export type LogSince = 'newest' | 'start' | 'all' | { readonly agoMs: number };

/** The source of a line. */
export interface FollowedService {
	readonly service: string;
	/** The service, or the container's name if a service has several. */
	readonly label: string;
}

/** The state of the lines before the oldest in memory. */
export interface OlderLines {
	/**
	 * `reading`: they are being read; `more`: Docker may have some; `begins`: there are none; `since`: none were asked for; `full`: the
	 * memory is full; `failed`: they could not be read.
	 */
	readonly state: 'reading' | 'more' | 'begins' | 'since' | 'full' | 'failed';
	readonly reason?: string;
	/** Lines read so far, while reading. */
	readonly lines?: number;
}

/** The pattern of a service's error lines, from the runbook. */
export interface ErrorPattern {
	readonly pattern: string;
	readonly except?: string;
}

/** The logs of services that are followed together, in the order of Docker's times. */
export interface FollowedLogs {
	readonly services: readonly string[];
	readonly since: LogSince;
	readonly lines: LogLines;
	/** Sources, by the index stored in their lines; grows when containers appear. */
	readonly sources: Readable<readonly FollowedService[]>;
	readonly status: Readable<{ readonly status: 'live' | 'ended' | 'lost'; readonly reason?: string }>;
	readonly older: Readable<OlderLines>;
	/** Reads more lines before the oldest; does nothing while a read is in progress, and if there are none. */
	readOlder(): void;
	errors(service: string): ErrorPattern;
	close(): void;
}
