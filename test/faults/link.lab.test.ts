import { describe, test } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { liveThrough } from './fault.ts';
import { linkFaults } from './link-faults.ts';

describe.skipIf(withoutLab)('faults of the link: idle, at the question, and in a run', () => {
	test.concurrent.each(linkFaults.map((fault) => [fault.name, fault] as const))('%s', (_, fault) => liveThrough(fault));
});
