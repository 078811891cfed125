import { afterEach, describe, expect, it } from 'vitest';
import type { Tone } from '../../src/components/line.ts';
import { type Depth, depthOf, paletteOf } from '../../src/components/theme.ts';
import { type ThemeName, themeNames } from '../../src/runbook/preferences.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

let opened: OpenedApp | undefined;
afterEach(async () => {
	await opened?.terminal.close();
	opened = undefined;
});

/** The number of the foreground colour of the first cell of a text, as the terminal has it. */
const colourAt = (app: OpenedApp, text: string): number | undefined => {
	const row = app.terminal.screen().findIndex((line) => line.includes(text));
	const column = app.terminal.screen()[row]?.indexOf(text) ?? -1;
	const cell = app.terminal.cell(row, column);
	return cell?.isFgDefault() ? undefined : cell?.getFgColor();
};

describe('a theme is seen on the screen', () => {
	const look: readonly [ThemeName, Depth, { bad?: number; good?: number; warn?: number }][] = [
		['dark', 'sixteen', { bad: 1, good: 2, warn: 3 }],
		['dark', 'many', { bad: 1, good: 2, warn: 3 }],
		['light', 'sixteen', { bad: 1, good: 2, warn: 5 }],
		['light', 'many', { bad: 124, good: 22, warn: 94 }],
		['high-contrast', 'sixteen', { bad: 9, good: 10, warn: 11 }],
		['high-contrast', 'many', { bad: 210, good: 46, warn: 226 }],
		['colour-blind', 'sixteen', { bad: 9, good: 12, warn: 11 }],
		['colour-blind', 'many', { bad: 208, good: 75, warn: 227 }],
		['colour-blind', 'none', {}],
	];
	it.each(look)('%s, %s colours', async (theme, depth, { bad, good, warn }) => {
		opened = await openApp({ theme, depth });
		// Glyph and word stand there whatever the colour is.
		expect(colourAt(opened, '✗ trading-engine')).toBe(bad);
		expect(colourAt(opened, 'restarting')).toBe(bad);
		expect(colourAt(opened, '● ibgateway')).toBe(good);
		expect(colourAt(opened, 'healthy')).toBe(good);
		expect(colourAt(opened, '◐ Roll back to an image')).toBe(warn);
	});

	it('lines of the log on the dashboard have the colour of their level, or are errors where the runbook says so', async () => {
		opened = await openApp();
		await opened.terminal.waitFor('9 Log of trading-engine');
		opened.fake.logs[0]?.output.append(
			new TextEncoder().encode('WARN late\n{"level":"error","message":"no margin"}\nlevel=warning msg=slow\nDone\n'),
		);
		await opened.terminal.waitFor('no margin');
		expect(colourAt(opened, 'ERROR leverage')).toBe(1);
		expect(colourAt(opened, 'INFO  exit 1')).toBe(1);
		expect(colourAt(opened, 'WARN late')).toBe(3);
		// Laid out: its level, then its message.
		expect(opened.text()).not.toContain('"message"');
		expect(colourAt(opened, 'no margin')).toBe(1);
		expect(colourAt(opened, 'level=warning')).toBe(3);
		expect(colourAt(opened, 'Done')).toBeUndefined();
	});

	it('what is destructive is so in the list of commands, too', async () => {
		opened = await openApp();
		await opened.terminal.press(':');
		await opened.terminal.send('stop');
		await opened.terminal.waitFor('Stop everything, destructive');
		await opened.terminal.press('down');
		await opened.terminal.waitFor(/› (?!stop-everything)/);
		expect(colourAt(opened, 'Stop everything, destructive')).toBe(1);
	});

	it('is changed from the palette while the screen is shown, every row of it', async () => {
		opened = await openApp({ depth: 'many' });
		await opened.terminal.press(':');
		await opened.terminal.send('theme high');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Theme high-contrast.');
		expect(colourAt(opened, '✗ trading-engine')).toBe(210);
		expect(colourAt(opened, '● ibgateway')).toBe(46);
		await opened.terminal.press(':');
		await opened.terminal.send('theme dark');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Theme dark.');
		expect(colourAt(opened, '✗ trading-engine')).toBe(1);
	});

	it('is chosen by looking at it; Esc puts back what was there', async () => {
		opened = await openApp({ depth: 'many' });
		const choosing = async (app: OpenedApp) => {
			await app.terminal.press(':');
			await app.terminal.send('theme');
			await app.terminal.press('enter');
			await app.terminal.waitFor('Enter apply');
			await app.terminal.press('j');
			await app.terminal.press('j');
			await app.terminal.waitFor(() => colourAt(app, '● ibgateway') === 46);
		};
		await choosing(opened);
		await opened.terminal.press('esc');
		await opened.terminal.waitFor((rows) => !rows.some((row) => row.includes('Enter apply')));
		expect(colourAt(opened, '● ibgateway')).toBe(2);
		await choosing(opened);
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Theme high-contrast.');
		expect(colourAt(opened, '● ibgateway')).toBe(46);
	});

	it('has its own background under all but the output in high contrast', async () => {
		opened = await openApp({ theme: 'high-contrast', depth: 'many' });
		for (const row of [0, 3, 10]) {
			for (const column of [0, 40, 119]) {
				expect(opened.terminal.cell(row, column)?.isBgDefault()).toBe(false);
			}
		}
	});
});

