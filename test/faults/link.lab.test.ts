import { describe, test, vi } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { liveThrough } from './fault.ts';
import { linkFaults } from './link-faults.ts';

// Each is a program and an SSH server, and mostly waits.
vi.setConfig({ maxConcurrency: 3 });

describe.skipIf(withoutLab)('faults of the link: idle, at the question, and in a run', () => {
	test.concurrent.each(linkFaults.map((fault) => [fault.name, fault] as const))('%s', (_, fault) => liveThrough(fault));
});
