import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readLines } from '../helpers/output-lines.ts';
import { makeKey, type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';

const runbook = `title: Approved
procedures:
  wipe:
    title: Wipe it
    group: All
    when: It is wrong.
    risk: destructive
    approve: 1
    restorePoint: false
    verify: []
    preconditions:
      - { id: allowed, title: Nothing forbids it, run: 'test ! -e forbidden' }
    steps:
      - { id: one, title: One, run: 'echo wiped >>wiped' }
`;

describe.skipIf(sshdMissing())('a procedure that a second person has to approve', () => {
	let place: LocalPlace;
	let sshd: Sshd;
	beforeAll(async () => {
		place = createLocalPlace();
		sshd = await startSshd(['ExposeAuthInfo yes', 'SetEnv SHLVL=1 DOCKER_HOST=unix:///nonexistent/docker.sock']);
		const other = makeKey(sshd.folder, 'other');
		await sshd.authorise(other);
		place.write('approved.yaml', runbook);
		const config = (identity: string) =>
			`targets:\n  shop:\n    host: ${sshd.destination}\n    directory: ${place.directory}\n    state: ${place.state}\n    runbook: ./approved.yaml\n    identityFile: ${identity}\n    knownHosts: ${sshd.knownHosts}\n`;
		place.write('mara.yaml', config(sshd.identity));
		place.write('ben.yaml', config(other));
	});
	afterAll(async () => {
		await sshd?.stop();
		place?.remove();
	});
	const by = (operator: 'mara' | 'ben', ...args: string[]) => place.run(['--config', `${operator}.yaml`, ...args]);
	const wiped = () => {
		try {
			return readFileSync(join(place.directory, 'wiped'), 'utf8');
		} catch {
			return '';
		}
	};
	/** Starts a run that waits, and returns its id and the hash of its plan as everybody sees it. */
	const start = async () => {
		const said = await by('mara', 'run', 'wipe', '--confirm', 'shop', '--reason', 'broken', '--detach', '--json');
		expect(said.code, said.stderr).toBe(0);
		const { run = '' } = readLines(said.stdout).at(-1) as { readonly run?: string };
		const hash = await vi.waitFor(async () => {
			const [, found] =
				/Plan ([0-9a-f]{12}): Another operator must approve/.exec((await by('ben', 'runs')).stdout) ?? [];
			return found ?? expect.fail('it does not wait yet');
		}, 60_000);
		return { run, hash };
	};

	test('only another key approves it, for the plan that was read; the journal says so', async () => {
		const { run, hash } = await start();
		// Nothing is approved without having been read, nor by `continue`, nor for another plan, nor by the same key.
		for (const [args, why] of [
			[['approve', run], `--plan ${hash}`],
			[['continue', run], `backout approve ${run}`],
			[['approve', run, '--plan', '0'.repeat(12)], 'is not the hash of the plan'],
			[['approve', run, '--plan', hash.slice(0, 5)], 'is not the hash of the plan'],
		] as const) {
			const said = await by('ben', ...args);
			expect([args, said.code]).toEqual([args, 4]);
			expect(said.stderr.replaceAll(/node \S+ --config \S+/g, 'backout')).toContain(why);
		}
		const own = await by('mara', 'approve', run, '--plan', hash);
		expect(own.code).toBe(4);
		expect(own.stderr).toContain('was started with the same SSH key, SHA256:');
		expect(wiped()).toBe('');

		const approved = await by('ben', 'approve', run, '--plan', hash, '--reason', 'read it', '--json');
		expect(approved.code, approved.stderr).toBe(0);
		expect(readLines(approved.stdout)).toMatchObject([
			{ type: 'answered', run, answer: 'approved', approval: { basis: 'keys', proof: 'auth-info' } },
		]);
		expect((await by('ben', 'attach', run)).code).toBe(0);
		expect(wiped()).toBe('wiped\n');
		const report = await by('ben', 'report', run);
		expect(report.stdout).toMatch(/approved, resting on their SSH keys: SHA256:\S+ approved, SHA256:\S+ started it/);
		const late = await by('ben', 'approve', run, '--plan', hash);
		expect([late.code, late.stderr]).toEqual([4, expect.stringContaining('does not wait for an approval')]);
	});

	test('a rejected run changes nothing and ends with 4', { tags: 'long' }, async () => {
		const before = wiped();
		const { run } = await start();
		expect((await by('ben', 'continue', run, '--give-up', '--reason', 'not now')).code).toBe(0);
		expect((await by('mara', 'attach', run)).code).toBe(4);
		expect(wiped()).toBe(before);
	});

	test('after the approval, the run still repeats its pre-flight checks under the lock', { tags: 'long' }, async () => {
		const before = wiped();
		const { run, hash } = await start();
		place.write('app/forbidden', '');
		expect((await by('ben', 'approve', run, '--plan', hash)).code).toBe(0);
		const said = await by('ben', 'attach', run);
		expect(said.code).toBe(4);
		expect(said.stdout).toContain('not met: nothing was changed');
		expect(wiped()).toBe(before);
	});
});
