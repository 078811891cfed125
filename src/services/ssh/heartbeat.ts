import type { Dialled } from './dial.ts';

const tickMs = 500;
const pingEveryMs = 2500;
const silentAfterMs = 4000;
const lostAfterMs = 8000;
/** What a slow link can be trusted to upload, for the patience with an upload that has no answer yet. */
const slowUploadBytesPerMs = 32;
const mostPatienceMs = 60_000;
/** Share of a round trip that this program may have been busy; beyond it, the measurement does not count. */
const busyShare = 0.5;
/** Maximum number of answers in a row that are not counted. */
const mostPassedOver = 4;

export interface HeartbeatListener {
	/** A round trip was measured. */
	rtt(milliseconds: number): void;
	/** Nothing came for some seconds (true), or something came again (false). */
	silent(silent: boolean): void;
	/** Nothing came for so long that the connection is given up. */
	lost(seconds: number): void;
}

/** Watches one connection until stopped. */
export interface Heartbeat {
	/** When the last byte came, ms since the epoch. */
	heardAt(): number;
	stop(): void;
}

/**
 * Pings every 2.5 s and notes every byte. Any byte is a sign of life, so that a link busy with output is not taken for
 * dead because its answer waits behind it; an unanswered upload gets more time, for it goes ahead of the ping.
 * Time is counted in ticks that really happened: after the laptop slept, the host gets its eight seconds first.
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
					// While it starts, most of all: asked again at the next tick.
					sincePingMs = pingEveryMs;
					return;
				}
				listener.rtt(Math.min(...(busy ? passedOver : passedOver.slice(-1))));
				passedOver = [];
			});
		} catch {
			// The client is dead; its close event says so.
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
