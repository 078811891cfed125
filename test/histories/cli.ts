import { parseArgs } from 'node:util';
import { playHistories } from './play.ts';

// npm run histories -- --runs 1000 --seed 1: plays histories of two operators with the real runner. What it prints for a violation is
// played again with --seed, --path and --replay; with --whole it is not made smaller first. Exit code 1 for a violation.

const { values } = parseArgs({
	options: {
		runs: { type: 'string', default: '1000' },
		seed: { type: 'string', default: String(Date.now() % 100_000) },
		minutes: { type: 'string' },
		path: { type: 'string' },
		replay: { type: 'string' },
		whole: { type: 'boolean', default: false },
		verbose: { type: 'boolean', default: false },
	},
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const { played, actions, report } = await playHistories({
	runs: Number(values.runs),
	seed,
	path: values.path,
	replayPath: values.replay,
	limitMs: values.minutes === undefined ? undefined : Number(values.minutes) * 60_000,
	isWhole: values.whole,
	...(values.verbose && { tell: (line: string) => console.log(`${line}\n`) }),
});
console.log(report ?? `${played} histories, ${actions} actions, no violation`);
process.exitCode = report === undefined ? 0 : 1;
