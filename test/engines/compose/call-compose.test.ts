import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import deploymentScript from '../../../src/engines/compose/deployment.sh';
import foundFiles from '../../../src/engines/compose/found-files.sh';
import engineScript from '../../../src/engines/docker/engine.sh';
import { shellProgram } from '../../../src/services/host/shell-program.ts';
import { exec } from '../../lab/exec.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-called-'));
	writeFileSync(join(folder, 'docker'), `#!/bin/sh\n{ echo "$*"; env; } >'${folder}/called'\n`);
	chmodSync(join(folder, 'docker'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Calls Compose in a script with this environment; gives the arguments, and what Compose has in its environment. */
const called = async (given: Readonly<Record<string, string>>, shell = 'sh') => {
	const environment = { project: 'shop', directory: folder, ...given };
	const texts = [engineScript, foundFiles, deploymentScript, 'compose up -d'];
	const { stderr, code } = await exec(shell, shell === 'busybox' ? ['sh', '-s'] : ['-s'], {
		env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, COMPOSE_FILE: 'other.yaml', tag: 'mine' },
		input: shellProgram('mark', {}, texts, { environment }),
	});
	expect([code, stderr.replace('mark\n', '')]).toEqual([0, '']);
	const [words = '', ...lines] = readFileSync(join(folder, 'called'), 'utf8').split('\n');
	return { words, environment: new Map(lines.map((line) => line.split('=', 2) as [string, string])) };
};

describe('Compose is called', () => {
	test.for(['dash', 'bash', 'busybox'])('with the variables of the login, and none of ours: %s', async (shell) => {
		const { words, environment } = await called({ service: 'web', commit: 'abc', GIT_TERMINAL_PROMPT: '0' }, shell);
		expect(words).toBe('compose -p shop up -d');
		const names = ['project', 'directory', 'service', 'commit', 'backout_given', 'COMPOSE_FILE'];
		expect(names.filter((name) => environment.has(name))).toEqual([]);
		expect([environment.get('tag'), environment.get('GIT_TERMINAL_PROMPT')]).toEqual(['mine', '0']);
		expect(environment.get('COMPOSE_REMOVE_ORPHANS')).toBe('false');
	});

	test('with the profiles that .env names beside those that were found, but not beside those of the config', async () => {
		writeFileSync(join(folder, '.env'), 'COMPOSE_PROFILES="a,b" # two\n');
		const found = { compose_profiles: 'tools', compose_adds_profiles: '1' };
		expect((await called(found)).words).toBe('compose -p shop --profile tools --profile a --profile b up -d');
		expect((await called({ compose_profiles: 'tools' })).words).toBe('compose -p shop --profile tools up -d');
		expect((await called({ compose_adds_profiles: '1' })).words).toBe('compose -p shop up -d');
		writeFileSync(join(folder, 'prod.env'), 'COMPOSE_PROFILES=c\n');
		const named = { ...found, compose_env_files: join(folder, 'prod.env') };
		expect((await called(named)).words).toContain('--profile tools --profile c up -d');
	});
});
