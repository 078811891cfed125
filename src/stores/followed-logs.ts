import type { LogLines } from './log-lines.ts';
import type { Readable } from './store.ts';

/** From when on logs are read. `newest`: the last lines of each service; `start`: since its container started. */
export type LogSince = 'newest' | 'start' | 'all' | { readonly agoMs: number };

/** Whose line it is. */
export interface FollowedService {
	readonly service: string;
	/** The service, or the container's name where a service has several. */
	readonly label: string;
}

/** What is known of the lines before the oldest in memory. */
export interface OlderLines {
	/**
	 * `reading`: they are being read; `more`: Docker may have some; `begins`: there are none; `since`: none were asked for;
	 * `full`: the memory is full; `failed`: they could not be read.
	 */
	readonly state: 'reading' | 'more' | 'begins' | 'since' | 'full' | 'failed';
	readonly reason?: string;
	/** Lines read so far, while reading. */
	readonly lines?: number;
}

/** Which lines of a service are errors, as the runbook has it. */
export interface ErrorPattern {
	readonly pattern: string;
	readonly except?: string;
}

/** Logs of services being followed together, in the order of Docker's times. */
export interface FollowedLogs {
	readonly services: readonly string[];
	readonly since: LogSince;
	readonly lines: LogLines;
	/** Sources by the number in their lines; grows when containers are added. */
	readonly sources: Readable<readonly FollowedService[]>;
	readonly status: Readable<{ readonly status: 'live' | 'ended' | 'lost'; readonly reason?: string }>;
	readonly older: Readable<OlderLines>;
	/** Reads some more lines before the oldest; nothing while that is under way, and where there are none. */
	readOlder(): void;
	errors(service: string): ErrorPattern;
	close(): void;
}
