import type { Engine } from '../../engine/engine.ts';
import { millisToNanos } from '../../engine/time.ts';
import { messageOf } from '../../runbook/errors.ts';
import { sleep } from '../../services/host/sleep.ts';
import { createOutputBuffer } from '../../stores/byte-ring.ts';
import { createStore } from '../../stores/store.ts';
import type { FollowedLog } from '../../stores/workspace.ts';
import { maskOutput } from '../secrets/masked-output.ts';

/** How many of the newest lines a log begins with. */
const tailLines = 2000;
/** How long to wait before looking again for a container, ms. */
const retryMs = 1500;

/**
 * Follows a service's log: the end of what is there, then live, and on into the next container when the service is
 * restarted or recreated. Secrets are masked. A failure is said in `status` and tried again until it is closed.
 */
export const followServiceLog = (
	engine: Engine,
	service: string,
	/** Values that are masked wherever they stand; where they cannot be had, secrets are known by their form only. */
	secrets: Promise<readonly string[]> = Promise.resolve([]),
): FollowedLog => {
	const aborter = new AbortController();
	const { signal } = aborter;
	const output = createOutputBuffer();
	const status = createStore<ReturnType<FollowedLog['status']['get']>>({ status: 'live' });

	let taken = 0;

	const follow = async () => {
		const masked = maskOutput(await secrets.catch(() => []), (bytes) => output.append(bytes));
		signal.addEventListener('abort', masked.end, { once: true });
		// The start of the container whose log was read last, and the host's time when its newest bytes came.
		let read: { readonly start: string; readonly heardAt: number } | undefined;
		while (!signal.aborted) {
			try {
				const listed = (await engine.list(signal)).find((container) => container.service === service);
				const found = listed === undefined ? undefined : await engine.inspect(listed.id, signal);
				if (found === undefined) {
					status.set({ status: 'ended', reason: `there is no container of ${service}` });
				} else {
					const running = found.status === 'running';
					const start = `${found.id} ${found.startedAt}`;
					const again = read?.start === start;
					status.set(
						running
							? { status: 'live' }
							: { status: 'ended', reason: `the container of ${service} is ${found.status}` },
					);
					if (running || !again) {
						const since = again && read !== undefined ? millisToNanos(read.heardAt) : found.logFrom;
						const begin = read === undefined || since === undefined ? { tail: tailLines } : { since };
						read = { start, heardAt: engine.clock.now() };
						for await (const { bytes } of engine.logs(found.id, {
							follow: running,
							tty: found.tty,
							signal,
							...begin,
						})) {
							masked.push(bytes, taken);
							taken += bytes.length;
							read = { start, heardAt: engine.clock.now() };
						}
						masked.end();
					}
				}
			} catch (error) {
				if (!signal.aborted) {
					status.set({ status: 'lost', reason: messageOf(error) });
				}
			}
			await sleep(retryMs, signal);
		}
	};
	void follow();
	return { service, output, status, close: () => aborter.abort() };
};
