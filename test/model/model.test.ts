import { describe, expect, test } from 'vitest';
import { spinMissing, transitions, verify } from './check.ts';
import { brokenModels, scenes } from './scenes.ts';

const missing = await spinMissing();
if (missing !== undefined) {
	if (process.env.BACKOUT_LAB === 'required') {
		throw new Error(missing);
	}
	console.warn(`skipped: ${missing}`);
}

test('every transition of the model is a place in the programs', () => {
	const all = transitions();
	expect(all.filter(({ line }) => line === 0)).toEqual([]);
	expect(all.length).toBeGreaterThan(40);
	expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe.skipIf(missing !== undefined)('the model of the runner', () => {
	test.each(scenes)('$name: $about', async (scene) => {
		const { errors, error, trail, states } = await verify(scene);
		expect({ errors, error, trail }).toEqual({ errors: 0, error: '', trail: '' });
		// A scene that stops at once proves nothing.
		expect(states).toBeGreaterThan(1000);
	});
	// The states of a broken model are no fewer: the long form.
	test.each(brokenModels)('fails when $about', { tags: 'long' }, async ({ scene, finds }) => {
		expect((await verify(scene)).error).toMatch(finds);
	});
});
