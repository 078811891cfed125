import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { dockerfile, serves } from './harness/files.ts';
import { type OpenSite, test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

// Releases whose container runs, whose health endpoint answers, and that are wrong for their users. The container says which version runs;
// what its users meet is served here, by that version.

const port = (server: Server): number => (server.address() as AddressInfo).port;

/** Returns the memory of a version that has served so many requests, bytes: it comes and goes, or only comes. */
const memoryOf = ({ version, requests }: { readonly version: string; readonly requests: number }): number =>
	100e6 + (requests % 7) * 1e6 + (version === 'leaks' ? requests * 150e3 : 0);

/** Serves requests as the version that runs does, and counts them as a service does for Prometheus. */
const serveUsers = async (version: () => string): Promise<Server> => {
	let [requests, failures, milliseconds] = [0, 0, 0];
	let running = { version: 'none', requests: 0 };
	const users = createServer(async (request, response) => {
		if (request.url === '/metrics') {
			// The errors appear with the first one.
			const errors = failures === 0 ? '' : `requests_total{code="500"} ${failures}\n`;
			response.end(
				`requests_total{code="200"} ${requests - failures}\n${errors}seconds_sum ${milliseconds / 1000}\nseconds_count ${requests}\nmemory_bytes ${memoryOf(running)}\n`,
			);
			return;
		}
		requests += 1;
		const now = version();
		running = { version: now, requests: now === running.version ? running.requests + 1 : 1 };
		// A good release is not perfect either: one request in fifty fails, and no two take the same time.
		const fails = requests % (now === 'fails' ? 5 : 50) === 0;
		const tookMs = (now === 'slow' ? 40 : 20) + (requests % 5) - 2;
		failures += fails ? 1 : 0;
		milliseconds += tookMs;
		response.writeHead(fails ? 500 : 200).end();
	});
	await new Promise<void>((resolve) => users.listen(0, '127.0.0.1', resolve));
	return users;
};

/** The users: some fifty requests a second, until the test has ended. */
const startUsers = async (at: number, signal: AbortSignal): Promise<void> => {
	while (!signal.aborted) {
		await fetch(`http://127.0.0.1:${at}/`, { signal })
			.then((answer) => answer.arrayBuffer())
			.catch(() => undefined);
		await delay(20, undefined, { signal }).catch(() => undefined);
	}
};

const runbook = (at: number) => `extends: compose
checks:
  health: { kind: http, url: 'http://127.0.0.1:${at}/health', expect: { status: 200 } }
  failing: { kind: query, title: Errors, url: 'http://127.0.0.1:${at}/metrics', series: 'requests_total{code="500"}', of: requests_total, rate: true, over: 4s, below: 0.05 }
  slower: { kind: query, title: Response time, url: 'http://127.0.0.1:${at}/metrics', series: seconds_sum, of: seconds_count, rate: true, over: 4s, against: before, factor: 1.5, unit: s }
  memory: { kind: query, title: Memory, url: 'http://127.0.0.1:${at}/metrics', series: memory_bytes, against: before, factor: 2, unit: B }
verification: { checks: [containers, failing, slower, memory], settle: 3s, deadline: 60s }
`;

const files = (version: string) => ({
	'compose.yaml': 'services:\n  web: { build: ., volumes: [ "./says:/says" ], stop_grace_period: 1s }\n',
	'.gitignore': 'says\n',
	Dockerfile: dockerfile(version),
	'app.sh': `echo ${version} >/says/version\n${serves}`,
});

/** A good release, verified, and then another one. */
const release = async (
	openSite: OpenSite,
	version: string,
	onTestFinished: (done: () => void) => void,
): Promise<{ site: Site; first: string; newest: string }> => {
	let site: Site | undefined;
	const versionNow = () => {
		try {
			return readFileSync(join(site?.directory ?? '', 'says/version'), 'utf8').trim();
		} catch {
			return 'none';
		}
	};
	// The tests of a file run side by side, so each has its own.
	const server = await serveUsers(versionNow);
	const load = new AbortController();
	onTestFinished(() => {
		load.abort();
		server.closeAllConnections();
		server.close();
	});
	void startUsers(port(server), load.signal);
	site = await openSite({ runbook: runbook(port(server)) });
	const first = await site.commit('good', files('good'));
	await site.deploy();
	// Nothing to compare with yet: it is unknown, once.
	const [once, verified] = [
		await site.backout('verify', '--wait', '60s'),
		await site.backout('verify', '--wait', '60s'),
	];
	expect(once.text).toContain('no earlier value to compare with');
	expect(verified.code, verified.text).toBe(0);
	const newest = await site.commit(version, files(version));
	await site.deploy();
	return { site, first, newest };
};

const guard = (site: Site, first: string, forSeconds = 20) =>
	site.backout(
		...['guard', '--procedure', 'rollback-commit', '--input', `commit=${first}`],
		...['--for', `${forSeconds}s`, '--grace', '1s', '--interval', '1s', '--yes'],
	);

describe.skipIf(withoutEngine)('a release that runs and is wrong for its users', () => {
	test('fails a fifth of their requests: it is not verified, and guard rolls it back', { tags: 'long' }, async ({
		openSite,
		onTestFinished,
	}) => {
		const { site, first } = await release(openSite, 'fails', onTestFinished);
		const verified = await site.backout('verify', '--wait', '20s');
		expect(verified.code, verified.text).not.toBe(0);
		expect(verified.text).toMatch(/Errors: failed, 0\.\d+, not below 0\.05/);
		const guarded = await guard(site, first);
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(first);
	});

	test('takes twice as long: guard rolls it back', { tags: 'long' }, async ({ openSite, onTestFinished }) => {
		const { site, first } = await release(openSite, 'slow', onTestFinished);
		const guarded = await guard(site, first);
		expect(guarded.text).toMatch(
			/This machine watches.*because the host cannot ask all checks:[\s\S]*Errors: only backout itself can ask it/,
		);
		expect(guarded.text).toMatch(/Response time: 0\.0\d+ s, more than 1\.5 × 0\.02\d* s/);
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(first);
	});

	test('takes more and more memory: guard rolls it back', { tags: 'long' }, async ({ openSite, onTestFinished }) => {
		const { site, first } = await release(openSite, 'leaks', onTestFinished);
		const guarded = await guard(site, first, 90);
		expect(guarded.text).toMatch(/Memory: \d+ B, more than 2 × \d+ B/);
		expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(first);
	});

	test('while ten good ones under the same load are left alone', { tags: 'long', timeout: 1_200_000 }, async ({
		openSite,
		onTestFinished,
	}) => {
		const { site, first, newest } = await release(openSite, 'good-1', onTestFinished);
		const found: string[] = [];
		for (let count = 1, deployed = newest; ; count += 1) {
			const guarded = await guard(site, first, 8);
			found.push(`${count}: ${guarded.code} ${guarded.text.trimEnd().split('\n').at(-1)}`);
			expect(await site.git('rev-parse', 'HEAD'), guarded.text).toBe(deployed);
			expect(guarded.code, guarded.text).toBe(0);
			if (count === 10) {
				break;
			}
			deployed = await site.commit(`good ${count + 1}`, files(`good-${count + 1}`));
			await site.deploy();
		}
		expect(found).toHaveLength(10);
	});
});
