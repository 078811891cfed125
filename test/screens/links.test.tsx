import { describe, expect, it } from 'vitest';
import { linkSpan, span } from '../../src/components/line.ts';
import { paint } from '../../src/components/paint.ts';
import { paletteOf } from '../../src/components/theme.ts';
import { opensLinks } from '../../src/terminal/osc.ts';
import { openApp } from './open-app.tsx';

const grafana = '\u001b]8;;http://94.130.228.55:3000/\u001b\\';

describe('links', () => {
	it('can be opened where the terminal does that, and change nothing of what is seen', async () => {
		const app = await openApp({ links: true });
		expect(app.terminal.raw).toContain(grafana);
		const shown = app.text();
		// A dialog is Ink's to draw, and with it all that lies under it.
		const before = app.terminal.raw.length;
		await app.terminal.press('?');
		await app.terminal.waitFor('Keys');
		expect(app.terminal.raw.slice(before)).toContain('\u001b]8;;http');
		await app.terminal.press('esc');
		expect(app.text()).toBe(shown);
		await app.terminal.close();
		const without = await openApp();
		expect(without.text()).toBe(shown);
		expect(without.terminal.raw).not.toContain('\u001b]8;');
	});

	it('end where their text is cut, and with nothing else in them than an address', () => {
		const look = { palette: paletteOf('dark', 'sixteen'), links: true };
		const row = [span('Page '), linkSpan('http://a.example/long', 'http://a.example/long', 'plain')];
		expect(paint([row], 12, look)).toBe('Page \u001b]8;;http://a.example/long\u001b\\http:/…\u001b]8;;\u001b\\');
		const hostile = linkSpan('x', 'http://a/\u001b\\\u001b]52;c;eA==\u0007', 'plain');
		expect(paint([[hostile]], 1, look).replaceAll(/\u001b\](8;;[!-~]*)\u001b\\/g, '')).toBe('x');
		expect(paint([[linkSpan('x', 'file:///etc/passwd', 'plain')]], 1, look)).toBe('x');
		expect(paint([row], 12, { ...look, links: false })).toBe('Page http:/…');
	});

	it('are written to terminals that are known to take them', () => {
		expect(opensLinks({ TERM: 'xterm-256color' })).toBe(false);
		expect(opensLinks({ TERM: 'linux', VTE_VERSION: '4800' })).toBe(false);
		expect(opensLinks({ TERM: 'xterm-256color', VTE_VERSION: '7600' })).toBe(true);
		expect(opensLinks({ TERM: 'xterm-kitty' })).toBe(true);
		expect(opensLinks({ TERM: 'xterm-kitty', FORCE_HYPERLINK: '0' })).toBe(false);
		expect(opensLinks({ TERM: 'xterm', FORCE_HYPERLINK: '1' })).toBe(true);
	});
});