// The colours 16 to 255 are the same in every terminal: a cube of six steps a channel, and a ramp of greys.
const rgb = (number: number): [number, number, number] => {
	if (number >= 232) {
		const grey = 8 + (number - 232) * 10;
		return [grey, grey, grey];
	}
	const step = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
	const index = number - 16;
	return [step(Math.floor(index / 36)), step(Math.floor(index / 6) % 6), step(index % 6)];
};
const linear = (channel: number) => {
	const share = channel / 255;
	return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};
/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (colour: readonly number[]) =>
	[0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => sum + weight * linear(colour[at] ?? 0), 0);
const contrast = (a: readonly number[], b: readonly number[]) => {
	const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
	return (high + 0.05) / (low + 0.05);
};
const coloursOf = (code: string) => ({
	foreground: /38;5;(\d+)/.exec(code)?.[1],
	background: /48;5;(\d+)/.exec(code)?.[1],
});

describe('a theme can be read', () => {
	it.each([
		// Usual colours of a terminal's background.
		['light', 4.5, ['#ffffff', '#fdf6e3', '#eeeeee']],
		['colour-blind', 4.5, ['#000000', '#1e1e1e', '#002b36', '#2e3440']],
		['high-contrast', 7, []],
	] as const)('%s has a contrast of %d at least', (theme, least, backgrounds) => {
		const palette = paletteOf(theme, 'many');
		for (const [tone, code] of Object.entries(palette) as [Tone, string][]) {
			const { foreground, background } = coloursOf(code);
			if (foreground === undefined) {
				// The terminal's own colours, as they are or the other way round.
				expect(theme).not.toBe('high-contrast');
				expect(['plain', 'strong', 'selected']).toContain(tone);
				continue;
			}
			const against =
				background === undefined
					? backgrounds.map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)))
					: [rgb(Number(background))];
			expect(against).not.toEqual([]);
			for (const other of against) {
				expect(contrast(rgb(Number(foreground)), other), `${tone} on ${other}`).toBeGreaterThanOrEqual(least);
			}
		}
	});

	it('colour-blind keeps good, doubtful and bad apart without red or without green cones', () => {
		// Machado, Oliveira and Fernandes (2009), severity 1: what is left of a colour, in linear light.
		const blindness = {
			protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
			deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
		};
		const apart = (matrix: readonly number[]) => {
			const palette = paletteOf('colour-blind', 'many');
			const seen = (['good', 'warn', 'bad'] as const).map((tone) => {
				const colour = rgb(Number(coloursOf(palette[tone]).foreground)).map(linear);
				return [0, 1, 2].map((row) =>
					[0, 1, 2].reduce((sum, column) => sum + (matrix[row * 3 + column] ?? 0) * (colour[column] ?? 0), 0),
				);
			});
			const lab = seen.map(oklab);
			const distance = (a: number, b: number) =>
				Math.hypot(...[0, 1, 2].map((at) => (lab[a]?.[at] ?? 0) - (lab[b]?.[at] ?? 0)));
			return Math.min(distance(0, 1), distance(0, 2), distance(1, 2));
		};
		for (const matrix of Object.values(blindness)) {
			expect(apart(matrix)).toBeGreaterThan(0.15);
		}
	});

	it('tells how many colours there are by the environment', () => {
		expect(depthOf({ TERM: 'linux' })).toBe('sixteen');
		expect(depthOf({ TERM: 'xterm-256color' })).toBe('many');
		expect(depthOf({ TERM: 'xterm', COLORTERM: 'truecolor' })).toBe('many');
		expect(depthOf({ TERM: 'xterm-256color', NO_COLOR: '1' })).toBe('none');
		expect(depthOf({ TERM: 'xterm-256color', NO_COLOR: '' })).toBe('many');
		expect(depthOf({ TERM: 'dumb', COLORTERM: 'truecolor' })).toBe('none');
	});

	it.each(themeNames)('%s has no colour at all without colours', (theme) => {
		for (const code of Object.values(paletteOf(theme, 'none'))) {
			expect(code).toMatch(/^(?:|[127](?:;7)?)$/);
		}
	});
});

/** Linear light to Oklab (Ottosson 2020), in which distances are as large as they look. */
const oklab = (linearLight: readonly number[]): number[] => {
	const [r = 0, g = 0, b = 0] = linearLight.map((value) => Math.max(0, value));
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
	return [
		0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
		1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
		0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
	];
};
