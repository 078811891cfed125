import { Terminal } from '@xterm/headless';
import { expect, it } from 'vitest';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { CLIPBOARD_LIMIT, clipboardSequence, hyperlink } from '../../src/terminal/osc.ts';
import { restoreTerminal } from '../../src/terminal/restore.ts';
import { createVirtualTerminal, shellModes } from '../helpers/virtual-terminal.ts';

it('puts a text on the clipboard', async () => {
	const terminal = new Terminal({ allowProposedApi: true });
	let copied = '';
	terminal.parser.registerOscHandler(52, (data) => {
		copied = Buffer.from(data.replace(/^c;/, ''), 'base64').toString('utf8');
		return true;
	});
	await new Promise<void>((resolve) => {
		terminal.write(clipboardSequence(maskSecrets('docker logs ✓')) ?? '', resolve);
	});
	expect(copied).toBe('docker logs ✓');
	terminal.dispose();
	expect(clipboardSequence(maskSecrets('x'.repeat(CLIPBOARD_LIMIT)))).toBeUndefined();
});

it('makes links of addresses that a browser opens, and of nothing else', () => {
	expect(hyperlink('logs', 'https://example.org/a b?q=é')).toBe(
		'\u001b]8;;https://example.org/a%20b?q=%C3%A9\u001b\\logs\u001b]8;;\u001b\\',
	);
	expect(hyperlink('logs', 'file:///etc/passwd')).toBe('logs');
	expect(hyperlink('logs', 'not an address')).toBe('logs');
	const sly = hyperlink('logs', 'https://example.org/\u001b\\\u0007\u001b]0;title\u0007');
	expect(sly.split('\u001b')).toHaveLength(5);
	expect(sly).not.toContain('\u0007');
});

it('leaves alone what was printed after the alternate screen', async () => {
	const shown = createVirtualTerminal(20, 5);
	shown.write('before\r\n\u001b[?1049hthe screen\u001b[?1049lbackout: an error\r\n');
	restoreTerminal({ isTTY: true, write: (data) => shown.write(data) }, {}, false);
	shown.write('$ ');
	await shown.drawn();
	expect(shown.screen().slice(0, 3)).toEqual(['before', 'backout: an error', '$']);
	shown.dispose();
});

it('restores a terminal, whatever state it was left in', async () => {
	const shown = createVirtualTerminal(20, 5);
	shown.write('\u001b[?1049h\u001b[?25l\u001b[?2004h\u001b[?1003h\u001b[?1006h\u001b[?7l\u001b[?2026h\u001b[31;7m');
	await shown.drawn();
	let raw = true;
	restoreTerminal(
		{ isTTY: true, write: (data) => shown.write(data) },
		{
			isTTY: true,
			isRaw: true,
			setRawMode: (on) => {
				raw = on;
			},
		},
	);
	await shown.drawn();
	expect(raw).toBe(false);
	expect(shown.modes()).toEqual(shellModes);
	shown.dispose();
	expect(() =>
		restoreTerminal(
			{
				isTTY: true,
				write: () => {
					throw new Error('EIO');
				},
			},
			{},
		),
	).not.toThrow();
});
