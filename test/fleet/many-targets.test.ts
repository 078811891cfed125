import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ServedDemo, serveDemo } from '../demo/demo.ts';
import { readLines } from '../helpers/output-lines.ts';
import { program } from '../helpers/program.ts';
import { startInPty } from '../helpers/pty.ts';
import { sshdMissing } from '../ssh/sshd.ts';
import { startManyTargets } from './many-targets.ts';

// Fifty handshakes and what follows them, on a machine that does much else.
const patience = 240_000;
vi.setConfig({ testTimeout: 2 * patience, hookTimeout: patience });

const missing = sshdMissing() ?? (process.platform === 'linux' ? undefined : 'it looks into /proc');

describe.skipIf(missing !== undefined)('many targets', () => {
	let demo: ServedDemo;
	beforeAll(async () => {
		demo = await serveDemo('gateway');
	});
	afterAll(() => demo?.stop());

	const oneConnectionEach = async (count: number) => {
		const many = await startManyTargets({ count, demo: demo.config, passphrase: 'open sesame' });
		const screen = startInPty(process.execPath, [program, '--config', many.config, 'targets'], { rows: 70 });
		try {
			await screen.waitFor('Passphrase for', patience);
			await screen.waitFor(/for \S+@127/, patience);
			// A question takes no key in its first quarter of a second.
			await new Promise((resolve) => setTimeout(resolve, 500));
			screen.send('open sesame');
			screen.press('enter');
			await screen.waitFor(/starting|failing/, patience);
			// Each goes from `starting` to what is so: none is in doubt meanwhile.
			await screen.waitFor((rows) => !/starting|Passphrase/.test(rows.join('\n')), patience);
			expect(screen.screen().join('\n')).not.toMatch(/in doubt|unreachable/);
			await screen.waitFor(
				(rows) => [`✗ ${count} failing`, ...many.names].every((part) => rows.join('\n').includes(part)),
				patience,
			);
			expect(many.connectionsOf(screen.pid)).toBe(count);

			screen.press('enter');
			await screen.waitFor('Containers', patience);
			screen.press('T');
			await screen.waitFor('All targets', patience);
			expect(many.connectionsOf(screen.pid)).toBe(count);

			screen.press('esc');
			await screen.waitFor('Containers', patience);
			screen.press('q');
			expect((await screen.exited).code).toBe(0);
			await expect.poll(() => many.sessions(), { timeout: patience }).toBe(0);
		} finally {
			await screen.close();
			await many.stop();
		}
	};
	const promise =
		'%i: one connection each, one passphrase for all, kept when a dashboard is opened, and gone at the end';
	test.each([6])(promise, oneConnectionEach);
	test.each([50])(promise, { tags: 'long' }, oneConnectionEach);

	test('status --all tells of each, also of one that is not reached, and ends with the worst', async () => {
		const many = await startManyTargets({ count: 3, demo: demo.config });
		try {
			const { targets } = JSON.parse(await readFile(many.config, 'utf8'));
			const config = join(many.config, '..', 'with-one-gone.yaml');
			// Nothing listens on the port discard.
			const gone = { ...targets['target-01'], host: 'root@127.0.0.1:9' };
			await writeFile(config, JSON.stringify({ targets: { ...targets, gone } }));
			const told = await demo.backoutApart('--config', config, 'status', '--all', '--json');
			const lines = readLines(told.stdout) as readonly Record<string, unknown>[];
			expect(lines.map(({ target }) => target).toSorted()).toEqual(['gone', 'target-01', 'target-02', 'target-03']);
			expect(lines.find(({ target }) => target === 'gone')).toMatchObject({
				type: 'status',
				ok: false,
				link: { status: 'refused', reason: expect.stringContaining('connection refused') },
			});
			expect(told.code).toBe(3);
			const text = await demo.backoutApart('--config', many.config, 'status', '--all');
			expect(text.stdout).toMatch(/target-03 .*checks failed: .*gateway.* of 7 run/);
			expect(text.code).toBe(1);
		} finally {
			await many.stop();
		}
	});
});
