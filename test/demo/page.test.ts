import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromium, openBrowser, type Tab } from '../helpers/browser.ts';
import { readLines } from '../helpers/output-lines.ts';
import { backout, type ServedDemo, serveDemo } from './demo.ts';

const patience = { timeout: 120_000, interval: 250 };

let demo: ServedDemo;
const started: ChildProcess[] = [];

/** Starts `backout serve` against the demo host, and resolves with what it says first. */
const serve = async (...args: string[]) => {
	const child = spawn(process.execPath, [backout, '--config', demo.config, 'serve', '--json', ...args], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	started.push(child);
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	const [said] = readLines(
		await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve)),
	) as readonly { readonly url?: string; readonly file?: string }[];
	return {
		url: said?.url ?? '',
		file: said?.file ?? '',
		stop: () => {
			child.kill('SIGTERM');
			return ended;
		},
	};
};

const words = (page: string): string =>
	page
		.replace(/<(style|script)>.*?<\/\1>/gs, '')
		.replace(/<[^>]+>/g, ' ')
		.replace(/\s+/g, ' ');

beforeAll(async () => {
	demo = await serveDemo('crash');
});
afterAll(async () => {
	for (const child of started) {
		child.kill('SIGTERM');
	}
	await demo?.stop();
});

test('the page follows the incident, a run with its output, and its recorded verdict', { tags: 'long' }, async () => {
	const page = await serve('--port', '0');
	const text = async () => words(await (await fetch(page.url)).text());
	await expect.poll(text, patience).toMatch(/demo .*✗ failing .*Container health failed.*trading-engine/);
	expect(await text()).toContain('Nothing has been run here yet.');
	const run = demo.backout('run', 'engine-crash', '--yes', '--reason', 'crashes since the deployment');
	await expect.poll(text, patience).toMatch(/Run in progress .*: crashes since the deployment/);
	await expect.poll(text, patience).toMatch(/Output.*trading-engine will run sha256:/);
	const { code, said } = await run;
	expect(code, said).toBe(0);
	await expect.poll(text, patience).toMatch(/Newest run .*Rolled back and verified .* by .*@/);
	await expect.poll(text, patience).toMatch(/Runs, the newest first ✓ \d\d:\d\d .* verified/);
	expect(await text()).toContain('● well');
	expect(await page.stop()).toBe(130);
});

test('the page in a file is current, and its last words say that it has ended', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-page-'));
	const file = join(folder, 'index.html');
	try {
		const page = await serve('--write', file);
		expect(page.file).toBe(file);
		const text = () => words(readFileSync(file, 'utf8'));
		await expect.poll(text, patience).toContain('● link up');
		const at = () => Number(/data-at="(\d+)"/.exec(readFileSync(file, 'utf8'))?.[1]);
		const before = at();
		await expect.poll(at, patience).toBeGreaterThan(before);
		expect(text()).not.toContain('backout has ended');
		await page.stop();
		expect(text()).toContain('backout has ended');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

describe.skipIf(chromium === undefined)('in a real browser', () => {
	let tab: Tab;
	beforeAll(async () => {
		tab = await openBrowser();
	});
	afterAll(() => tab?.close());
	const shown = () => tab.evaluate<string>('document.body.innerText.replace(/\\s+/g, " ")');

	test('it refreshes in place, fits a phone and a big screen, and says when it is old', { tags: 'long' }, async () => {
		const page = await serve('--port', '0');
		await tab.open(page.url);
		await expect.poll(shown, patience).toContain('link up');
		await tab.evaluate('window.kept = true');
		const at = () => tab.evaluate<string>('document.querySelector("main").dataset.at');
		const before = await at();
		await expect.poll(at, patience).not.toBe(before);
		expect(await tab.evaluate('window.kept')).toBe(true);
		for (const [width, height, dark] of [
			[360, 640, true],
			[390, 844, false],
			[1920, 1080, true],
			[3840, 2160, false],
		] as const) {
			await tab.view({ width, height, dark, mobile: width < 500 });
			const fits = await tab.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
			expect([width, fits]).toEqual([width, true]);
			// Colours of text and ground differ enough to be read (WCAG 2.2, 1.4.3).
			expect([width, dark, await tab.evaluate(leastContrast)]).toEqual([
				width,
				dark,
				expect.toSatisfy((is: number) => is >= 4.5),
			]);
		}
		expect(await tab.evaluate('document.getElementById("stale").hidden')).toBe(true);
		expect(tab.complaints).toEqual([]);
		await page.stop();
		await expect.poll(shown, patience).toContain('This page is old: nothing newer has come for');
	});

	test('a page in a file loads itself again', { tags: 'long' }, async () => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-page-'));
		try {
			const page = await serve('--write', join(folder, 'index.html'));
			await tab.open(pathToFileURL(page.file).href);
			await expect.poll(shown, patience).toContain('link up');
			await page.stop();
			await expect.poll(shown, patience).toContain('backout has ended');
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});

/** Returns the least contrast of any text on the page with what is behind it. */
const leastContrast = `(() => {
	const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
	const light = (colour) => {
		const [r, g, b] = numbers(colour).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (element) => {
		const colour = getComputedStyle(element).backgroundColor;
		return numbers(colour)[3] === 0 ? behind(element.parentElement) : colour;
	};
	let least = 21;
	for (const element of document.querySelectorAll('body *')) {
		const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
		if (ownText && element.getClientRects().length > 0) {
			const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
			least = Math.min(least, (a + 0.05) / (b + 0.05));
		}
	}
	return least;
})()`;
