import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { desiredOf } from '../../src/engines/compose/desired.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import type { CheckResult, Verification } from '../../src/runbook/check.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { watchChecks } from '../../src/services/checks/recheck-loop.ts';
import { type VerifyOptions, verify } from '../../src/services/checks/verify.ts';
import { createStore } from '../../src/stores/store.ts';
import { labIsThere, openProject, type TestProject } from '../helpers/containers.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';
import { until } from '../helpers/until.ts';

const there = await labIsThere();

describe.skipIf(!there)('verification', () => {
	let project: TestProject;
	const servers: TestServer[] = [];
	beforeEach(() => {
		project = openProject();
	});
	afterEach(async () => {
		await Promise.all(servers.splice(0).map((server) => server.close()));
		await project.close();
	});

	/** The containers are made by hand, without Compose: its files would have `web`, and what there is a container of. */
	const desired: Engine['desired'] = async () => {
		const listed = await project.engine.list();
		const services = Object.fromEntries(['web', ...listed.map(({ service }) => service)].map((name) => [name, {}]));
		return { desired: desiredOf(parseModel(JSON.stringify({ name: project.project, services }))) };
	};
	const context = (): CheckContext => ({
		host: project.host,
		instances: project.instances,
		engine: { ...project.engine, desired },
		target: { directory: '/' },
	});
	const judge = (checks: readonly CheckDefinition[], options: Partial<VerifyOptions> = {}) =>
		verify(context(), { checks, settleMs: 0, ...options });
	const only = (verification: Verification): CheckResult => verification.checks[0] as CheckResult;
	const http = async (listener: RequestListener) => {
		const server = await serve(listener);
		servers.push(server);
		return server;
	};

	/** Turns true when the project's first container logs this word. */
	const logged = async (word: string) => {
		const store = createStore(false);
		const [container] = await project.engine.list();
		void (async () => {
			for await (const { bytes } of project.docker.logs(container?.id ?? '', { follow: true })) {
				if (bytes.toString().includes(word)) {
					store.set(true);
					return;
				}
			}
		})().catch(() => {});
		return store;
	};

	const containers: CheckDefinition = { id: 'containers', title: 'Containers', kind: 'containers', except: [] };
	const gateway = (since: readonly string[] = []): CheckDefinition => ({
		id: 'gateway',
		title: 'Gateway',
		kind: 'log-state',
		service: 'web',
		good: '\\bconnected to gateway',
		bad: '(not connected to|lost connection to) gateway',
		since,
	});
	const errors: CheckDefinition = {
		id: 'errors',
		title: 'Errors',
		kind: 'log-errors',
		service: 'web',
		pattern: '\\berror\\b',
	};

	describe('containers', () => {
		test('one that has run longer than it must settle passes at the first look', async () => {
			await project.run('web', 'sleep 3; echo old enough; sleep 600');
			await until(await logged('old enough'), (seen) => seen);
			let looks = 0;
			const verification = await judge([containers], { settleMs: 1500, onProgress: () => looks++ });
			expect(verification).toMatchObject({ verdict: 'passed', final: true });
			expect(looks).toBe(1);
			expect(only(verification).evidence).toMatch(/^web-\w+: running, up \d+ s, restarts 0/);
		});

		test('a younger one is waited for, for the remainder', async () => {
			await project.run('web', 'sleep 600');
			const verification = await judge([containers], { settleMs: 3000 });
			expect(verification.verdict).toBe('passed');
			expect(only(verification).at - (verification.holdingSince ?? 0)).toBeGreaterThanOrEqual(3000);
		});

		test('no container is a failure', async () => {
			expect(await judge([containers])).toMatchObject({
				verdict: 'failed',
				reason: expect.stringMatching(/has no container/),
			});
		});

		test('a crash loop never passes, though every other look finds it running', async () => {
			await project.run('web', 'sleep 1.2; exit 3', '--restart', 'always');
			const states = new Set<string>();
			const verification = await judge([containers], {
				settleMs: 4000,
				deadlineMs: 8000,
				onProgress: ({ checks }) => states.add(checks[0]?.state ?? ''),
			});
			expect(verification.verdict).toBe('failed');
			expect([...states]).toContain('passed');
		});

		test('what nobody will start again fails before the deadline', async () => {
			const id = await project.run('web', 'exit 4');
			await project.command('wait', id);
			const verification = await judge([containers], { settleMs: 1000, deadlineMs: 600_000 });
			expect(verification).toMatchObject({
				verdict: 'failed',
				reason: 'cannot recover: Containers: web is exited, exit code 4',
			});
		});

		test('a service that became healthy a moment ago has not held since its start', async () => {
			const id = await project.run(
				'web',
				'sleep 600',
				'--health-cmd',
				'test -e /tmp/well',
				'--health-interval',
				'0.2s',
				'--health-retries',
				'1',
			);
			/** Resolves when all five probes that Docker keeps ended like this. */
			const probes = (exitCode: number) =>
				expect
					.poll(async () => {
						const log = await project.command('inspect', '-f', '{{json .State.Health.Log}}', id);
						return (JSON.parse(log) as readonly { readonly ExitCode: number }[]).map(({ ExitCode }) => ExitCode);
					})
					.toEqual(Array.from({ length: 5 }, () => exitCode));
			await probes(1);
			expect((await judge([containers])).verdict).toBe('failed');
			const mendedAt = Date.now();
			await project.command('exec', id, 'touch', '/tmp/well');
			await probes(0);
			const verification = await judge([containers], { settleMs: 0 });
			expect(verification.verdict).toBe('passed');
			// It was up for at least a second before it was mended: five failed probes, 0.2 s apart.
			expect(only(verification).passingSince).toBeGreaterThan(mendedAt - 500);
		});
	});

	describe('the log', () => {
		test.each([
			['echo Connected to gateway', 'passed'],
			['echo connected to gateway; echo Lost connection to gateway', 'failed'],
			['echo Not connected to gateway', 'failed'],
			['echo lost connection to gateway; echo connected to gateway', 'passed'],
			['echo nothing', 'failed'],
		])('%s: %s', async (script, verdict) => {
			await project.run('web', `${script}; echo end; sleep 600`);
			await until(await logged('end'), (seen) => seen);
			expect((await judge([gateway()])).verdict).toBe(verdict);
		});

		test('the deciding line is found far up in a long log', async () => {
			await project.run(
				'web',
				'echo connected to gateway; i=0; while [ $i -lt 9000 ]; do echo line $i; i=$((i+1)); done; echo end; sleep 600',
			);
			await until(await logged('end'), (seen) => seen);
			expect((await judge([gateway()])).verdict).toBe('passed');
		});

		test('what was said before the gateway was restarted does not count', async () => {
			await project.run('web', 'echo connected to gateway; sleep 600');
			await until(await logged('connected'), (seen) => seen);
			await new Promise((resolve) => setTimeout(resolve, 300));
			await project.run('gateway', 'sleep 600');
			expect((await judge([gateway(['web'])])).verdict).toBe('passed');
			expect(await judge([gateway(['web', 'gateway'])])).toMatchObject({
				verdict: 'failed',
				reason: expect.stringMatching(/no line in the log matches/),
			});
		});

		test('errors before a restart are counted apart and do not fail it', async () => {
			const id = await project.run(
				'web',
				'if [ -e /tmp/again ]; then echo fine; else echo ERROR one; echo error two; touch /tmp/again; fi; echo end; sleep 600',
			);
			await until(await logged('end'), (seen) => seen);
			const bad = await judge([errors]);
			expect(bad).toMatchObject({ verdict: 'failed', reason: expect.stringMatching(/2 error lines since the start/) });
			expect(only(bad).evidence).toMatch(/ERROR one\n.*error two/);
			await project.command('restart', '-t', '0', id);
			await until(await logged('fine'), (seen) => seen);
			const good = await judge([errors]);
			expect(good.verdict).toBe('passed');
			expect(only(good).evidence).toBe('before this start: 2 in the last 2000 lines');
		});

		test('an error in a long log is found', async () => {
			await project.run(
				'web',
				'echo error early; i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; echo end; sleep 600',
			);
			await until(await logged('end'), (seen) => seen);
			expect(await judge([errors])).toMatchObject({
				verdict: 'failed',
				reason: expect.stringMatching(/1 error line /),
			});
		});

		/** Becomes true when the service's log has the word. */
	});

	describe('endpoints', () => {
		const health = (url: string, timeoutMs = 500): CheckDefinition => ({
			id: 'health',
			title: 'Health',
			kind: 'http',
			url,
			through: 'host',
			timeoutMs,
			expect: { status: 200 },
		});
		const metrics = (url: string): CheckDefinition => ({
			id: 'metrics',
			title: 'Metrics',
			kind: 'metrics',
			url,
			through: 'host',
			timeoutMs: 500,
			prefix: 'app_',
			moves: true,
		});

		test('a 503 is a failure, and so is no answer', async () => {
			const ill = await http((_, response) => response.writeHead(503).end('ill'));
			expect(await judge([health(ill.url)])).toMatchObject({
				verdict: 'failed',
				reason: 'Health: status 503 instead of 200',
			});
			const silent = await http(() => {});
			expect(await judge([health(silent.url)])).toMatchObject({
				verdict: 'failed',
				reason: 'Health: no answer within 0.5 s',
			});
		});

		test('one good answer between two bad ones is not health', async () => {
			let asked = 0;
			const flapping = await http((_, response) => response.writeHead(asked++ % 2 === 0 ? 200 : 503).end());
			expect((await judge([health(flapping.url)], { settleMs: 1500, deadlineMs: 5000 })).verdict).toBe('failed');
		});

		test('metrics must move', async () => {
			let value = 1;
			const moving = await http((_, response) => response.end(`app_ticks ${value++}\n`));
			expect((await judge([metrics(moving.url)])).verdict).toBe('passed');
			const still = await http((_, response) => response.end('app_ticks 1\napp_odd NaN\n'));
			expect(await judge([metrics(still.url)])).toMatchObject({
				verdict: 'failed',
				reason: 'Metrics: none of 2 series changes',
			});
			const other = await http((_, response) => response.end('other 1\n'));
			expect(await judge([metrics(other.url)])).toMatchObject({
				verdict: 'failed',
				reason: 'Metrics: no series begins with app_',
			});
		});

		test('a check that hangs delays no other', async () => {
			const silent = await http(() => {});
			await project.run('web', 'sleep 600');
			const seen: Verification[] = [];
			await judge([health(silent.url, 4000), containers], { onProgress: (verification) => seen.push(verification) });
			const early = seen.find(({ checks }) => checks[0]?.at === 0);
			expect(early?.checks[1]?.state).toBe('passed');
		});
	});

	describe('services', () => {
		const stopped: CheckDefinition = { id: 'stopped', title: 'Stopped', kind: 'stopped', services: ['web'] };
		const running: CheckDefinition = { id: 'running', title: 'Running', kind: 'running', services: ['web'] };

		test('running and stopped are opposites, and a restart loop is neither', async () => {
			expect((await judge([stopped])).verdict).toBe('passed');
			expect((await judge([running])).verdict).toBe('failed');
			const id = await project.run('web', 'sleep 600');
			expect((await judge([running])).verdict).toBe('passed');
			expect(await judge([stopped])).toMatchObject({ verdict: 'failed', reason: 'Stopped: web is running' });
			await project.command('kill', id);
			expect((await judge([stopped])).verdict).toBe('passed');
		});

		test('the version that runs must be the one expected', async () => {
			const id = await project.run('web', 'sleep 600');
			const image = await project.command('inspect', '--format', '{{.Image}}', id);
			expect((await judge([], { expects: { service: 'web', image } })).verdict).toBe('passed');
			const other = `sha256:${'0'.repeat(64)}`;
			expect(await judge([], { expects: { service: 'web', image: other } })).toMatchObject({
				verdict: 'failed',
				checks: [
					{ id: 'version', state: 'failed', reason: expect.stringMatching(/^web runs image \w{12} instead of 0{12}$/) },
				],
			});
			expect((await judge([], { expects: { service: 'web', commit: '0'.repeat(40) } })).verdict).not.toBe('passed');
		});
	});

	test('what cannot be reached is unknown, never passed or failed', async () => {
		await project.host.close();
		const verification = await judge([containers, gateway(), errors]);
		expect(verification.verdict).toBe('unknown');
		expect(verification.checks.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
	});

	test('nothing to check is not passed', async () => {
		expect(await judge([])).toMatchObject({ verdict: 'unknown', reason: 'there is nothing to check' });
	});

	test('it ends with the reason of an abort', async () => {
		const aborter = new AbortController();
		const judging = judge([containers], { deadlineMs: 60_000, signal: aborter.signal });
		aborter.abort(new Error('enough'));
		await expect(judging).rejects.toThrow('enough');
	});

	test('the dashboard sees a check break and hold again', async () => {
		const store = createStore<Verification | undefined>(undefined);
		const id = await project.run('web', 'sleep 600');
		const watch = watchChecks(context(), { checks: [containers], settleMs: 0, intervalMs: 300 }, store);
		await until(store, (verification) => verification?.verdict === 'passed');
		await project.command('kill', id);
		await until(store, (verification) => verification?.verdict === 'failed');
		await project.command('start', id);
		const again = await until(store, (verification) => verification?.verdict === 'passed');
		expect(again?.final).toBe(false);
		watch.stop();
	});
});
