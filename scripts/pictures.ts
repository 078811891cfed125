// Makes the pictures of README and docs from a real run: breaks the lab, opens backout in a pseudo-terminal, presses the keys
// an operator presses, and draws what the terminal shows. `npm run pictures`; the lab is brought up where it is not. The pictures of
// several targets and of the journal are of the demo, which has a second deployment of the same project beside the broken one.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pictureOf, wholeFrame } from '../test/helpers/picture.ts';
import { pressUntil } from '../test/helpers/press-until.ts';
import { type Pty, startInPty } from '../test/helpers/pty.ts';
import { labConfig } from '../test/lab/config.ts';
import { breakLab, ensureLab, healLab, labRuns, readLabInfo, stopLab } from '../test/lab/index.ts';

const root = join(import.meta.dirname, '..');
const pictures = join(root, 'docs', 'pictures');
const usual = { columns: 120, rows: 36 };
/** For lists, which do not fill the usual size. */
const lower = { columns: 120, rows: 24 };

const wasUp = (await labRuns()).docker;
await ensureLab((line) => process.stdout.write(`lab: ${line}\n`));
const info = readLabInfo();
// The lab's config, state and host contain paths of this machine; a picture shows them as an operator's host would have them.
const folder = mkdtempSync(join(tmpdir(), 'backout-'));
// The owner of the deployment, as whom git runs, must be able to reach the runs.
chmodSync(folder, 0o755);
writeFileSync(join(folder, 'backout.yaml'), labConfig(info, { state: join(folder, 'state') }));
const named = 'root@203.0.113.7';
/** The host of the lab, and those of the demo. */
const hostWord = /\w+@127\.0\.0\.1:\d+\S*/g;
const shown = (text: string): string =>
	text
		.replaceAll(info.directory, '/srv/abstractfinance')
		.replaceAll(/\/tmp\/bo-demo-\w+\/srv/g, '/srv')
		.replaceAll(/\w+@127\.0\.0\.1:\d+(?=:\/)/g, named)
		// As wide as before, as it may be in a column; what follows it in the same word stays beside it: `(root@203.0.113.7).   `.
		.replaceAll(hostWord, (word) => word.replace(/\w+@127\.0\.0\.1:\d+/, named).padEnd(word.length));

// Called by its name on the PATH, so that the commands on the screen use that name too.
const bin = mkdtempSync(join(tmpdir(), 'backout-bin-'));
symlinkSync(join(root, 'bin', 'backout.js'), join(bin, 'backout'));
const open = (args: readonly string[] = [], size = usual): Pty =>
	startInPty(process.execPath, [join(bin, 'backout'), ...args], {
		...size,
		cwd: folder,
		env: { PATH: `${bin}:${process.env.PATH ?? ''}` },
	});

const save = async (pty: Pty, name: string, title: string): Promise<void> => {
	await wholeFrame(pty);
	writeFileSync(join(pictures, `${name}.svg`), pictureOf(pty, title, shown));
	process.stdout.write(`${name}.svg\n`);
};

/** Opens the dashboard on a crash loop, with everything that the picture has to show. */
const crashed = async (pty: Pty): Promise<void> => {
	await pty.waitFor(/Suggested[^\n]*\n[^\n]*Engine crash after/, 60_000);
	await pty.waitFor(/trading-engine +restarting +\d/, 60_000);
	await pty.waitFor(/alertmanager[^\n]*\d%/, 30_000);
	await settled(pty);
};

/** Waits until the checks have run, and the log of the service is there. */
const settled = async (pty: Pty): Promise<void> => {
	const isRead = (screen: string[]) =>
		screen.some((row) => /[3-9] of \d checks failed/.test(row)) &&
		!screen.some((row) => /not read yet|not checked yet/.test(row));
	await pty.waitFor(isRead, 90_000);
	await pty.waitFor(/KeyError/, 30_000);
};

/** Shows the overlays of the dashboard, one after the other. */
const around = async (): Promise<void> => {
	const pty = open();
	// A history of CPU and memory, a cell for every ten seconds.
	await pty.waitFor(/alertmanager[^\n]*\d%[^\n]*[▁-█]{6}/, 180_000);
	await crashed(pty);
	await save(pty, 'dashboard', 'The dashboard in front of a crash loop');
	pty.press('?');
	await pty.waitFor('Everywhere');
	await save(pty, 'help', 'The keys, as they are where one is');
	pty.press('esc');
	pty.press('2', 'enter');
	await pty.waitFor('Command', 20_000);
	await save(pty, 'checks', 'The evidence of a check: what was asked, what came, and when');
	pty.press('esc');
	await pty.waitFor('Procedures', 20_000);
	pty.press('1', 'l');
	await pty.waitFor(/^(?![\s\S]*Procedures)[\s\S]*KeyError/, 30_000);
	pty.press('E');
	await save(pty, 'logs', 'The log of a service');
	await pty.close();

	const small = open([], { columns: 80, rows: 24 });
	await small.waitFor(/trading-engine +restarting +\d/, 60_000);
	await settled(small);
	await save(small, 'small', 'The dashboard at 80×24');
	await small.close();
};

