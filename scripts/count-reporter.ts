import type { Reporter, TestModule } from 'vitest/node';
import { type FileTime, timeLines } from './suite-time.ts';

/**
 * Ends the run with one plain line, `N passed, N failed, N skipped`, for programs that read logs. Before it: the time of each
 * project beside its budget, and the tests that passed only when they were retried.
 */
export default class CountReporter implements Reporter {
	readonly #startedAt = new Map<string, number>();
	readonly #files: FileTime[] = [];

	onTestModuleQueued({ moduleId }: TestModule): void {
		this.#startedAt.set(moduleId, Date.now());
	}

	onTestModuleEnd({ moduleId, relativeModuleId, project }: TestModule): void {
		const endedAt = Date.now();
		const startedAt = this.#startedAt.get(moduleId) ?? endedAt;
		this.#files.push({ project: project.name, file: relativeModuleId, startedAt, endedAt });
	}

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
		for (const line of timeLines(this.#files)) {
			process.stdout.write(`${line}\n`);
		}
		process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
	}
}
