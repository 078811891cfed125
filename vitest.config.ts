import { join } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import LongestFirst from './scripts/longest-first.ts';

/** Shell files are imported as text, as the bundle does it. */
const shellAsText: Plugin = {
	name: 'shell-as-text',
	enforce: 'pre',
	transform: (code, id) =>
		id.endsWith('.sh') ? { code: `export default ${JSON.stringify(code)}`, map: null } : undefined,
};

// Copies of the journal and what is cached are not those of whoever runs the tests.
const env = {
	NODE_ENV: 'test',
	XDG_STATE_HOME: join(import.meta.dirname, 'node_modules', '.cache', 'backout-test-state'),
	XDG_CACHE_HOME: join(import.meta.dirname, 'node_modules', '.cache', 'backout-test-cache'),
	// The docker client runs for a moment, thousands of times: to collect its garbage, and threads, cost more than they bring.
	GOGC: 'off',
	GOMAXPROCS: '1',
};
// Real processes on a machine that may be busy: what is waited for gets time, and says what it was before the test's own time is up.
const patience = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000, interval: 100 } } };
// No test is retried: one that fails now and then hides a fault of the program or its own. A test of the lab that really needs it asks
// for it by itself, `test(name, { retry: 1 }, …)`, with the reason beside it; the report names what needed it.

/** Patterns for the test files of some folders. */
const filesOf = (folders: readonly string[]) =>
	folders.map((folder) => `test/${folder}/**/!(*.mocked|*.lab).test.{ts,tsx}`);

/**
 * Tests that need no process of their own. Their files share workers and the modules in them: no start of a process and no loading of
 * React and zod for each. One that puts a module in another's place is named `*.mocked.test.ts` and has a process of its own.
 */
const shared = filesOf(['application', 'checks', 'logs', 'metrics', 'monitors', 'runbook', 'screens', 'terminal']);
/** The same for those that start programs by the thousand. fork(2) copies the tables of a process's memory: they do not share with screens. */
const starting = filesOf(['docker', 'engines', 'host', 'report']);

export default defineConfig({
	test: {
		// Most of them wait for processes and sockets, not for a core.
		maxWorkers: 5,
		// What the short form of the tests leaves out: `npm test` is short, `npm run test:long` is all of them.
		tags: [{ name: 'long', description: 'more of what is tested already, on a host that takes its time' }],
		reporters: ['default', './scripts/count-reporter.ts'],
		sequence: { sequencer: LongestFirst },
		projects: [
			{
				plugins: [shellAsText],
				test: {
					name: 'unit',
					include: ['test/**/*.test.{ts,tsx}'],
					exclude: [
						'test/**/*.lab.test.{ts,tsx}',
						...['engine', 'swarm', 'kubernetes'].map((folder) => `test/${folder}/**`),
						...shared,
						...starting,
					],
					...patience,
					env,
					sequence: { groupOrder: 1 },
				},
			},
			{
				plugins: [shellAsText],
				test: {
					name: 'unit-shared',
					include: shared,
					isolate: false,
					...patience,
					env,
					sequence: { groupOrder: 1 },
				},
			},
			{
				plugins: [shellAsText],
				test: {
					name: 'unit-programs',
					include: starting,
					isolate: false,
					...patience,
					env,
					sequence: { groupOrder: 1 },
				},
			},
			{
				// Each file has a lab for itself meanwhile; there are three (test/lab/lanes.ts).
				plugins: [shellAsText],
				test: {
					name: 'lab',
					include: ['test/**/*.lab.test.{ts,tsx}'],
					...patience,
					env,
					maxWorkers: 3,
					globalSetup: ['test/helpers/lab-setup.ts'],
					setupFiles: ['test/helpers/lab-lane.ts'],
					sequence: { groupOrder: 2 },
				},
			},
			{
				// One Docker engine for all files; each test makes a deployment of its own name in it. Nothing is tried twice.
				plugins: [shellAsText],
				test: {
					name: 'engine',
					include: ['test/engine/**/*.test.ts'],
					...patience,
					env,
					maxWorkers: 3,
					maxConcurrency: 4,
					retry: 0,
					globalSetup: ['test/engine/harness/global-setup.ts'],
					// They wait for a settling time mostly.
					sequence: { groupOrder: 3, concurrent: true },
				},
			},
			{
				// Each file starts a Swarm of two or three Docker engines, so one file at a time.
				plugins: [shellAsText],
				test: {
					name: 'swarm',
					include: ['test/swarm/**/*.test.ts'],
					...patience,
					// Whole stacks are put back service by service.
					testTimeout: 600_000,
					env,
					maxWorkers: 1,
					retry: 0,
					sequence: { groupOrder: 4 },
				},
			},
			{
				// One cluster for all files that leave it whole; each test makes a namespace of its own in it.
				plugins: [shellAsText],
				test: {
					name: 'kubernetes',
					include: ['test/kubernetes/**/*.test.ts'],
					...patience,
					testTimeout: 600_000,
					env,
					maxWorkers: 1,
					retry: 0,
					globalSetup: ['test/kubernetes/harness/shared-cluster.ts'],
					sequence: { groupOrder: 5 },
				},
			},
		],
	},
});
