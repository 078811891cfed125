import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shellMissing, shellPath, shells } from '../../runner/shells.ts';

const functions = readFileSync(join(import.meta.dirname, '../../../src/engines/compose/found-files.sh'), 'utf8');

describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('in %s', (shell) => {
	test.each([
		['nothing in an empty folder', [], undefined, []],
		[
			'the first of the usual names',
			['docker-compose.yml', 'compose.yml', 'compose.yaml'],
			undefined,
			['compose.yaml'],
		],
		[
			'with the first of the usual overrides',
			['docker-compose.yaml', 'docker-compose.override.yml', 'other.yaml'],
			'TAG=1\n',
			['docker-compose.yaml', 'docker-compose.override.yml'],
		],
		['those that .env names', ['compose.yaml'], 'COMPOSE_FILE=./a.yaml:more/b.yaml\n', ['a.yaml', 'more/b.yaml']],
		[
			'in quotes, exported, with a comment',
			[],
			`export COMPOSE_FILE="a b.yaml:c.yaml" # two\r\n`,
			['a b.yaml', 'c.yaml'],
		],
		['before a comment', [], 'COMPOSE_FILE=a.yaml # one\n', ['a.yaml']],
		['with a separator', [], "COMPOSE_PATH_SEPARATOR=';'\nCOMPOSE_FILE=a.yaml;b.yaml\n", ['a.yaml', 'b.yaml']],
		['nothing, where .env has to be interpolated', ['compose.yaml'], 'COMPOSE_FILE=$' + '{X}.yaml\n', []],
		['not what is commented out', ['compose.yaml'], '#COMPOSE_FILE=a.yaml\n', ['compose.yaml']],
	] as const)('%s', (_, files, env, found) => {
		const folder = mkdtempSync(join(tmpdir(), 'backout-found-'));
		try {
			for (const name of files) {
				writeFileSync(join(folder, name), '');
			}
			if (env !== undefined) {
				writeFileSync(join(folder, '.env'), env);
			}
			const { stdout, stderr } = spawnSync(
				shellPath(shell),
				[...(shell === 'busybox' ? ['sh'] : []), '-s', '--', folder],
				{ input: `${functions}\nfound_files "$1"\n`, encoding: 'utf8' },
			);
			expect(stderr).toBe('');
			expect(stdout.split('\n').filter(Boolean)).toEqual(found);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
