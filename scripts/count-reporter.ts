import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends the run with one plain line, `N passed, N failed, N skipped`, for whatever reads logs, and names before it the
 * tests that passed at the second try only.
 */
export default class CountReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		let long = 0;
		const counts = { passed: 0, failed: 0, skipped: 0 };
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				counts[state === 'pending' ? 'skipped' : state]++;
				if (state === 'skipped' && test.tags.includes('long')) {
					long++;
				}
				const retries = test.diagnostic()?.retryCount ?? 0;
				if (state === 'passed' && retries > 0) {
					process.stdout.write(`passed at try ${retries + 1}: ${module.relativeModuleId}: ${test.fullName}\n`);
				}
			}
			counts.failed += module.errors().length;
		}
		if (long > 0) {
			process.stdout.write(`skipped: ${long} tests of the long form; \`npm run test:long\` runs them\n`);
		}
		process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
	}
}
