// Loaded into the dashboard of a soak: at SIGUSR2 it collects garbage and tells what is alive, for resident memory also
// counts what has only not been collected yet.
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env.BACKOUT_SOAK_MEMORY;
if (file !== undefined) {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	let asked = 0;
	process.on('SIGUSR2', () => {
		collect();
		const { heapUsed, external } = process.memoryUsage();
		writeFileSync(file, `${++asked} ${heapUsed + external}`);
	});
}
