import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, judge, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { hostState } from './host-state.ts';

describe.skipIf(withoutLab)('config-error', () => {
	let info: LabInfo;
	let place: Workplace;
	const file = (name: string) => join(info.directory, name);
	const choices = async () => {
		const [offer] = (await place.run('inputs', 'config-error', '--json')).json() as unknown as {
			inputs: { choices: { value: string; label: string; detail: string; marks: string[] }[] }[];
		}[];
		return offer?.inputs[0]?.choices ?? [];
	};
	const putBack = (source: string) => place.run('run', 'config-error', '--input', `source=${source}`, '--yes');

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
		place = createWorkplace(info, { runbook: './quick.yaml' });
		place.write('quick.yaml', 'extends: abstractfinance\nverification: { settle: 3s, deadline: 60s }\n');
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	test('a wrong value in .env: its backup is put back and read, and only the engine starts anew; then one that does not parse', {
		tags: 'long',
	}, async () => {
		await breakLab('env-broken');
		const secret = /^DB_PASSWORD=(.*)$/m.exec(readFileSync(file('.env'), 'utf8'))?.[1] ?? '';
		const gateway = (await hostExec(`docker inspect --format '{{.State.StartedAt}}' ibgateway`)).stdout;
		const offered = await choices();
		expect(offered[0]).toMatchObject({ value: `env:${file('.env.backup')}` });
		expect(offered[0]?.detail).toMatch(/lines? differ/);
		const wrong = await place.run('plan', 'config-error', '--input', 'source=.env.backup');
		expect(wrong.stdout).toContain('~ MODE: papre becomes paper');
		expect(wrong.stdout).not.toContain(secret);
		const run = await putBack('.env.backup');
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		expect(run.stdout).not.toContain(secret);
		expect(await judge()).toMatchObject({ ok: true });
		expect(statSync(file('.env')).mode & 0o777).toBe(0o600);
		expect((await hostExec(`docker inspect --format '{{.State.StartedAt}}' ibgateway`)).stdout).toBe(gateway);

		// And then one that does not parse.
		appendFileSync(file('.env'), 'SMTP_PASSWORD="never closed\n');
		const plan = await place.run('plan', 'config-error', '--input', 'source=.env.backup');
		expect(plan.stdout).toContain('- SMTP_PASSWORD (its value is hidden)');
		expect(plan.stdout).not.toContain('never closed');
		expect((await putBack('.env.backup')).code).toBe(0);
		expect(await judge()).toMatchObject({ ok: true });
	});

	test('a config file that was edited wrongly: as it was committed, without a staged change; then as in an older commit', {
		tags: 'long',
	}, async () => {
		await breakLab('config-broken');
		const [first] = await choices();
		expect(first).toMatchObject({ marks: ['as committed'] });
		expect(first?.label).toMatch(/^config\/settings\.yaml from /);
		const run = await putBack(first?.value ?? '');
		expect(run.stdout).toContain('the next pull goes on from there');
		expect(run.code).toBe(0);
		expect(await judge()).toMatchObject({ ok: true });
		expect((await hostExec('git status --porcelain -uno')).stdout).toBe('');

		const older = info.goodCommits.at(-3)?.hash ?? '';
		const back = await putBack(`file:${older.slice(0, 9)}:config/instruments.yaml`);
		expect(back.code).toBe(0);
		expect(back.stdout).toContain('is a local change now');
		expect((await hostExec('git status --porcelain -uno')).stdout).toBe(' M config/instruments.yaml\n');
	});

	test('a Compose file that does not parse', { tags: 'long' }, async () => {
		await breakLab('compose-broken');
		const [first] = await choices();
		expect(first?.label).toMatch(/^docker-compose\.yml from /);
		const run = await putBack(first?.value ?? '');
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		expect(await judge()).toMatchObject({ ok: true });
	});

	test('a backup that is missing, empty, the same, or worse is refused, and nothing is touched', {
		tags: 'long',
	}, async () => {
		await breakLab('env-backup-empty');
		const before = await hostState();
		const refused = async (source: string, why: RegExp) => {
			const run = await putBack(source);
			expect(run.stderr).toMatch(why);
			expect(run.code).toBe(4);
			expect(await hostState()).toBe(before);
		};
		expect(await choices()).toContainEqual(expect.objectContaining({ detail: 'is empty', marks: ['empty'] }));
		await refused('.env.backup', /is empty/);
		await refused('.env.backup.yesterday', /there is no file \.env\.backup\.yesterday/);
		await refused('.env', /the same as \.env/);
		await refused('file:0000000:config/instruments.yaml', /there is no commit/);
		await refused('file:HEAD:../../etc/passwd', /relative/);
		writeFileSync(join(place.folder, 'worse'), 'SECRET_VALUE="hunter2 never closed\n');
		// The message does not contain its content.
		await refused(
			join(place.folder, 'worse'),
			/it could not read them with the file put back: failed to read \S+abstractfinance\/\.env: (?![\s\S]*hunter2)/,
		);
	});
});
