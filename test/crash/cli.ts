import { parseArgs } from 'node:util';
import { createRandom } from '../soak/random.ts';
import { type Point, play, pointAt, programs, shells } from './play.ts';

// npm run crash -- --program step --shell dash --from 1 --to 400 [--error EIO | --delay MS]: strikes a program at each of these system calls,
// --jobs at a time; --points N takes N of them at random, by --seed. It stops where the program makes no more calls. Exit code 1 for a
// violation.

const { values } = parseArgs({
	options: {
		program: { type: 'string', default: 'start' },
		shell: { type: 'string', default: 'dash' },
		from: { type: 'string', default: '1' },
		to: { type: 'string', default: '400' },
		points: { type: 'string' },
		seed: { type: 'string', default: String(Date.now() % 100_000) },
		error: { type: 'string' },
		delay: { type: 'string' },
		jobs: { type: 'string', default: '1' },
	},
});
const program = programs.find((name) => name === values.program);
if (program === undefined || !(values.shell in shells)) {
	throw new Error(`--program is one of ${programs.join(', ')}; --shell one of ${Object.keys(shells).join(', ')}`);
}
const shell = values.shell as Point['shell'];
const [from, to] = [Number(values.from), Number(values.to)];
const { calls, violations: ofItself } = await play({ program, shell });
const last = Math.min(to, calls.length);
console.log(`${program} under ${shell}: ${calls.length} system calls; seed ${values.seed}`);
for (const text of ofItself) {
	console.log(`  VIOLATION, unharmed: ${text}`);
	process.exitCode = 1;
}
const random = createRandom(Number(values.seed));
const numbers =
	values.points === undefined
		? Array.from({ length: Math.max(0, last - from + 1) }, (_, index) => from + index)
		: Array.from({ length: Number(values.points) }, () => random.between(from, last)).sort((one, other) => one - other);
const delayMs = values.delay === undefined ? undefined : Number(values.delay);
const points = numbers.flatMap((number) => {
	const point = pointAt(calls, number, { program, shell, error: values.error, delayMs });
	return point === undefined ? [] : [{ number, point }];
});
let played = 0;
const work = async (): Promise<void> => {
	for (let next = points.shift(); next !== undefined; next = points.shift()) {
		const { number, point } = next;
		const { isReached, struck, violations } = await play(point);
		played += isReached ? 1 : 0;
		const where = isReached ? struck.slice(0, 70) : `${point.call} was not made that often this time`;
		console.log(
			`${program} ${shell} ${number}: ${where}${violations.map((text) => `\n  VIOLATION: ${text}`).join('')}`,
		);
		process.exitCode ||= violations.length === 0 ? 0 : 1;
	}
};
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
console.log(`${played} points played`);
