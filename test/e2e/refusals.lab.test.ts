import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

const hostState = async () =>
	(await hostExec('git rev-parse HEAD; git status --porcelain; docker ps --no-trunc -q | sort')).stdout;

describe.skipIf(withoutLab)('a clear sentence, the right exit code, nothing changed', () => {
	let info: LabInfo;
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
		place = createWorkplace(info);
	});
	afterEach(async () => {
		if (readLabInfo().fault !== null) {
			await healLab();
		}
	});
	afterAll(() => place?.remove());

	test('a host key that changed', async () => {
		const before = await hostState();
		await breakLab('host-key-changed');
		const run = await place.run('run', 'engine-crash', '--yes');
		expect(run.code).toBe(3);
		expect(run.stderr).toMatch(/host key.*changed|changed.*host key/is);
		expect(run.stderr).toContain('SHA256:');
		expect(await hostState()).toBe(before);
	});

	test('a wrong key', async () => {
		const wrong = createWorkplace(info, { identityFile: info.wrongIdentityFile });
		const run = await wrong.run('status');
		expect(run.code).toBe(3);
		expect(run.stderr).toContain(info.wrongIdentityFile);
		wrong.remove();
	});

	test('a closed port', async () => {
		await breakLab('sshd-stopped');
		const run = await place.run('verify');
		expect(run.code).toBe(3);
		expect(run.stderr).toMatch(/refused|closed/i);
		expect(run.stderr).toContain(String(info.sshPort));
	});

	test('a config with a typo', async () => {
		const file = place.write('typo.yaml', 'targets:\n  lab:\n    hots: root@127.0.0.1\n    directory: /srv/x\n');
		for (const args of [
			['check', file],
			['--config', file, 'status'],
		]) {
			const run = await place.run(...args);
			expect(run.code).toBe(2);
			expect(run.stderr).toContain('typo.yaml:3:5');
			expect(run.stderr).toContain('host');
		}
	});

	test('a runbook with an unknown step kind', async () => {
		const file = place.write(
			'mine.yaml',
			'extends: compose\nprocedures:\n  mine:\n    title: Mine\n    when: never\n    risk: disruptive\n    steps:\n      - { id: a, title: A, shell: reboot }\n',
		);
		const run = await place.run('check', file);
		expect(run.code).toBe(2);
		expect(run.stderr).toMatch(/mine\.yaml:8:\d+/);
		expect(run.stderr).toContain('unknown step kind "shell"');
		expect(run.stderr).toContain('run, script, wait');
	});

	test('an unknown target and an unknown procedure', async () => {
		const target = await place.run('--target', 'nowhere', 'status');
		expect(target.code).toBe(2);
		expect(target.stderr).toContain('lab');
		const procedure = await place.run('plan', 'engine-crush');
		expect(procedure.code).toBe(2);
		expect(procedure.stderr).toContain('engine-crash');
	});
});
