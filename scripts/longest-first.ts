import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The test files that take longest on two cores, of each project the longest first. */
const longest = [
	'commands/guard.test.ts',
	'runner/undo.test.ts',
	'commands/json.test.ts',
	'model/model.test.ts',
	'ssh/link.test.ts',
	'runner/run.test.ts',
	'runner/ending.test.ts',
	'runner/prune-runs.test.ts',
	'e2e/read-only.test.ts',
	'demo/alarm-to-verdict.test.ts',
	'demo/by-keys.test.ts',
	'engines/kubernetes/lock.test.ts',
	'screens/offered-keys.test.tsx',
	'e2e/matrix.lab.test.ts',
	'e2e/dashboard.lab.test.ts',
	'e2e/rollbacks.lab.test.ts',
	'e2e/real-stops.lab.test.ts',
	'lab/real-server.lab.test.ts',
	'e2e/real-gateway.lab.test.ts',
	'e2e/database.lab.test.ts',
	'e2e/emergency.lab.test.ts',
	'engine/together.test.ts',
	'engine/lost.test.ts',
	'engine/build-inputs.test.ts',
	'engine/checks.test.ts',
	'engine/between-commits.test.ts',
	'engine/undo.test.ts',
];

/**
 * Starts the longest test files first, so that none of them goes on alone at the end of its project. A checkout that is new has no cache
 * from which Vitest would know their times.
 */
export default class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({ moduleId }: TestSpecification): number => {
			const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}`));
			return at === -1 ? longest.length : at;
		};
		return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
	}
}
