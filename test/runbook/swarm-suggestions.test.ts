import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';
import { suggestedBy } from '../helpers/suggested-by.ts';

const file = join(import.meta.dirname, '..', '..', 'runbooks', 'swarm.yaml');
const { suggestions } = loadRunbook(readFileSync(file, 'utf8'), file, {
	readRunbook: (name) => ({ text: '', file: name }),
	target: { directory: '/srv/a', project: 'a' },
});

/** What is suggested first while a service crashes, by what the check `converged` has seen. */
const suggested = (trouble: string) => {
	const evidence = `app: 1 of 2 run as specified, last update: paused\n  app: ${trouble}`;
	const task = { id: 'a', name: 'app.1', service: 'app', status: 'restarting' as const, restarts: 4 };
	return suggestedBy(suggestions, [{ ...task, image: 'app', imageId: 'app:2', state: 'down' }], {
		...{ state: 'failed' as const, reason: '', asked: '' },
		evidence,
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
