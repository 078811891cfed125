import { expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { createEndings } from '../../src/services/checks/endings.ts';

const exited = (id: string, finishedAt: number) => ({ id, status: 'exited', finishedAt }) as Instance;
const record = (stopped: readonly string[], ended: readonly string[]) => ({
	stopped: new Set(stopped),
	ended: new Set(ended),
});

test('how a container ended is remembered after Docker has forgotten it, until it ends once more', () => {
	const endings = createEndings();
	const both = [exited('web', 10), exited('job', 20)];
	expect(endings(record(['web'], ['job']), both)).toEqual(record(['web'], ['job']));
	// The record has lost both.
	expect(endings(record([], []), both)).toEqual(record(['web'], ['job']));
	// The job ran again, and nobody has seen how it ended this time.
	expect(endings(record([], []), [exited('web', 10), exited('job', 30)])).toEqual(record(['web'], []));
	expect(endings(record([], []), [{ ...exited('web', 10), status: 'running' } as Instance])).toEqual(record([], []));
});