/** Waits until the keys offer this one: a screen that has just opened takes no key yet, and offers none. The demo has a row below. */
const offered = (pty: Pty, key: string): Promise<void> =>
	pty.waitFor((screen) => screen.slice(-2).some((row) => row.includes(key)), 60_000);

const choose = async (): Promise<void> => {
	const pty = open(['--target', 'lab'], lower);
	await crashed(pty);
	pty.press('enter');
	await pty.waitFor('Taken back', 60_000);
	await offered(pty, 'Enter choose');
	await save(pty, 'choice', 'What an input may be: a live list, resolved to a hash');
	await pty.close();
};

const rollBack = async (): Promise<void> => {
	const pty = open(['--target', 'lab']);
	await crashed(pty);
	pty.press('enter');
	await offered(pty, 'Enter choose');
	pty.press('enter');
	await pty.waitFor('Nothing has changed yet', 30_000);
	await offered(pty, 'Enter confirm');
	await save(pty, 'plan', 'The plan: exactly what will run');
	await pressUntil(pty, 'enter', 'Start it now?', 20_000, 3000);
	await save(pty, 'confirm', 'The confirmation, with No as default');
	await pressUntil(pty, 'y', /step \d of \d|Steps done/, 20_000);
	await pty.waitFor(/all checks pass for 0:0[5-9]/, 120_000);
	await save(pty, 'run', 'A run: its steps, its output, and the checks turning green');
	await pty.waitFor('Rolled back and verified', 240_000);
	await offered(pty, 'U undo');
	await save(pty, 'verified', 'Rolled back and verified');
	pty.press('U');
	await pty.waitFor('Nothing has changed yet', 30_000);
	await offered(pty, 'Enter confirm');
	await save(pty, 'undo', 'The plan of the way back');
	await pty.close();
};

/** Shows the journal of the demo after some runs. */
const journal = async (): Promise<void> => {
	const pty = open(['demo', 'crash'], { columns: 120, rows: 13 });
	await pty.waitFor('Size positions by target volatility', 120_000);
	const [place = ''] = /\/tmp\/bo-demo-\w+/.exec(pty.screen().join('\n')) ?? [];
	const run = async (...args: readonly string[]): Promise<void> => {
		const command = open(['--config', join(place, 'backout.yaml'), 'run', ...args, '--yes']);
		await command.exited;
		await command.close();
	};
	await run('engine-crash', '--reason', 'crash loop since 03:02');
	await run('gateway-restart', '--reason', 'no login after the weekend');
	await run('restart-service', '--input', 'restarted=grafana');
	await pressUntil(pty, 'r', '━ Runs', 20_000, 3000);
	await pty.waitFor(/Restart a service[^\n]*passed/, 60_000);
	await offered(pty, 'Enter attach');
	await save(pty, 'runs', 'The journal');
	await pty.close();
};

/** Shows the two targets of the demo, of which one crashes. */
const severalTargets = async (): Promise<void> => {
	const pty = open(['demo', 'crash'], { columns: 120, rows: 20 });
	await pty.waitFor('Size positions by target volatility', 120_000);
	await pressUntil(pty, 'T', '━ Targets', 60_000, 3000);
	await pty.waitFor(/staging [^\n]*all 6/, 120_000);
	await save(pty, 'targets', 'All targets at a glance');
	pty.resize(usual.columns, usual.rows);
	await pressUntil(pty, 'c', '━ demo and staging', 60_000, 3000);
	await pty.waitFor(/commit [^\n]*“Size positions by[^\n]*“Round sizes to whole lots/, 60_000);
	await offered(pty, 'R refresh');
	await save(pty, 'compare', 'Two targets side by side');
	await pty.close();
};

mkdirSync(pictures, { recursive: true });
try {
	await severalTargets();
	await journal();
	await breakLab('crash-commit');
	await around();
	await choose();
	await rollBack();
} finally {
	await healLab();
	for (const made of [folder, bin]) {
		rmSync(made, { recursive: true, force: true });
	}
	if (!wasUp) {
		await stopLab();
	}
}
process.exit();
