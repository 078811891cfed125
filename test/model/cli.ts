import { spinMissing, transitions, verify } from './check.ts';
import { brokenModels, scenes } from './scenes.ts';

// npm run model: verifies the scenes, two at once. --broken: also that each property fails when the model is broken on purpose.
// --table: prints which place of which program each transition stands for. --scene NAME: one scene, with the way to its error.

const words = process.argv.slice(2);

const table = (): void => {
	for (const { name, file, line, text } of transitions()) {
		console.log(`${name.padEnd(4)}${file}:${line}\t${text}`);
	}
};

/** Does it for all, two at a time. */
const two = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
	const left = [...all];
	const next = async () => {
		for (let one = left.shift(); one !== undefined; one = left.shift()) {
			await work(one);
		}
	};
	await Promise.all([next(), next()]);
};

const main = async (): Promise<number> => {
	if (words.includes('--table')) {
		table();
		return 0;
	}
	const missing = await spinMissing();
	if (missing !== undefined) {
		console.log(missing);
		return 0;
	}
	const only = words.includes('--scene') ? words[words.indexOf('--scene') + 1] : undefined;
	let failed = 0;
	await two(
		scenes.filter(({ name }) => only === undefined || name === only),
		async (scene) => {
			const { errors, states, error, trail, seconds } = await verify(scene);
			failed += errors;
			const result = errors === 0 ? 'holds' : `does not hold: ${error}\n${trail}`;
			console.log(`${scene.name}: ${scene.about}: ${states} states, ${seconds.toFixed(1)} s: ${result}`);
		},
	);
	await two(words.includes('--broken') ? brokenModels : [], async ({ scene, finds }) => {
		const { errors, error } = await verify(scene);
		const isSeen = errors > 0 && finds.test(error);
		failed += isSeen ? 0 : 1;
		console.log(`${scene.name}: ${scene.about}: ${isSeen ? `seen: ${error}` : `not seen: ${error}`}`);
	});
	return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
