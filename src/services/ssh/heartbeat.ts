import type { Dialled } from './dial.ts';

const tickMs = 500;
const pingEveryMs = 2500;
const silentAfterMs = 4000;
const lostAfterMs = 8000;
/** Upload rate that can be expected of a slow connection, for uploads without a response yet, bytes per ms. */
const slowUploadBytesPerMs = 32;
const mostPatienceMs = 60_000;
/** Share of a round trip that this program may have been busy; above it, the measurement does not count. */
const busyShare = 0.5;
/** Maximum number of consecutive responses that are not counted. */
const mostPassedOver = 4;

export interface HeartbeatListener {
	/** Called with a measured round trip. */
	rtt(milliseconds: number): void;
	/** Called when nothing arrived for some seconds (true), or something arrived again (false). */
	silent(silent: boolean): void;
	/** Called when nothing arrived for so long that the connection is given up. */
	lost(seconds: number): void;
}

/** Watches one connection until stopped. */
export interface Heartbeat {
	/** Returns the time of the last byte, ms since the epoch. */
	heardAt(): number;
	stop(): void;
}

/**
 * Pings every 2.5 s and notes every byte. Any byte is a sign of life, so that a link busy with output is not taken for dead because its
 * response is queued behind it; an unanswered upload gets more time, as it is sent before the ping. Time is counted in ticks that really
 * happened: after the laptop slept, the host gets its eight seconds first.
 */
export const startHeartbeat = ({ ping: ask, stream, socket }: Dialled, listener: HeartbeatListener): Heartbeat => {
	let heardAt = Date.now();
	let quietMs = 0;
	let isSilent = false;
	let sentWhenHeard = socket.bytesWritten;
	let pingedAt: number | undefined;
	let sincePingMs = pingEveryMs;
	let passedOver: number[] = [];

	const onData = () => {
		heardAt = Date.now();
		quietMs = 0;
		sentWhenHeard = socket.bytesWritten;
		if (isSilent) {
			isSilent = false;
			listener.silent(false);
		}
	};
	stream.on('data', onData);

	const ping = () => {
		if (pingedAt !== undefined) {
			return;
		}
		const sentAt = performance.now();
		const before = performance.eventLoopUtilization();
		pingedAt = sentAt;
		sincePingMs = 0;
		try {
			ask(() => {
				pingedAt = undefined;
				passedOver.push(performance.now() - sentAt);
				const busy = performance.eventLoopUtilization(before).utilization > busyShare;
				if (busy && passedOver.length <= mostPassedOver) {
					// Usually happens during the start; the next tick asks again.
					sincePingMs = pingEveryMs;
					return;
				}
				listener.rtt(Math.min(...(busy ? passedOver : passedOver.slice(-1))));
				passedOver = [];
			});
		} catch {
			// The client is dead; its close event reports it.
		}
	};

	const timer = setInterval(() => {
		quietMs += tickMs;
		sincePingMs += tickMs;
		if (sincePingMs >= pingEveryMs) {
			ping();
		}
		const patience = Math.min((socket.bytesWritten - sentWhenHeard) / slowUploadBytesPerMs, mostPatienceMs);
		if (quietMs >= silentAfterMs + patience && !isSilent) {
			isSilent = true;
			listener.silent(true);
		}
		if (quietMs >= lostAfterMs + patience) {
			listener.lost(Math.round((Date.now() - heardAt) / 1000));
		}
	}, tickMs);
	ping();

	return {
		heardAt: () => heardAt,
		stop: () => {
			clearInterval(timer);
			stream.off('data', onData);
		},
	};
};
