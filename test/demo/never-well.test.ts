import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { serveDemo } from './demo.ts';

test('between its crashes the engine is never well, however closely it is looked at', {
	timeout: 240_000,
}, async () => {
	const demo = await serveDemo('crash');
	try {
		const [, port] = /"health_port":(\d+)/.exec(readFileSync(demo.config, 'utf8')) ?? [];
		const answers: (number | 'none')[] = [];
		/** How often it has come up: an answer after none. */
		const starts = () => answers.filter((answer, index) => answer !== 'none' && answers[index - 1] === 'none').length;
		while (starts() < 4) {
			answers.push(
				await fetch(`http://127.0.0.1:${port}/health`).then(
					({ status }) => status,
					() => 'none' as const,
				),
			);
			await sleep(20);
		}
		expect(new Set(answers)).toEqual(new Set(['none', 503]));
	} finally {
		await demo.stop();
	}
});
