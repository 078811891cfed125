import { afterEach, expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import type { Verification } from '../../src/runbook/check.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import { crashLoopIn } from '../../src/services/checks/crash-loop.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { watchChecks } from '../../src/services/checks/recheck-loop.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { isCrashLoop, judgeContainer } from '../../src/services/monitors/container-state.ts';
import { createStore } from '../../src/stores/store.ts';
import { serve } from '../helpers/http-server.ts';

const engine = {
	...{ id: 'a', name: 'shop-web-1', service: 'web', status: 'running', probes: [], oomKilled: false, error: '' },
	...{ restarts: 7, createdAt: 1000, startedAt: 1000, image: 'web', imageId: 'sha256:1', tty: false },
} as unknown as Instance;

test.each<[string, Partial<Instance>, number | undefined, string]>([
	['waits to be started again, for a minute and more', { status: 'restarting' }, 90_000, 'down'],
	['has just been started again', {}, 1000, 'down'],
	['has just been started again, and its health is not known yet', { health: 'starting' }, 1000, 'down'],
	['was restarted once', { restarts: 1 }, 1000, 'warn'],
	['has been up for a while since', {}, 61_000, 'ok'],
	['was never restarted', { restarts: 0 }, undefined, 'ok'],
])('a container that %s', (_, details, agoMs, state) => {
	const instance = { ...engine, ...details };
	const down = instance.status === 'running' ? [] : [instance];
	expect(judgeContainer(instance, agoMs, { down, unclear: [] } as never).state).toBe(state);
	expect(isCrashLoop(instance, agoMs)).toBe(state === 'down');
});

test('a container beyond those that should run is a warning when it cannot start, and nothing when it is only not started', () => {
	const surplus = { down: [], unclear: [] } as never;
	const created = { ...engine, status: 'created', restarts: 0 };
	expect(judgeContainer(created, undefined, surplus)).toEqual({ state: 'ok' });
	expect(judgeContainer({ ...created, error: 'no such image' }, undefined, surplus)).toEqual({
		state: 'warn',
		reason: 'created: no such image',
	});
});

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) {
		await close();
	}
});

test('a check that fails with each crash does not pass in between, and passes when the crashes are over', async () => {
	let requests = 0;
	const server = await serve((_, answer) => answer.writeHead(requests++ % 2 === 0 ? 500 : 200).end());
	const host = new LocalHost();
	const check = { id: 'health', title: 'Health', kind: 'http', url: server.url, through: 'host', timeoutMs: 2000 };
	let instances: readonly Instance[] = [engine];
	const model = { get: () => ({ instances, stopped: new Map(), trouble: undefined }), restartedAgo: () => 1000 };
	const seen = createStore<Verification | undefined>(undefined);
	const states: string[] = [];
	const nextState = (wanted: RegExp) =>
		new Promise<void>((resolve) => {
			const end = seen.subscribe(() => {
				const [result] = seen.get()?.checks ?? [];
				states.push(`${result?.state} ${result?.reason}`);
				if (wanted.test(states.at(-1) ?? '')) {
					end();
					resolve();
				}
			});
		});
	const between = nextState(/between crashes: web was restarted 7 times/);
	const watch = watchChecks(
		{ host, engine: {}, instances: model, target: { directory: '/' } } as unknown as CheckContext,
		{
			checks: [{ ...check, expect: { status: 200 } } as CheckDefinition],
			settleMs: 1000,
			intervalMs: 100,
			crashLoop: () => crashLoopIn(model as never),
		},
		seen,
	);
	closing.push(watch.stop, () => host.close(), server.close);
	await between;
	expect(states.filter((state) => !state.startsWith('failed'))).toEqual([]);
	// It was recreated, and no longer crashes.
	instances = [{ ...engine, id: 'b', restarts: 0 }];
	await nextState(/^passed status 200/);
});
