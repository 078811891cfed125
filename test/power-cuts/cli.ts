import { parseArgs } from 'node:util';
import { engineMissing } from '../engine/harness/engine.ts';
import { createRandom } from '../soak/random.ts';
import { cutDiskMissing } from './cut-disk.ts';
import { playPowerCuts } from './play.ts';

// npm run power-cuts -- --cuts 20 --seed 1 [--during undo]: cuts the power of a host in the middle of a rollback, or of its undo. Of the
// moments at which something has just reached the disk, it starts the host again from some, chosen by the seed, or from --moment N.
// Exit code 1 for a violation.

const { values } = parseArgs({
	options: {
		cuts: { type: 'string', default: '20' },
		seed: { type: 'string', default: String(Date.now() % 100_000) },
		during: { type: 'string', default: 'run' },
		moment: { type: 'string' },
	},
});
const missing = (await engineMissing()) ?? (await cutDiskMissing());
if (missing !== undefined) throw new Error(missing);
if (values.during !== 'run' && values.during !== 'undo') throw new Error('--during is run or undo');
const played = await playPowerCuts(values.during);
try {
	console.log(`${values.during}: ${played.moments} moments; seed ${values.seed}`);
	const random = createRandom(Number(values.seed));
	const drawn = Array.from({ length: Number(values.cuts) }, () => random.between(0, played.moments - 1));
	const chosen = values.moment === undefined ? [...new Set(drawn)] : [Number(values.moment)];
	for (const moment of chosen.toSorted((one, other) => one - other)) {
		const { found, violations } = await played.judge(moment);
		console.log(`${moment}: ${found}${violations.map((text) => `\n  VIOLATION: ${text}`).join('')}`);
		process.exitCode ||= violations.length === 0 ? 0 : 1;
	}
} finally {
	await played.close();
}
