import { Console } from 'node:console';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { dashboard } from '../../src/main.tsx';

vi.mock('../../src/app.tsx', () => ({
	App: () => {
		throw new Error('this screen cannot be drawn');
	},
}));

const closed = vi.hoisted(() => vi.fn());
vi.mock('../../src/application/fleet/fleet.ts', async (original) => {
	const { createFleet } = await original<typeof import('../../src/application/fleet/fleet.ts')>();
	return {
		createFleet: (...args: Parameters<typeof createFleet>) => {
			const fleet = createFleet(...args);
			return { ...fleet, close: () => fleet.close().finally(closed) };
		},
	};
});

test('what is thrown while a screen is drawn ends the program, and the terminal is left whole', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-broken-'));
	writeFileSync(
		join(folder, 'backout.yaml'),
		`targets: { t: { host: local, directory: ${folder}, runbook: compose } }\n`,
	);
	const written: string[] = [];
	const { stdout, stdin } = process;
	const was = [stdout.isTTY, stdin.isTTY, stdout.write] as const;
	Object.assign(stdout, {
		isTTY: true,
		write: (text: string | Uint8Array, ...more: unknown[]) => {
			written.push(String(text));
			more.findLast((one): one is () => void => typeof one === 'function')?.();
			return true;
		},
	});
	stdin.isTTY = true;
	// The console of a test worker is not a whole one.
	Object.assign(console, { Console });
	onTestFinished(() => {
		[stdout.isTTY, stdin.isTTY, stdout.write] = was;
		rmSync(folder, { recursive: true });
	});
	await expect(dashboard({ config: join(folder, 'backout.yaml') })).rejects.toThrow('this screen cannot be drawn');
	// Open connections would keep the process alive for ever.
	expect(closed).toHaveBeenCalledOnce();
	const all = written.join('');
	expect(all.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(all.lastIndexOf('\u001b[?1049h'));
});
