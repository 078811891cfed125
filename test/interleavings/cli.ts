import { parseArgs } from 'node:util';
import { playInterleavings } from './play.ts';

// npm run interleavings -- --runs 10000 --seed 1: clients that follow, read and list a run over a link that is cut, each seed another order
// of events. Exit code 1 for a violation.

const { values } = parseArgs({
	options: {
		runs: { type: 'string', default: '10000' },
		seed: { type: 'string', default: String(Date.now() % 1_000_000) },
	},
});
const { cuts, steps, wrong } = await playInterleavings(Number(values.seed), Number(values.runs));
console.log(`seed ${values.seed}: ${values.runs} interleavings, ${steps} events, ${cuts} cuts of the link`);
console.log(wrong.length === 0 ? 'no violation' : wrong.join('\n'));
process.exitCode = wrong.length === 0 ? 0 : 1;
