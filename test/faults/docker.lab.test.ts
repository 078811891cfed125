import { afterAll, beforeAll, describe, test } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { healLab } from '../lab/index.ts';
import { dockerFaults } from './docker-faults.ts';
import { liveThroughTogether } from './fault.ts';

describe.skipIf(withoutLab)('faults of Docker: idle, at the question, and in a run', () => {
	beforeAll(async () => {
		await healLab();
	});
	afterAll(async () => {
		await healLab();
	});

	test.each(dockerFaults.map((fault) => [fault.name, fault] as const))('%s', (_, fault) => liveThroughTogether(fault));
});
