import { describe, expect, inject } from 'vitest';
import { engineEnv } from '../harness/engine.ts';
import { test, withoutEngine } from '../harness/index.ts';
import { playMany, violationText } from './many.ts';

/** The short form: histories that begin within this time, from a seed of this day and hour, or PROPERTY_SEED. */
const seconds = Number(process.env.PROPERTY_SECONDS ?? 150);
const seed = Number(process.env.PROPERTY_SEED ?? Math.floor(Date.now() / 3_600_000));

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
			{ seed, runs: 1000, jobs: 3, untilMs: Date.now() + seconds * 1000 },
			async (violation) => void violations.push(violationText(violation)),
			() => {},
		);
		console.log(total.text);
		expect(violations.join('\n\n'), total.text).toBe('');
		expect(total.played).toBeGreaterThan(0);
	});
});
