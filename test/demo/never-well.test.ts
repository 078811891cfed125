import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { serveDemo } from './demo.ts';

// As on the real server /health says that the process serves, and so does an engine that crashes a second after each start.
test('between its crashes the engine says that it is healthy, and no verdict believes it', {
	tags: 'long',
	timeout: 240_000,
}, async () => {
	const demo = await serveDemo('crash');
	try {
		const [, port] = /"health_port":(\d+)/.exec(readFileSync(demo.config, 'utf8')) ?? [];
		const answers: (number | 'none')[] = [];
		/** Counts how often it has come up: a response after none. */
		const starts = () => answers.filter((answer, index) => answer !== 'none' && answers[index - 1] === 'none').length;
		const verdict = demo.backout('verify', '--wait', '20s');
		while (starts() < 4) {
			answers.push(
				await fetch(`http://127.0.0.1:${port}/health`).then(
					({ status }) => status,
					() => 'none' as const,
				),
			);
			await sleep(20);
		}
		expect(new Set(answers)).toEqual(new Set(['none', 200]));
		const { code, said } = await verdict;
		expect(code, said).toBe(1);
	} finally {
		await demo.stop();
	}
});
