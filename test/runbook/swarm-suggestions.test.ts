import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/runbook/diagnose.ts';
import { unread } from '../../src/runbook/reading.ts';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const file = join(import.meta.dirname, '..', '..', 'runbooks', 'swarm.yaml');
const { suggestions } = loadRunbook(readFileSync(file, 'utf8'), file, {
	readRunbook: (name) => ({ text: '', file: name }),
	target: { directory: '/srv/a', project: 'a' },
});

/** What is suggested first while a service crashes, by what the check `converged` has seen. */
const suggested = (trouble: string) => {
	const now = Date.now();
	const check = { id: 'converged', title: 'Converged', state: 'failed' as const, reason: '', asked: '', at: now };
	const evidence = `app: 1 of 2 run as specified, last update: paused\n  app: ${trouble}`;
	const task = { id: 'a', name: 'app.1', service: 'app', status: 'restarting' as const, restarts: 4 };
	return diagnose(suggestions, {
		containers: {
			value: [{ ...task, image: 'app', imageId: 'app:2', state: 'down' }],
			state: 'down',
			at: now,
			maxAgeMs: 10_000,
		},
		verification: {
			verdict: 'failed',
			final: false,
			checks: [{ ...check, evidence }],
			startedAt: now,
			settleSeconds: 30,
			reason: '',
		},
		health: [],
		logErrors: unread(0),
		commit: unread(0),
		now,
	});
};

test.each([
	['its update is paused (task failed), and goes no further by itself', 'take-back-update'],
	['its rollback by the engine is paused, and goes no further by itself', 'take-back-update'],
	['is being updated', 'rollback-image'],
	['its last update was rolled back by the engine, so it runs what it ran before', 'rollback-image'],
])('%s: %s is suggested', (trouble, procedure) => {
	const found = suggested(trouble);
	expect(found?.procedure).toBe(procedure);
	expect(found?.why).toContain(procedure === 'take-back-update' ? trouble : 'app keeps restarting');
});
