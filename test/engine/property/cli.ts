import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineEnv, engineMissing, startOwnEngine } from '../harness/engine.ts';
import { generate } from './generate.ts';
import { playMany, type Violation, violationText } from './many.ts';
import { play } from './play.ts';
import { shrink } from './shrink.ts';

const usage = `npm run property -- [--runs N] [--seed N] [--jobs N] [--shrink] [--keep FILE] [--show]

Random deployments with random histories and faults, rolled back and taken back, judged by the engine alone. 100 of them unless told
otherwise, two at a time. The history of seed S is the same every time: --runs 1 --seed S plays it again, --show prints it and what
the program said. --shrink looks for a smaller history with the same violation. --keep appends violations to a file.
Exit code 1 when there was a violation.`;

const main = async (): Promise<number> => {
	const { values } = parseArgs({
		options: {
			runs: { type: 'string', default: '100' },
			seed: { type: 'string', default: String(Date.now() % 1_000_000) },
			jobs: { type: 'string', default: '2' },
			keep: { type: 'string' },
			shrink: { type: 'boolean', default: false },
			show: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(usage);
		return 0;
	}
	const missing = await engineMissing();
	if (missing !== undefined) {
		console.error(missing);
		return 2;
	}
	const engine = await startOwnEngine();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void engine.stop().finally(() => process.exit(130)));
	}
	const env = engineEnv(engine.socket, engine.path);
	const [runs, seed, jobs] = [Number(values.runs), Number(values.seed), Number(values.jobs)];
	console.log(`seed ${seed}, ${runs} histories, ${jobs} at a time`);
	try {
		const report = async ({ spec, played }: Violation) => {
			const smaller = values.shrink ? await shrink(env, spec, played) : { spec, played };
			const text = violationText(smaller);
			console.log(text);
			if (values.keep !== undefined) {
				writeFileSync(values.keep, `${text}\n`, { flag: 'a' });
			}
		};
		if (values.show) {
			const spec = generate(seed);
			const played = await play(env, spec);
			console.log(`${JSON.stringify(spec, null, '\t')}\n${played.text}\n${played.outcome}, undo ${played.undo}`);
			console.log(violationText({ spec, played }));
			return played.findings.length === 0 ? 0 : 1;
		}
		const total = await playMany(env, { seed, runs, jobs, untilMs: Number.POSITIVE_INFINITY }, report, console.log);
		console.log(total.text);
		return total.violations === 0 ? 0 : 1;
	} finally {
		await engine.stop();
	}
};

process.exitCode = await main();
