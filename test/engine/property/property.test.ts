import { describe, expect, inject } from 'vitest';
import { engineEnv } from '../harness/engine.ts';
import { test, withoutEngine } from '../harness/index.ts';
import { playMany, violationText } from './many.ts';

/**
 * The short form: a few histories from a fixed seed, or from PROPERTY_SEED, as many as begin within this time. Where it fails, a change
 * has broken what went well. `npm run property` looks for new histories.
 */
const seconds = Number(process.env.PROPERTY_SECONDS ?? 150);
const seed = Number(process.env.PROPERTY_SEED ?? 498_851);
const runs = Number(process.env.PROPERTY_RUNS ?? 3);

describe.skipIf(withoutEngine)('random deployments', () => {
	test('are never called verified when the engine denies it, and an undo leaves no difference', {
		timeout: (seconds + 300) * 1000,
	}, async () => {
		const engine = inject('engine');
		if ('missing' in engine) {
			throw new Error(engine.missing);
		}
		console.log(`again with: npm run property -- --seed ${seed}`);
		const violations: string[] = [];
		const total = await playMany(
			engineEnv(engine.socket, engine.path),
			{ seed, runs, jobs: 3, untilMs: Date.now() + seconds * 1000 },
			async (violation) => {
				violations.push(violationText(violation));
			},
			() => {},
		);
		console.log(total.text);
		expect(violations.join('\n\n'), total.text).toBe('');
		expect(total.played).toBeGreaterThan(0);
	});
});
