import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec } from '../../lab/exec.ts';

const engines = join(import.meta.dirname, '../../../src/engines');
const functions = ['docker/json.sh', 'swarm/swarm-rollback.sh']
	.map((path) => readFileSync(join(engines, path), 'utf8'))
	.join('\n');
const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name]) =>
	['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name ?? ''))),
);

const specOf = (image: string, replicas: number, env: readonly string[]) => ({
	Name: 's_web',
	Mode: { Replicated: { Replicas: replicas } },
	TaskTemplate: { ContainerSpec: { Image: image, Env: env }, ForceUpdate: replicas },
	Labels: { stage: 'test' },
});

describe.each(shells)('the difference of two specs in %s', (shell, ...words) => {
	test('has what was next to what is, path by path, and no value of a variable', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-difference-'));
		try {
			mkdirSync(join(folder, 'spec'));
			writeFileSync(join(folder, 'spec/web.json'), JSON.stringify(specOf('app:1', 2, ['A=1', 'TOKEN=old'])));
			const now = ['web', 'id', '7', 'app:2', '3', '-', 'sum', '{}', JSON.stringify(specOf('app:2', 3, ['TOKEN=new']))];
			const played = 'kept_folder() { printf "%s\\n" "$folder"; }\nservice_row() { printf "%s\\n" "$row"; }';
			const { stdout, stderr } = await exec(shell, [...words, '-s'], {
				input: `${functions}\n${played}\nspec_difference then web\n`,
				env: { folder, row: now.join('\t') },
			});
			expect(`${stdout}${stderr}`.trim().split('\n')).toEqual([
				'now   Env TOKEN',
				'then  Env A',
				'then  Env TOKEN',
				'now   Image "app:2"',
				'then  Image "app:1"',
				'now   Mode.Replicated.Replicas 3',
				'then  Mode.Replicated.Replicas 2',
			]);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
