import type fc from 'fast-check';

const seed = process.env.FUZZ_SEED ?? (process.env.FUZZ_RUNS === undefined ? undefined : Date.now() % 2 ** 31);

if (seed !== undefined) {
	console.info(`seed ${seed}: FUZZ_SEED=${seed} npm run fuzz tries the same again`);
}

/** Number of tries for a property: `usual`, or as `npm run fuzz` says, with the seed that it prints. */
export const runs = (usual: number): fc.Parameters<unknown> => ({
	numRuns: Number(process.env.FUZZ_RUNS ?? usual),
	...(seed === undefined ? {} : { seed: Number(seed) }),
});

/** Time limit for a test file of properties, ms: a loaded machine is slow, and `npm run fuzz` tries many times. */
export const patience = process.env.FUZZ_RUNS === undefined ? 120_000 : 3_600_000;
