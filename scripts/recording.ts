// Records an incident of the demo, from the alarm to the verdict, as an animated picture for the README: a real run in a
// pseudo-terminal, with the keys that an operator presses. Where nothing happens for long, the picture waits less.
// `npm run recording`; it needs no server.
import { writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { animationOf, type Frame } from '../test/helpers/animation.ts';
import { pictureOf, wholeFrame } from '../test/helpers/picture.ts';
import { pressUntil } from '../test/helpers/press-until.ts';
import { startInPty } from '../test/helpers/pty.ts';

const root = join(import.meta.dirname, '..');
const title = 'An incident from the alarm to the verdict: a run of the demo, its pauses shortened';
/** Interval at which the screen is read, and the longest time that an unchanged one is shown, ms. */
const [everyMs, mostMs] = [700, 1400];

// Paths and ports of this machine are replaced by those of a host.
const shown = (text: string): string =>
	text
		.replaceAll(/\/tmp\/bo-demo-\w+\/srv/g, '/srv')
		.replaceAll(/\/tmp\/bo-demo-\w+\/state/g, '/var/lib/backout')
		.replaceAll(/\/tmp\/bo-demo-\w+/g, '/var/lib/docker')
		.replaceAll(/root@127\.0\.0\.1:\d+/g, 'root@203.0.113.7')
		.replaceAll(`${userInfo().username}@${hostname()}`, 'mara@laptop');

const pty = startInPty(process.execPath, [join(root, 'bin', 'backout.js'), 'demo', 'crash'], {
	columns: 112,
	rows: 34,
	cwd: root,
});
const frames: Frame[] = [];
const look = async (): Promise<void> => {
	await wholeFrame(pty);
	const picture = pictureOf(pty, title, shown);
	const last = frames.at(-1);
	if (last?.picture === picture) {
		frames[frames.length - 1] = { ...last, ms: Math.min(mostMs, last.ms + everyMs) };
	} else {
		frames.push({ picture, ms: everyMs });
	}
};

/** Records until something is on the screen. */
const recordUntil = async (what: RegExp, timeoutMs: number): Promise<void> => {
	const until = Date.now() + timeoutMs;
	for (;;) {
		await look();
		if (what.test(pty.screen().join('\n'))) {
			return;
		}
		if (Date.now() > until) {
			throw new Error(`not seen in time: ${what}\n${pty.screen().join('\n')}`);
		}
		await sleep(everyMs);
	}
};

/** Shows the current screen long enough to be read. */
const hold = async (ms: number): Promise<void> => {
	await look();
	const last = frames.at(-1);
	if (last !== undefined) {
		frames[frames.length - 1] = { ...last, ms };
	}
};

try {
	await pty.waitFor(/Suggested[^\n]*\n[^\n]*Engine crash after/, 120_000);
	await pty.waitFor(/trading-engine +restarting +\d/, 60_000);
	await hold(4000);
	pty.press('enter');
	// No key is taken, nor offered, for a moment: what was typed ahead confirms nothing.
	await recordUntil(/Enter choose/, 60_000);
	await recordUntil(/Taken back/, 60_000);
	await hold(2500);
	pty.press('enter');
	await recordUntil(/Enter confirm/, 120_000);
	await hold(5000);
	await pressUntil(pty, 'enter', 'Start it now?', 20_000, 3000);
	await recordUntil(/Start it now\?/, 20_000);
	await hold(2500);
	await pressUntil(pty, 'y', /step \d of \d|Steps done/, 20_000);
	await recordUntil(/Rolled back and verified/, 240_000);
	await hold(7000);
	const file = join(root, 'docs', 'pictures', 'incident.svg');
	const svg = animationOf(frames);
	writeFileSync(file, svg);
	process.stdout.write(`incident.svg: ${frames.length} frames, ${Math.round(svg.length / 1000)} kB\n`);
} finally {
	await pty.close();
}
process.exit();
