import { describe, test, vi } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { type Fault, liveThrough } from './fault.ts';
import { linkFaults } from './link-faults.ts';

// Each is a program and an SSH server, and mostly waits.
vi.setConfig({ maxConcurrency: 3 });

/** The fault that the short soak beside the tests injects again and again. */
const bySoak = ["sshd's session killed", 'sshd restarted'];

describe.skipIf(withoutLab)('faults of the link: idle, at the question, and in a run', () => {
	const named = (some: readonly Fault[]) => some.map((fault) => [fault.name, fault] as const);
	test.concurrent.each(named(linkFaults.filter(({ name }) => !bySoak.includes(name))))('%s', (_, fault) =>
		liveThrough(fault),
	);
	test.concurrent.each(named(linkFaults.filter(({ name }) => bySoak.includes(name))))(
		'%s',
		{ tags: 'long' },
		(_, fault) => liveThrough(fault),
	);
});
