import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { Instance } from '../../src/engine/instance.ts';
import { desiredOf } from '../../src/engines/compose/desired.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { createSettleTimer } from '../../src/services/checks/settle-timer.ts';
import { verify } from '../../src/services/checks/verify.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { serve } from '../helpers/http-server.ts';
import { memoryTerms } from '../helpers/memory-engine.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	await Promise.all(closing.splice(0).map((close) => close()));
});

const commit = 'c'.repeat(40);
const web = {
	...{ id: 'a', name: 'shop-web-1', service: 'web', status: 'running', probes: [], oomKilled: false, error: '' },
	...{ restarts: 0, createdAt: 1000, startedAt: 1000, image: 'web', imageId: 'sha256:1', tty: false },
	...{ restartPolicy: 'no', publishesPorts: false, labels: {} },
} as Instance;

/** A project whose one container has been up for years, with files that Compose reads like this. */
const context = (details: Partial<Instance> = {}, unreadable?: string): CheckContext => {
	const host = new LocalHost();
	closing.push(() => host.close());
	const desired = desiredOf(parseModel(JSON.stringify({ name: 'shop', services: { web: { image: 'web' } } })));
	const engine = {
		desired: async () => (unreadable === undefined ? { desired } : { unreadable }),
		forgetDesired: () => {},
		project: 'shop',
		terms: memoryTerms,
		clock: { now: () => Date.now(), toLocal: (at: number) => at },
		list: async () => [{ id: 'a', name: 'shop-web-1', service: 'web', status: 'running', words: 'Up 3 years' }],
		inspect: async () => ({ ...web, ...details }),
		image: async () => undefined,
		events: async function* () {},
	};
	return {
		host,
		engine,
		instances: createInstanceModel(engine as unknown as Engine),
		target: { directory: '/' },
	} as unknown as CheckContext;
};

const containers: CheckDefinition = { id: 'containers', title: 'Containers', kind: 'containers', except: [] };
/** An endpoint that answers well to the requests that `well` says, counted from 1. */
const endpoint = async (well: (request: number) => boolean) => {
	const counted = { requests: 0 };
	const server = await serve((_, answer) => {
		counted.requests++;
		answer.writeHead(well(counted.requests) ? 200 : 500).end();
	});
	closing.push(server.close);
	const check = { id: 'health', title: 'Health', kind: 'http', url: server.url, through: 'host' } as const;
	return { counted, check: { ...check, timeoutMs: 2000, expect: { status: 200 } } as CheckDefinition };
};

test('an endpoint that fails two requests of three never passes, whichever request comes first', async () => {
	for (const lucky of [0, 1, 2]) {
		const { check } = await endpoint((request) => request % 3 === lucky);
		const { verdict } = await verify(context(), { checks: [containers, check], settleMs: 2500 });
		expect(verdict).toBe('failed');
	}
});

test('what has no records on the host is watched for the settling time, what has them is not', async () => {
	const { check, counted } = await endpoint(() => true);
	const began = performance.now();
	expect(await verify(context(), { checks: [containers], settleMs: 60_000 })).toMatchObject({ verdict: 'passed' });
	expect(performance.now() - began).toBeLessThan(30_000);
	const watched = await verify(context(), { checks: [containers, check], settleMs: 2000 });
	expect(watched.verdict).toBe('passed');
	expect(counted.requests).toBeGreaterThanOrEqual(3);
	expect(Date.now() - watched.startedAt).toBeGreaterThanOrEqual(2000);
});

test('one look says that it was one, and does not wait', async () => {
	const { check, counted } = await endpoint((request) => request === 1);
	const verification = await verify(context(), { checks: [containers, check], settleMs: 60_000, oneLook: true });
	expect(verification).toMatchObject({ verdict: 'passed', oneLook: true, final: true });
	expect(verification.reason).toBe('all passed once; nothing was observed over time');
	expect(counted.requests).toBe(1);
});

test('a container that was seen to crash has not held before it is up for longer than that', async () => {
	const now = Date.now();
	const crashing = { restarts: 2, createdAt: now - 80_000, startedAt: now - 10_000 };
	const { verdict, reason } = await verify(context(crashing), { checks: [containers], settleMs: 1000, oneLook: true });
	expect([verdict, reason]).toEqual([
		'failed',
		'Containers: web crashed about every 35 s before, and has been up for 10 s',
	]);
});

test('files that Compose cannot read leave it unknown what should run', async () => {
	const { verdict, reason } = await verify(context({}, 'yaml: line 3'), { checks: [containers], settleMs: 0 });
	expect(verdict).toBe('unknown');
	expect(reason).toContain('the Compose file cannot be read, so it is unknown what should run: yaml: line 3');
});

test('a service that may be a finished job is unknown, and the reason says how to decide it', async () => {
	const ended = context({ status: 'exited', exitCode: 0, finishedAt: 5000 });
	const { verdict, reason } = await verify(ended, { checks: [containers], settleMs: 1000, deadlineMs: 2000 });
	expect([verdict, reason]).toEqual(['unknown', expect.stringContaining('web exited with code 0, and nothing shows')]);
	expect(reason).toContain('If it is a job, name it under except: of this check in the runbook');
	expect(reason).toContain('restart: "no"');
});

test('a commit that nothing proves to run is unknown as soon as everything else has been watched', async () => {
	const host = { ...context(), target: { directory: process.cwd() } };
	const { stdout } = await import('node:child_process').then(({ spawnSync }) =>
		spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }),
	);
	const expects = { service: 'web', commit: stdout.trim() };
	const options = { checks: [containers], settleMs: 500, deadlineMs: 60_000 };
	const unproven = await verify(host, { ...options, expects });
	expect(unproven.verdict).toBe('unknown');
	expect(unproven.reason).toContain('nothing proves that the image of web was built from it');
	const proven = await verify(host, { ...options, expects: { ...expects, built: { web: 'sha256:1' } } });
	expect(proven).toMatchObject({ verdict: 'passed', proven: { commit: expects.commit } });
	const other = await verify(host, { ...options, deadlineMs: 1000, expects: { ...expects, commit } });
	expect([other.verdict, other.proven]).toEqual(['failed', undefined]);
});

test('only records of the host reach back before the first look, and none over a look that failed', () => {
	const hold = createSettleTimer();
	expect(hold.since(100, undefined)).toBe(100);
	expect(hold.since(200, undefined)).toBe(100);
	expect(hold.since(300, 5)).toBe(5);
	hold.lostSight();
	expect(hold.since(400, undefined)).toBe(400);
	hold.broke();
	expect(hold.since(500, 5)).toBe(500);
	expect(hold.since(600, undefined)).toBe(500);
});
