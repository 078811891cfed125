import { expect, test } from 'vitest';
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
