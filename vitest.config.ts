import { defineConfig } from 'vitest/config';

const env = { NODE_ENV: 'test' };

export default defineConfig({
	test: {
		// Most of them wait for processes and sockets, not for a core.
		maxWorkers: 4,
		reporters: ['default', './scripts/count-reporter.ts'],
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.{ts,tsx}'],
					exclude: ['test/**/*.lab.test.{ts,tsx}'],
					testTimeout: 30_000,
					hookTimeout: 60_000,
					env,
					sequence: { groupOrder: 1 },
				},
			},
			{
				// These share one host, so they run one after the other.
				test: {
					name: 'lab',
					include: ['test/**/*.lab.test.{ts,tsx}'],
					testTimeout: 180_000,
					hookTimeout: 300_000,
					env,
					fileParallelism: false,
					globalSetup: ['test/helpers/lab-setup.ts'],
					sequence: { groupOrder: 2 },
				},
			},
		],
	},
});
