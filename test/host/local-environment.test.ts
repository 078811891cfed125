import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LocalHost } from '../../src/services/host/local-host.ts';

test('nothing of the caller’s repository and Compose project is taken for the deployment’s', async () => {
	const env = {
		...process.env,
		GIT_DIR: '/else/.git',
		GIT_INDEX_FILE: 'index',
		COMPOSE_FILE: 'else.yaml',
		DOCKER_HOST: 'unix:///x',
	};
	const host = new LocalHost({ env });
	const { stdout } = await host.exec('env');
	expect(
		stdout
			.toString()
			.split('\n')
			.filter((line) => /^(GIT|COMPOSE)_/.test(line)),
	).toEqual([]);
	expect(stdout.toString()).toContain('DOCKER_HOST=unix:///x\n');
	await host.close();
});

test('a folder of the caller’s CDPATH is not taken for one of the deployment', async () => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-cdpath-')));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	for (const place of ['elsewhere', 'app']) {
		mkdirSync(join(folder, place, 'web'), { recursive: true });
	}
	const host = new LocalHost({ env: { ...process.env, CDPATH: join(folder, 'elsewhere') } });
	onTestFinished(() => host.close());
	const { stdout } = await host.exec(`cd ${folder}/app && cd web && pwd`);
	expect(stdout.toString()).toBe(`${folder}/app/web\n`);
});
