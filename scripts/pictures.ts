// Makes the pictures of the README from a real run: breaks the lab, opens backout in a pseudo-terminal, presses the keys
// an operator presses, and draws what the terminal shows. `npm run pictures`, with the lab up.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pictureOf } from '../test/helpers/picture.ts';
import { pressUntil } from '../test/helpers/press-until.ts';
import { type Pty, startInPty } from '../test/helpers/pty.ts';
import { labConfig } from '../test/lab/config.ts';
import { breakLab, ensureLab, healLab } from '../test/lab/index.ts';

const root = join(import.meta.dirname, '..');
const pictures = join(root, 'docs', 'pictures');
mkdirSync(pictures, { recursive: true });

const info = await ensureLab((line) => process.stdout.write(`lab: ${line}\n`));
// The config, state and host of the lab have paths of this machine in them; a picture shows them under the names of a
// host as an operator would have it.
const folder = mkdtempSync(join(tmpdir(), 'backout-'));
writeFileSync(join(folder, 'backout.yaml'), labConfig(info, { state: join(folder, 'state') }));
const shown = (text: string): string =>
	text
		.replaceAll(`${info.user}@${info.sshHost}:${info.sshPort}`, 'root@203.0.113.7')
		.replaceAll(info.directory, '/srv/abstractfinance');

const save = async (pty: Pty, name: string, title: string): Promise<void> => {
	await pty.drawn();
	writeFileSync(join(pictures, `${name}.svg`), pictureOf(pty, title, shown));
	process.stdout.write(`${name}.svg\n`);
};

try {
	await breakLab('crash-commit');
	const pty = startInPty(process.execPath, [join(root, 'bin', 'backout.js')], { columns: 120, rows: 36, cwd: folder });
	await pty.waitFor(/Suggested[^\n]*\n[^\n]*Engine crash after/, 30_000);
	await pty.waitFor(/trading-engine +restarting/, 30_000);
	await pty.waitFor(/[4-9] firing|[1-9] firing/, 30_000);
	await pty.waitFor(/trading-engine +restarting +\d/, 30_000);
	await save(pty, 'dashboard', 'The dashboard in front of a crash loop');
	pty.press('enter');
	await pty.waitFor(/1 back/, 20_000);
	pty.press('enter');
	await pty.waitFor('Nothing has been changed yet', 30_000);
	await save(pty, 'plan', 'The plan: exactly what will run');
	pty.press('enter');
	await pty.waitFor('Start it now?');
	await pressUntil(pty, 'y', /step \d of \d|Steps done/, 20_000);
	await pty.waitFor(/all hold for 0:0[5-9]/, 120_000);
	await save(pty, 'run', 'A run: its steps, its output, and the checks turning green');
	await pty.waitFor('Rolled back and verified', 120_000);
	await save(pty, 'verified', 'Rolled back and verified');
	await pty.close();
} finally {
	await healLab();
	rmSync(folder, { recursive: true, force: true });
}
process.exit();
