import { BackoutError } from '../../runbook/errors.ts';
import type { HealthReading, Reading } from '../../runbook/reading.ts';
import type { HealthMonitor } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import { firstLine, healthBytes, unexpected } from './expectation.ts';
import { type Monitor, startPoller } from './poller.ts';
import { probe } from './probe.ts';
import { createPublisher, type Sink } from './sink.ts';

const historyLength = 60;

/** Asks a health endpoint again and again. An endpoint that does not answer is down; without the link it is unknown. */
export const watchHealth = (host: Host, monitor: HealthMonitor, sink: Sink<Reading<HealthReading>>): Monitor => {
	const publisher = createPublisher(sink, { maxAgeMs: 2 * monitor.intervalMs + monitor.timeoutMs, renewMs: 0 });
	// Watched again after a while, it goes on where it was.
	let history = sink.get().value?.history ?? [];
	const remember = (latencyMs: number | undefined) => {
		history = [...history, latencyMs].slice(-historyLength);
		return history;
	};
	return startPoller({
		host,
		intervalMs: monitor.intervalMs,
		failed: (reason) => publisher.fail(reason),
		poll: async (signal) => {
			try {
				const answer = await probe(host, { ...monitor, maxBytes: healthBytes, signal, share: true });
				const { status, latencyMs, body } = answer;
				const why = unexpected(answer, monitor.expect);
				publisher.publish(
					{ status, latencyMs, history: remember(latencyMs), body: firstLine(body) },
					why === undefined ? 'ok' : 'down',
					why,
				);
			} catch (error) {
				if (signal.aborted || !(error instanceof BackoutError) || error.code !== 'failed') {
					throw error;
				}
				publisher.publish({ history: remember(undefined) }, 'down', error.message);
			}
		},
	});
};
