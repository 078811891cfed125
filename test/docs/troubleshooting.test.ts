import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const source = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile() && /\.(tsx?|sh)$/.test(entry.name))
	.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
	.join('\n')
	// The values put into a message are `…` on the page.
	.replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, '…')
	.replaceAll("\\'", "'");

const messages = [...readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map(
	([, message = '']) => message,
);

test('the page has messages', () => {
	expect(messages.length).toBeGreaterThan(30);
});

test.each(messages)('the program says: %s', (message) => {
	const missing = message
		.split(/…|port …: |: …/)
		.map((part) => part.trim())
		.filter((part) => part.length > 3 && !source.includes(part));
	expect(missing).toEqual([]);
});
