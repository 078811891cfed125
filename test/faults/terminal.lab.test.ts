import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { pressUntil } from '../helpers/press-until.ts';
import { patience } from './patience.ts';
import { openStage } from './stage.ts';
import { endVerified } from './stage-ends.ts';
import type { Screen } from './stage-screen.ts';

/** Makes the window so small that nothing can be seen in it, and waits until the program knows. */
const shrink = async ({ pty }: Screen) => {
	pty.resize(1, 1);
	// `too small`, cut to one cell.
	await pty.waitFor((screen) => screen.join('').trim() === '…', patience);
};
const grow = ({ pty }: Screen) => pty.resize(120, 40);

// Each is a program and an SSH server, and mostly waits.
vi.setConfig({ maxConcurrency: 3 });

describe.skipIf(withoutLab)('the terminal and other operators: idle, at the question, and in a run', () => {
	test.concurrent('a window of 1×1 and back', { tags: 'long' }, async () => {
		const stage = await openStage();
		try {
			const screen = await stage.open();
			const before = stage.held();
			await shrink(screen);
			grow(screen);
			await screen.sees('● link up', '1 ok', 'Fire drill');
			await stage.expectHeld(before);

			await screen.openConfirmation();
			await shrink(screen);
			// The question is invisible now, so it takes no answer.
			screen.pty.press('y', 'y', 'enter');
			grow(screen);
			await screen.sees('Nothing has changed yet');
			expect(screen.pty.screen().join('\n')).not.toContain('Start it now?');
			expect(stage.runs()).toEqual([]);
			await stage.expectHeld(before);

			screen.pty.press('enter');
			await screen.sees('Start it now?');
			const id = await screen.confirm();
			await shrink(screen);
			stage.openGate();
			expect(await stage.resultOf(id)).toBe('succeeded 0');
			grow(screen);
			await endVerified(stage, id, { watching: [screen], before });
		} finally {
			await stage.close();
		}
	});

	test.concurrent('a terminal that stops reading for some seconds', { tags: 'long' }, async () => {
		const stage = await openStage({ lines: 200_000 });
		try {
			const screen = await stage.open();
			const before = stage.held();
			const { pty } = screen;
			pty.pause();
			await stage.project.run(
				'more',
				'exec sleep 3600',
				'--init',
				'--label',
				'com.docker.compose.oneoff=',
				'--label',
				'io.podman.compose.project=more',
			);
			await delay(3000);
			pty.resume();
			await screen.sees('all 2 ok');
			// Each container's figures are a stream.
			await stage.expectHeld({ ...before, onHost: before.onHost + 1 });

			await screen.openConfirmation();
			pty.pause();
			const ids = await stage.project.command('ps', '-q', '--filter', 'name=-more-');
			await stage.project.command('rm', '-f', ...ids.split('\n'));
			await delay(3000);
			pty.resume();
			await screen.sees('Start it now?', '● link up');
			expect(stage.runs()).toEqual([]);
			await stage.expectHeld(before);

			const id = await screen.confirm();
			const written = pty.raw.length;
			pty.pause();
			stage.openGate();
			// The host waits for nobody who does not read.
			expect(await stage.resultOf(id)).toBe('succeeded 0');
			await delay(5000);
			const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${screen.pid}/status`, 'utf8'))?.[1]);
			expect(memory).toBeLessThan(700_000);
			pty.resume();
			await screen.sees('three: the end', 'Done and verified');
			expect(pty.raw.slice(written)).not.toContain('link lost');
			// Output without room in memory is kept in a file.
			await endVerified(stage, id, { watching: [screen], before: { ...before, here: before.here + 1 } });
		} finally {
			await stage.close();
		}
	});

	test.concurrent('two operators at once', { tags: 'long' }, async () => {
		const stage = await openStage();
		try {
			const [first, second] = await Promise.all([stage.open(), stage.open()]);
			const third = await stage.open();
			const before = stage.held();
			await Promise.all([first.openConfirmation(), second.openConfirmation()]);
			const id = await first.confirm();

			// At the question: refused, and told who, since when and what.
			await pressUntil(second.pty, 'y', /locked by \w+@\S+ since/, patience);
			await second.sees(/drill, run/);
			expect(stage.runs()).toEqual([id]);

			// Idle: sees that the host is locked, and watches.
			await third.sees(/locked by \S+: drill/);
			third.pty.press('r');
			await third.sees(/Fire drill\s+running/);
			await pressUntil(third.pty, 'enter', 'Output of run', patience, 10_000);
			stage.openGate();
			await Promise.all([first, third].map((screen) => screen.sees('three: the end', 'Done and verified')));
			await endVerified(stage, id, { watching: [first, third], others: [second], before });
		} finally {
			await stage.close();
		}
	});
});
