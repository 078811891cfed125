import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { startInPty } from '../helpers/pty.ts';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-'));
	writeFileSync(join(folder, 'backout.yaml'), 'targets:\n  production:\n    host: local\n    directory: /srv/app\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a locale without UTF-8 gets signs in ASCII', async () => {
	const pty = startInPty(process.execPath, [program], { cwd: folder, env: { LANG: 'C', LC_ALL: '', LC_CTYPE: '' } });
	await pty.waitFor('7 Procedures');
	expect(pty.raw).toMatch(/^[\u0000-\u007f]*$/);
	await pty.close();
});
