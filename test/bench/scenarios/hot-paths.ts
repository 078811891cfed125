import { bundle } from '../../bundle/bundled.ts';
import type { HotPath } from '../hot-paths/measured.ts';
import { runCommand } from '../measure/command.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const paths: readonly { what: string; file: string; times: number; ms?: number; bytes: number }[] = [
	{ what: 'a frame, one row changed', file: 'frame.tsx', times: 200, ms: 0.5, bytes: 250_000 },
	{ what: 'a packet with 100 lines of a log', file: 'packet.ts', times: 2000, bytes: 600 },
];

/** What is done for every frame, line and packet, in processes of their own: it must not grow unseen. */
export const hotPaths: Scenario = {
	name: 'hot-paths',
	title: 'What happens most often',
	quick: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		for (const { what, file, times, ms, bytes } of paths) {
			const program = await bundle(`import './test/bench/hot-paths/${file}';`);
			try {
				const { code, stdout } = await runCommand([
					process.execPath,
					'--expose-gc',
					// Nothing is collected within a batch.
					'--min-semi-space-size=128',
					'--max-semi-space-size=128',
					program.file,
					String(bench.times(times, times / 2)),
				]);
				if (code !== 0) {
					throw new Error(`${file} ended with ${code}`);
				}
				const result = JSON.parse(stdout) as HotPath;
				if (ms !== undefined) {
					yield { what: `${what}: processor time`, unit: 'ms', values: result.ms, atMost: ms };
				}
				// Allocation does not depend on the machine.
				yield { what: `${what}: allocated`, unit: 'bytes', values: result.bytes, atMost: bytes, alarm: bytes * 2 };
			} finally {
				program.remove();
			}
		}
	},
};
