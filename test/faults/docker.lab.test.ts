import { afterAll, beforeAll, describe, test } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { healLab } from '../lab/index.ts';
import { dockerFaults } from './docker-faults.ts';
import { type Fault, liveThroughTogether } from './fault.ts';

/** The fault that the short soak beside the tests injects again and again. */
const bySoak = 'dockerd hung';

describe.skipIf(withoutLab)('faults of Docker: idle, at the question, and in a run', () => {
	beforeAll(async () => {
		await healLab();
	});
	afterAll(async () => {
		await healLab();
	});

	const named = (some: readonly Fault[]) => some.map((fault) => [fault.name, fault] as const);
	const isLived = (_: string, fault: Fault) => liveThroughTogether(fault);
	test.each(named(dockerFaults.filter(({ name }) => name !== bySoak)))('%s', isLived);
	test.each(named(dockerFaults.filter(({ name }) => name === bySoak)))('%s', { tags: 'long' }, isLived);
});
