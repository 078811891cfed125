import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram, type Said } from '../helpers/program.ts';
import { type Sshd, sshdMissing } from '../ssh/sshd.ts';
import { ownStateMissing, startWithOwnState } from '../ssh/with-own-state.ts';

// The managers of these tests have no Docker: their records can be read all the same.

const runbook = `title: Two managers
checks: {}
procedures:
  note: { title: Note, when: For a test., risk: disruptive, restorePoint: false, verify: [], steps: [{ id: note, title: Note, run: 'true' }] }
`;

describe.skipIf((sshdMissing() ?? ownStateMissing()) !== undefined)(
	'a target with two hosts, each with records of its own',
	() => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-two-hosts-'));
		const state = join(folder, 'state');
		let [first, second]: Sshd[] = [];
		let id = '';
		const backout = (config: string, ...args: readonly string[]): Promise<Said> =>
			runProgram(folder, { ...process.env, HOME: folder, XDG_STATE_HOME: join(folder, 'mine') }, [
				'--config',
				`${config}.yaml`,
				...args,
			]);
		const both = (...args: readonly string[]) => backout('both', ...args);

		beforeAll(async () => {
			for (const made of [state, join(folder, 'shop')]) {
				mkdirSync(made, { mode: 0o700 });
			}
			const settings = ['SetEnv SHLVL=1 DOCKER_HOST=unix:///nowhere/docker.sock'];
			[first, second] = [
				await startWithOwnState(folder, state, 'first', settings),
				await startWithOwnState(folder, state, 'second', settings),
			];
			await second.authorise(first.identity);
			appendFileSync(first.knownHosts, readFileSync(second.knownHosts));
			writeFileSync(join(folder, 'runbook.yaml'), runbook);
			const write = (name: string, engine: string, host: string) =>
				writeFileSync(
					join(folder, `${name}.yaml`),
					`targets:
  t:
    host: ${host}
    engine: ${engine}
    directory: ${join(folder, 'shop')}
    state: ${state}
    runbook: ./runbook.yaml
    runs: { freeSpace: 1MB }
    identityFile: ${first?.identity}
    knownHosts: ${first?.knownHosts}
`,
				);
			write('second', 'compose', second.destination);
			write('both', 'swarm', `[${first.destination}, ${second.destination}]`);
			const said = await backout('second', 'run', 'note', '--yes', '--reason', 'on the second');
			expect(said.code, said.text).toBe(0);
			id = /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(said.text)?.[0] ?? '';
		});
		afterAll(async () => {
			await Promise.all([first?.stop(), second?.stop()]);
			rmSync(folder, { recursive: true, force: true });
		});

		test('lists the runs of both, and goes to the host of a run that is named', async () => {
			const runs = await both('runs');
			expect(runs.text).toMatch(new RegExp(`${id} .*note .*lives on ${second?.destination} .*on the second`));
			expect(runs.text).not.toContain('missing');
			expect(runs.code, runs.text).toBe(0);
			const report = await both('report', 'last');
			expect(report.text).toContain(`${second?.destination} is asked, where run ${id} lives`);
			expect(report.text).toContain(`| **Run** | \`${id}\` |`);
			expect(report.code, report.text).toBe(0);
		});

		test('says whose runs are missing, and takes no older one for the newest', async () => {
			await second?.stop();
			const runs = await both('runs');
			expect(runs.text).toMatch(new RegExp(`the runs of ${second?.destination} are missing \\(.*refused\\)`));
			expect(runs.text).toContain('nothing has been run by way of the hosts that answer');
			expect(runs.text).not.toContain('nothing has been run on this target yet');
			const json = await both('runs', '--json');
			expect(json.text).toContain(`{"type":"missing","target":"t","host":"${second?.destination}","reason":`);
			const points = await both('restore-points');
			expect(points.text).toContain(`the restore points of ${second?.destination} are missing`);
			expect(points.text).toContain('no restore point has been saved on the hosts that answer');
			for (const which of ['last', id]) {
				const undo = await both('undo', which, '--yes');
				expect(undo.text).toContain(`not read are the runs of ${second?.destination} (`);
				expect(undo.code, undo.text).toBe(6);
			}
		});
	},
);
