import { describe, test, vi } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { type Fault, liveThrough } from './fault.ts';
import { linkFaults } from './link-faults.ts';

// Each is a program and an SSH server, and mostly waits.
vi.setConfig({ maxConcurrency: 3 });

/** What is tested elsewhere at each push: by the short soak beside the tests, again and again; the others by test/ssh/link.test.ts. */
const elsewhere = [
	"sshd's session killed",
	'sshd restarted',
	'black hole',
	'stall of 8 s',
	'slow link: 20 kB/s, 300 ms',
];

describe.skipIf(withoutLab)('faults of the link: idle, at the question, and in a run', () => {
	const named = (some: readonly Fault[]) => some.map((fault) => [fault.name, fault] as const);
	test.concurrent.each(named(linkFaults.filter(({ name }) => !elsewhere.includes(name))))('%s', (_, fault) =>
		liveThrough(fault),
	);
	test.concurrent.each(named(linkFaults.filter(({ name }) => elsewhere.includes(name))))(
		'%s',
		{ tags: 'long' },
		(_, fault) => liveThrough(fault),
	);
});
