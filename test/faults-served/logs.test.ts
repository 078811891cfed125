import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { followServiceLog } from '../../src/application/logs/followed-log.ts';
import { type LogErrorsReading, type Reading, unread } from '../../src/runbook/reading.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import { startChecks } from '../../src/services/checks/check-runner.ts';
import type { CheckedOutcome } from '../../src/services/checks/outcome.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import type { WatchedEngine } from '../../src/services/instances/watched-engine.ts';
import { watchLogErrors } from '../../src/services/monitors/log-errors.ts';
import { createStore } from '../../src/stores/store.ts';
import { until } from '../helpers/until.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';
import { frame, hostileLine, playDocker, stamped } from './play-docker.ts';

/** Time limit for anything that must happen, on a loaded machine, ms. */
const patience = 60_000;
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) {
		await close();
	}
});

const target = { project: 'app', directory: '/', projectGiven: true };

const openEngine = async (log: (response: ServerResponse, follow: boolean) => void): Promise<WatchedEngine> => {
	const played = await playDocker(log);
	const host = new LocalHost({ env: { ...process.env, DOCKER_HOST: `unix://${played.socket}` } });
	open.push(
		() => played.close(),
		() => host.close(),
	);
	return watchedCompose(host, target);
};

/** Writes a piece over and over, as fast as it is taken. */
const pour = (response: ServerResponse, piece: () => Buffer, total = Number.POSITIVE_INFINITY) => {
	let left = total;
	const more = () => {
		while (left > 0 && !response.destroyed) {
			const bytes = piece();
			left -= bytes.length;
			if (!response.write(bytes)) {
				response.once('drain', more);
				return;
			}
		}
		response.end();
	};
	more();
};

const watch = (watched: WatchedEngine) => {
	const reading = createStore<Reading<LogErrorsReading>>(unread(0));
	const monitor = watchLogErrors(watched, { service: 'engine', pattern: 'error' }, reading);
	open.push(() => monitor.stop());
	return reading;
};

const check = (watched: WatchedEngine) => {
	const looked = createStore<CheckedOutcome | undefined>(undefined);
	const definition = {
		kind: 'log-errors',
		id: 'errors',
		title: 'Errors',
		service: 'engine',
		pattern: 'error',
	} as CheckDefinition;
	const looks = startChecks({ ...watched, target }, { checks: [definition], intervalMs: 60_000, onResult: looked.set });
	open.push(() => looks.stop());
	return looked;
};

describe('a log', () => {
	test.each([
		['a line of 1 MB', stamped(`error ${'x'.repeat(1_000_000)}\n`), 16_400],
		['invalid UTF-8, NUL, escape sequences, CR', stamped(hostileLine), 200],
		['ten megabytes without a line end', stamped(`error ${'x'.repeat(10_000_000)}`), 16_400],
	])('%s: the check fails on it, with evidence of bounded length', async (_, bytes, longest) => {
		const watched = await openEngine((response) => response.end(frame(bytes)));
		const result = await until(check(watched), (now) => now !== undefined && now.state !== 'unknown', patience);
		expect(result).toMatchObject({ state: 'failed' });
		expect(result?.reason).toMatch(/^1 error line since the start/);
		expect(result?.evidence.length).toBeLessThan(longest);
	});

	test(
		'lines without an end to them, as fast as they are taken: not followed any more, and that is said',
		async () => {
			const line = Buffer.concat(Array.from({ length: 1000 }, () => frame(stamped('tick\n', Date.now() + 3_600_000))));
			const watched = await openEngine((response, follow) => (follow ? pour(response, () => line) : response.end()));
			const seen = await until(watch(watched), ({ reason }) => /grows faster than/.test(reason ?? ''), patience);
			expect(seen.state).toBe('unknown');
		},
		2 * patience,
	);

	test('what is no log of Docker is not counted: unknown, not passed', async () => {
		const watched = await openEngine((response) => response.end('<html>a proxy</html>'));
		const result = await until(
			check(watched),
			(now) => now !== undefined && /stream format/.test(now.reason),
			patience,
		);
		expect(result?.state).toBe('unknown');
	});

	test(
		'followed in the pane: a flood costs no more memory than the ring, and the connection ends with it',
		async () => {
			const piece = Buffer.concat(
				Array.from({ length: 2000 }, (_, at) => frame(Buffer.from(`line ${at} \u001b[2J of a flood\n`))),
			);
			const watched = await openEngine((response) => pour(response, () => piece, 60_000_000));
			const log = followServiceLog(watched.instances, 'engine');
			open.push(() => log.close());
			const before = process.memoryUsage().rss;
			await new Promise<void>((resolve) => {
				const timer = setInterval(() => {
					if (log.output.byteCount > 10_000_000 && log.output.firstLine > 0) {
						clearInterval(timer);
						resolve();
					}
				}, 50);
				open.push(() => clearInterval(timer));
			});
			expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
			log.close();
		},
		2 * patience,
	);
});
