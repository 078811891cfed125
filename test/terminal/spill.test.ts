import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { openSpillFile } from '../../src/services/files/spill-file.ts';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import type { OutputBuffer } from '../../src/stores/output-buffer.ts';
import { createPaneView, type PaneView } from '../../src/stores/pane-view.ts';
import type { Spill } from '../../src/stores/spill.ts';
import { until } from '../helpers/until.ts';

const text = (buffer: OutputBuffer, line: number) => {
	const bytes = buffer.line(line);
	return bytes && Buffer.from(bytes).toString('latin1');
};

const memorySpill = (): Spill & { failed: boolean } => {
	let all = Buffer.alloc(0);
	return {
		failed: false,
		append: (bytes) => {
			all = Buffer.concat([all, bytes]);
		},
		read: (from, length) => all.subarray(from, from + length),
		close: () => {},
	};
};

const folder = (): { readonly env: NodeJS.ProcessEnv; readonly cache: string } => {
	const cache = mkdtempSync(join(tmpdir(), 'backout-spill-'));
	onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
	return { env: { XDG_CACHE_HOME: cache }, cache };
};

describe('an output buffer that spills', () => {
	it('gives every line from the first one on, however the bytes are cut', () => {
		const chunk = fc.array(fc.constantFrom('a', 'bb', '\n', 'ccc', '\n\n', 'dddddddddd'), { maxLength: 30 });
		fc.assert(
			fc.property(fc.array(chunk, { maxLength: 20 }), fc.integer({ min: 8, max: 64 }), (chunks, bytes) => {
				const small = createOutputBuffer({ bytes, lines: 16, lineBytes: 7, spill: memorySpill });
				const large = createOutputBuffer({ lineBytes: Math.min(7, Math.floor(bytes / 2)) });
				for (const each of chunks) {
					small.append(Buffer.from(each.join('')));
					large.append(Buffer.from(each.join('')));
				}
				expect(small.lineCount).toBe(large.lineCount);
				expect(small.firstLine).toBe(0);
				for (let line = 0; line < large.lineCount; line++) {
					expect(text(small, line)).toBe(text(large, line));
				}
			}),
		);
	});

	it('tells when a line came also of those on disk', () => {
		let now = 1_700_000_000_000;
		const buffer = createOutputBuffer({ bytes: 64, now: () => now, spill: memorySpill });
		for (let line = 0; line < 100; line++) {
			buffer.append(Buffer.from(`line ${line}\n`));
			now += 250;
		}
		expect(buffer.memoryFrom).toBeGreaterThan(50);
		expect(buffer.time?.(10)).toBe(1_700_000_002_000);
		expect(buffer.time?.(11)).toBe(1_700_000_002_000);
	});

	it('drops the oldest lines, and says so, when nothing can be kept', () => {
		for (const spill of [() => undefined, () => Object.assign(memorySpill(), { failed: true })]) {
			const buffer = createOutputBuffer({ bytes: 64, spill });
			for (let line = 0; line < 100; line++) {
				buffer.append(Buffer.from(`line ${line}\n`));
			}
			expect(buffer.firstLine).toBe(buffer.memoryFrom);
			expect(text(buffer, 0)).toBeUndefined();
			expect(text(buffer, 99)).toBe('line 99');
		}
	});

	it('does not spill what has room in memory', () => {
		const buffer = createOutputBuffer({
			bytes: 1000,
			lines: 1000,
			spill: () => {
				throw new Error('not now');
			},
		});
		buffer.append(Buffer.from('x\n'.repeat(200)));
		expect(text(buffer, 0)).toBe('x');
	});
});

describe('a spill file', () => {
	it('gives back what was added, while it is being written and afterwards', async () => {
		const { env, cache } = folder();
		const spill = openSpillFile(env);
		const pieces = Array.from({ length: 300 }, (_, at) => Buffer.alloc(100_000, at % 251));
		for (const [at, piece] of pieces.entries()) {
			spill?.append(piece);
			if (at % 7 === 0) {
				expect(spill?.read(at * 100_000, 100_000)).toEqual(new Uint8Array(piece));
				await new Promise((resolve) => setImmediate(resolve));
			}
		}
		const whole = Buffer.concat(pieces);
		expect(Buffer.from(spill?.read(12_345, 20_000_000) ?? []).equals(whole.subarray(12_345, 20_012_345))).toBe(true);
		expect(spill?.failed).toBe(false);
		// It has no name, so nothing is left over, whatever happens to this process.
		expect(readdirSync(join(cache, 'backout', 'output'))).toEqual([]);
		spill?.close();
		expect(spill?.read(0, 1)).toBeUndefined();
	});

	it('gives up at its limit, and where there is no room', () => {
		const { env } = folder();
		const small = openSpillFile(env, { most: 1000 });
		small?.append(new Uint8Array(900));
		expect(small?.failed).toBe(false);
		small?.append(new Uint8Array(200));
		expect(small?.failed).toBe(true);
		expect(small?.read(0, 10)).toBeUndefined();
		const full = openSpillFile(env, { free: Number.MAX_SAFE_INTEGER / 2 });
		full?.append(new Uint8Array(1));
		expect(full?.failed).toBe(true);
	});

	it('is not there where its folder cannot be made', () => {
		expect(openSpillFile({ XDG_CACHE_HOME: '/dev/null/cache' })).toBeUndefined();
	});
});

describe('a search in lines on disk', () => {
	const views: PaneView[] = [];
	afterEach(() => views.splice(0).map((view) => view.search('')));

	const open = (count: number, line = (at: number) => `line ${at}`) => {
		const { env } = folder();
		const buffer = createOutputBuffer({ bytes: 4096, lines: 100_000, spill: () => openSpillFile(env) });
		onTestFinished(() => buffer.close());
		for (let at = 0; at < count; at++) {
			buffer.append(Buffer.from(`${line(at)}\n`));
		}
		const view = createPaneView(buffer);
		views.push(view);
		view.draw({ width: 80, height: 10, title: 'x', focused: true });
		return view;
	};
	const found = (view: PaneView) => until(view.state, ({ searching }) => searching === undefined);

	it('finds it, the one before it, and goes round', async () => {
		const view = open(200_000, (at) => (at % 50_000 === 7 ? `Needle ${at}` : `line ${at}`));
		view.search('needle');
		expect(view.state.get().searching).toBeDefined();
		expect((await found(view)).match).toBe(150_007);
		view.previous();
		expect((await found(view)).match).toBe(100_007);
		view.next();
		view.next();
		expect((await found(view)).match).toBe(150_007);
		view.next();
		expect((await found(view)).match).toBe(7);
		const shown = view.draw({ width: 80, height: 10, title: 'x', focused: true });
		expect(shown.map((row) => row.text).join('\n')).toContain('eedle');
	});

	it('sees through colours, and says when there is none', async () => {
		const view = open(20_000, (at) => (at === 300 ? 'ne\u001b[31med\u001b[0mle' : `line ${at}`));
		view.search('needle');
		expect((await found(view)).match).toBe(300);
		view.search('thread');
		expect((await found(view)).match).toBeUndefined();
		expect(view.draw({ width: 80, height: 10, title: 'x', focused: true })[0]?.text).toContain('/thread not found');
	});

	it('is ended by the end of the search', () => {
		const view = open(20_000);
		view.search('nothing');
		expect(view.draw({ width: 80, height: 10, title: 'x', focused: true })[0]?.text).toContain(
			'/nothing … 0 %, esc ends it',
		);
		view.search('');
		expect(view.state.get()).toMatchObject({ query: '', searching: undefined });
	});
});
