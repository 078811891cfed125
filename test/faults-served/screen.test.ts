import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import { descriptorsOf, textOf } from '../helpers/proc.ts';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { shellModes } from '../helpers/virtual-terminal.ts';
import { leaks } from '../security/poison.ts';
import * as answers from './answers.ts';
import { type Answer, type FaultyServer, startFaulty } from './faulty-server.ts';
import { frame, hostileLine, playDocker } from './play-docker.ts';

const patience = 120_000;
const well = answers.says('200 OK', '{"status": "well"}');

/** Faults of an endpoint, and the words of the dashboard for them. */
const faults: readonly (readonly [string, Answer, RegExp])[] = [
	['hangs', answers.hangs, /no answer within/],
	['endless body', answers.pours('x'.repeat(65_536)), /more than 256 kB/],
	['reset in the middle', answers.resetsInTheMiddle, /ended early|connection reset/],
	['garbage', answers.blurts(answers.badUtf8), /not HTTP/],
	[
		'a body that steers the terminal',
		answers.says('500 Oops', '\u001b]0;steered\u0007\u001b[2J\u009b31m'),
		/status 500/,
	],
];

/** Escape sequences, invalid UTF-8 and NUL, for printf. */
const hostile = "printf '\\033]0;steered\\007\\033[2J\\377\\000\\n'";

const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) {
		await close();
	}
});

const atTheGate =
	'n=0; until [ -e "$gate" ] || [ $n -gt 1000 ]; do n=$((n + 1)); echo "at the gate: $n"; sleep 0.2; done';

interface Served {
	readonly pty: Pty;
	readonly ill: FaultyServer;
	readonly neighbour: FaultyServer;
	readonly gate: string;
}

/** The dashboard in front of this machine, with a procedure that prints something and then waits at a gate. */
const setUp = async (prints: string, env: Readonly<Record<string, string>> = {}): Promise<Served> => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-served-')));
	const gate = join(folder, 'gate');
	mkdirSync(join(folder, 'app'));
	const ill = await startFaulty(well);
	const neighbour = await startFaulty(well);
	const asked = (name: string, { port }: FaultyServer) => ({
		name,
		url: `http://127.0.0.1:${port}/health`,
		through: 'host',
		interval: '1s',
		timeout: '2s',
	});
	const check = {
		kind: 'http',
		title: 'Neighbour',
		url: `http://127.0.0.1:${neighbour.port}/`,
		through: 'host',
		timeout: '5s',
	};
	const runbook = {
		title: 'Served',
		variables: { gate },
		monitors: {
			health: [asked('ill', ill), asked('neighbour', neighbour)],
			log: { service: 'engine', pattern: 'error' },
		},
		checks: { neighbour: { ...check, expect: { status: 200 } } },
		verification: { checks: ['neighbour'], settle: '1s', deadline: '1m' },
		procedures: {
			wait: {
				title: 'Wait at the gate',
				when: 'Now.',
				risk: 'disruptive',
				restorePoint: false,
				steps: [
					{
						id: 'one',
						title: 'One',
						run: `${prints}\n${atTheGate}`,
					},
				],
			},
		},
	};
	writeFileSync(join(folder, 'served.yaml'), JSON.stringify(runbook));
	const target = {
		host: 'local',
		directory: join(folder, 'app'),
		project: 'app',
		runbook: './served.yaml',
		state: join(folder, 'state'),
	};
	// On a slow machine the run takes so long that its end would ring; a bell here is one of the container's.
	const config = { notify: { bell: false }, targets: { served: target } };
	writeFileSync(join(folder, 'backout.yaml'), JSON.stringify(config));
	const pty = startInPty(process.execPath, [program], {
		columns: 160,
		rows: 50,
		cwd: folder,
		env: { XDG_STATE_HOME: join(folder, 'xdg'), ...env },
	});
	open.push(
		() => rmSync(folder, { recursive: true, force: true }),
		() => neighbour.close(),
		() => ill.close(),
		() => pty.close(),
		() => writeFileSync(gate, ''),
	);
	await pty.waitFor(() => pty.modes().bracketedPaste, patience);
	await pty.waitFor('neighbour', patience);
	return { pty, ill, neighbour, gate };
};

