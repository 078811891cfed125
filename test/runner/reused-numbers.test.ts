import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../lab/processes.ts';
import { describeShells } from './shells.ts';

/** A namespace of processes, in which the next number can be chosen; its first process waits for those that nobody waits for. */
const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const mayUnshare = spawnSync('unshare', [...namespace, 'test', '-w', '/proc/sys/kernel/ns_last_pid']).status === 0;
if (!mayUnshare) {
	if (process.env.BACKOUT_LAB === 'required') {
		throw new Error('only root may make a namespace of processes');
	}
	console.warn('skipped: only root may make a namespace of processes');
}

/** Plays it where the numbers of processes that have ended are given to others at once. */
const play = async (shell: string, what: 'cancel' | 'follow' | 'openssh') => {
	const node = ['--no-warnings', '--import', './scripts/text-files.ts', 'test/runner/reused-numbers-client.ts'];
	const words = ['sh', '-c', '"$@"; exit "$?"', 'sh', process.execPath, ...node, shell, what];
	let said = { stdout: '', stderr: '' };
	// fork(2): the machine may have no room for a process at this moment; then nothing was played yet.
	await waitFor(() => {
		said = spawnSync('unshare', [...namespace, ...words], { encoding: 'utf8', timeout: 60_000 });
		return !said.stderr.startsWith('unshare: fork failed: Resource temporarily unavailable');
	}, 60_000);
	return said.stdout === '' ? said.stderr : (JSON.parse(said.stdout) as { strangers: number; lost: readonly number[] });
};

// A busy host gives the number of a process that has ended to another one within minutes.
describe.skipIf(!mayUnshare)('a process that has the number of an ended one is left alone', () => {
	test('by a connection of OpenSSH that has ended', async () => {
		expect(await play('dash', 'openssh')).toEqual({ strangers: expect.any(Number), lost: [] });
	});

	describeShells('under %s', (shell) => {
		const form = shell === 'dash' ? {} : { tags: 'long' };
		test('by a cancel that waits for what has left the group of its step', form, async () => {
			expect(await play(shell, 'cancel')).toEqual({ strangers: 1, lost: [] });
		});

		test('by a follower that ends its own processes', form, async () => {
			expect(await play(shell, 'follow')).toEqual({ strangers: expect.any(Number), lost: [] });
		});
	});
});
