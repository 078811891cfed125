import { chmodSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { pressUntil } from '../helpers/press-until.ts';
import { must } from '../lab/exec.ts';
import { ledgerOf } from './drill.ts';
import { patience } from './patience.ts';
import { openStage, type Stage } from './stage.ts';
import { endVerified, expectRanOnce } from './stage-ends.ts';

const smallDisk = async (parent: string) => {
	await must('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=700', 'tmpfs', parent]);
	return async () => {
		await must('umount', ['-l', parent]);
	};
};

const fillDisk = (stage: Stage) => {
	const parent = dirname(stage.state);
	const { bavail, bsize } = statfsSync(parent);
	writeFileSync(join(parent, 'filler'), Buffer.alloc(bavail * bsize));
};
const freeDisk = (stage: Stage) => rmSync(join(dirname(stage.state), 'filler'), { force: true });

// Each is a program and an SSH server, and mostly waits.
vi.setConfig({ maxConcurrency: 3 });

describe.skipIf(withoutLab)("the host's own troubles: idle, at the question, and in a run", () => {
	test.concurrent("the host's disk is full", async () => {
		const stage = await openStage({ makeParent: smallDisk });
		try {
			const screen = await stage.open();
			const before = stage.held();
			fillDisk(stage);
			await screen.sees(/Disk\s+█+ +100%/);
			freeDisk(stage);
			await screen.sees(/Disk\s+[█·]+ +0%/);
			await stage.expectHeld(before);

			await screen.openConfirmation();
			fillDisk(stage);
			await pressUntil(screen.pty, 'y', /not enough space for a run|could not be written|cannot be made/, patience);
			expect(stage.ledger()).toBe('');
			expect(stage.runs()).toEqual([]);
			await stage.expectNothingOnHost();
			await stage.expectHeld(before);
			freeDisk(stage);
			await pressUntil(screen.pty, 'esc', /Fire drill[\s\S]*1 ok|1 ok[\s\S]*Fire drill/, patience);

			await screen.openConfirmation();
			const id = await screen.confirm();
			fillDisk(stage);
			stage.openGate();
			expect(await stage.resultOf(id)).toBe('succeeded 0');
			await screen.sees('three: the end', 'Done and verified');
			await stage.expectHeld(before);
			await screen.quit();
			freeDisk(stage);
			// If there was no space for the verdict, the next one to attach verifies.
			expect((await stage.place.run('--target', 'lab', 'attach', id)).code).toBe(0);
			await expectRanOnce(stage, id, 'passed');
			await stage.expectNothingLeft();
		} finally {
			await stage.close();
		}
	});

	// The short form has it without a screen (test/runner/gone.test.ts).
	test.concurrent("the run's folder is deleted", { tags: 'long' }, async () => {
		const stage = await openStage();
		try {
			const screen = await stage.open();
			const before = stage.held();
			await screen.openConfirmation();
			const first = await screen.confirm();
			stage.openGate();
			await screen.sees('three: the end', 'Done and verified');
			await stage.verdictOf(first);
			await pressUntil(screen.pty, 'esc', '1 ok', patience, 10_000);
			await pressUntil(screen.pty, 'r', '1 in the journal', patience, 10_000);
			stage.closeGate();
			rmSync(stage.state, { recursive: true });
			await pressUntil(screen.pty, 'R', 'Nothing has been run here yet', patience);
			await stage.expectHeld(before);

			await pressUntil(screen.pty, 'esc', '1 ok', patience, 10_000);
			await screen.openConfirmation();
			// None of it is needed for a start.
			rmSync(stage.state, { recursive: true, force: true });
			await stage.expectHeld(before);
			const id = await screen.confirm();
			rmSync(join(stage.state, 'runs', id), { recursive: true });
			stage.openGate();
			await screen.sees('Outcome unknown');
			expect(screen.pty.screen().join('\n')).not.toMatch(/Done and verified|Failed/);
			await stage.expectHeld(before);
			await screen.quit();
			expect(await stage.journalOf(id)).toBeUndefined();
			expect(stage.ledger()).toBe(`${ledgerOf(first)}${id} one\n`);
			await stage.expectNothingLeft();
		} finally {
			await stage.close();
		}
	});

	test.concurrent('the Compose file parses no more', { tags: 'long' }, async () => {
		const stage = await openStage({ composed: true });
		try {
			const composeFile = join(stage.directory, 'compose.yaml');
			const well = readFileSync(composeFile, 'utf8');
			const spoil = () => writeFileSync(composeFile, 'services: {web: [\n');
			const asked = await stage.open();
			await asked.openConfirmation();
			spoil();
			const idle = await stage.open(['link up', 'the Compose file cannot be read']);
			const before = stage.held();

			await pressUntil(asked.pty, 'y', /yaml: /, patience, 10_000);
			await asked.sees(/nothing was changed by this run/i);
			const refused = stage.runs();
			expect(refused).toHaveLength(1);
			expect(await stage.journalOf(refused[0] ?? '')).toMatchObject({ state: 'failed' });
			expect(stage.ledger()).toBe('');
			await stage.expectNothingOnHost();
			await stage.expectHeld(before);

			writeFileSync(composeFile, well);
			await pressUntil(asked.pty, 'esc', 'Fire drill', patience, 10_000);
			await asked.openConfirmation();
			const id = await asked.confirm();
			spoil();
			stage.openGate();
			// Without the file nobody knows what should run: not verified before it can be read again.
			await asked.sees('three: the end', 'Steps done', 'the Compose file cannot be read');
			writeFileSync(composeFile, well);
			await endVerified(stage, id, { watching: [asked], others: [idle], before, refused });
		} finally {
			await stage.close();
		}
	});

	const clockMoves = async (_: string, seconds: number) => {
		const stage = await openStage({ waits: true });
		try {
			const shift = join(stage.folder, 'shift');
			const move = (by: number) => writeFileSync(shift, String(by));
			move(0);
			// The machine's own clock is not ours to move: what asks for the time on the host gets another.
			writeFileSync(join(stage.hostBin, 'date'), `#!/bin/sh\nexec /bin/date -d "now $(cat '${shift}') seconds" "$@"\n`);
			chmodSync(join(stage.hostBin, 'date'), 0o755);
			const screen = await stage.open();
			const before = stage.held();
			move(seconds);
			await screen.openConfirmation();
			await stage.expectHeld(before);
			move(0);
			const id = await screen.confirm();
			await screen.sees(/step \d of \d: The gate/);
			move(seconds);
			// The wait looks again by the other clock, more than once.
			await delay(4000);
			stage.openGate();
			expect(await stage.resultOf(id)).toBe('succeeded 0');
			await endVerified(stage, id, { watching: [screen], before });
		} finally {
			await stage.close();
		}
	};
	test.concurrent.each([
		['forward', 3600],
		['back', -3600],
	] as const)("the host's clock moves %s an hour", { tags: 'long' }, clockMoves);
});