/** Each fault in turn, while something stays on the screen; a neighbour goes on being asked. */
const suffer = async (
	pty: Pty,
	{ ill, neighbour }: { ill: FaultyServer; neighbour: FaultyServer },
	stays: RegExp,
	shown: boolean,
) => {
	for (const [, answer, says] of faults) {
		ill.become(answer);
		const [before, others] = [ill.asked, neighbour.asked];
		if (shown) {
			await pty.waitFor(says, patience);
		}
		await pty.waitFor(stays, patience);
		while (ill.asked < before + 2 || neighbour.asked < others + 2) {
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		expect(pty.screen().join('\n')).toMatch(stays);
	}
	ill.become(well);
};

const leave = async (pty: Pty) => {
	await pressUntil(pty, 'ctrl-c', 'Leave?', patience);
	pty.press('q');
	await pressUntil(pty, 'q', () => !pty.modes().alternateScreen, patience);
	expect((await pty.exited).code).toBe(0);
	expect(pty.modes()).toEqual(shellModes);
	expect(pty.raw).not.toMatch(/\u001b\](?:0|2);steered|\u001b\[2J\u009b|\u009b/);
};

test('what an endpoint does: idle, at the question, and in a run', {
	tags: 'long',
	timeout: 6 * patience,
}, async () => {
	const { pty, ill, neighbour, gate } = await setUp(hostile);
	await suffer(pty, { ill, neighbour }, /neighbour/, true);
	pty.press('enter');
	await pty.waitFor('Nothing has changed yet', patience);
	pty.press('enter');
	await pty.waitFor('Start it now?', patience);
	await suffer(pty, { ill, neighbour }, /Start it now\?/, false);
	await pressUntil(pty, 'y', /at the gate: \d+/, patience);
	await suffer(pty, { ill, neighbour }, /at the gate: \d+/, false);
	writeFileSync(gate, '');
	// There is no Docker that could say since when all is well: it is not called verified.
	await pty.waitFor('Steps done, verifying', patience);
	await leave(pty);
	await ill.allClosed();
	await neighbour.allClosed();
});

/** The log of a container meanwhile: repeated as fast as it is read, except for pauses of some milliseconds. */
const logs = {
	quiet: () => frame(Buffer.from(`quiet ${Date.now()}\n`)),
	/** A thousand lines at a time. */
	flood: () => frame(Buffer.from(Array.from({ length: 1000 }, (_, at) => `flood ${Date.now()} ${at}\n`).join(''))),
	long: () => frame(Buffer.from(`long ${'x'.repeat(1_000_000)}\n`)),
	hostile: () => Buffer.concat([frame(hostileLine), frame(Buffer.from(`after ${Date.now()}\n`))]),
};

const follow = (response: ServerResponse, now: () => keyof typeof logs) => {
	const timer = setInterval(() => {
		if (!response.writableNeedDrain) {
			response.write(logs[now()]());
		}
	}, 8);
	response.once('close', () => clearInterval(timer));
};

test('what a container logs and a step prints: idle, at the question, and in a run', {
	timeout: 6 * patience,
}, async () => {
	let now: keyof typeof logs = 'quiet';
	const docker = await playDocker((response, followed) => (followed ? follow(response, () => now) : response.end()));
	open.push(() => docker.close());
	const flood = `seq -f 'flood %.0f' 500000; head -c 1000000 /dev/zero | tr '\\0' x; echo; ${hostile}`;
	const { pty, gate } = await setUp(flood, { DOCKER_HOST: `unix://${docker.socket}` });
	await pty.waitFor(/quiet \d+/, patience);
	const held = descriptorsOf(pty.pid).length;
	/** Each kind of log in turn, while something stays on the screen. */
	const pour = async (stays: RegExp) => {
		for (const kind of ['flood', 'long', 'hostile', 'flood'] as const) {
			now = kind;
			// Nothing need follow it now, except the monitor of its errors.
			await delay(1000);
			await pty.waitFor(stays, patience);
		}
	};

	for (const [kind, seen] of [
		['flood', /flood \d+ \d+/],
		['long', /long x+/],
		['hostile', /after \d+/],
		['flood', /flood \d+ \d+/],
	] as const) {
		now = kind;
		await pty.waitFor(seen, patience);
	}
	// Keys are heard meanwhile.
	await pressUntil(pty, '?', /keys/i, patience, 5000);
	await pressUntil(pty, 'esc', /Wait at the gate/, patience, 5000);

	await pressUntil(pty, 'enter', 'Nothing has changed yet', patience, 5000);
	await pressUntil(pty, 'enter', 'Start it now?', patience, 5000);
	await pour(/Start it now\?/);
	await pressUntil(pty, 'y', /at the gate: \d+/, patience);
	await pour(/at the gate: \d+/);
	expect(Number(/VmRSS:\s+(\d+)/.exec(textOf(`/proc/${pty.pid}/status`))?.[1])).toBeLessThan(700_000);
	now = 'quiet';
	writeFileSync(gate, '');
	await pty.waitFor(/Steps done/, patience);
	// More than then: the file for what has left the memory of the run's output, and at most three idle connections to Docker.
	await vi.waitFor(() => expect(descriptorsOf(pty.pid).length).toBeLessThanOrEqual(held + 1 + 3), patience);
	await leave(pty);
	expect(leaks(pty.raw.slice(0, pty.raw.lastIndexOf('\u001b[?2026l')))).toEqual([]);
	// The system closes the connections of a program that has ended, and the server is told a moment later.
	await expect.poll(() => docker.open()).toBe(0);
});
