import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/services/runbook-file/load-config.ts';
import { readLines } from '../helpers/output-lines.ts';
import { program } from '../helpers/program.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'github-actions.md'), 'utf8');
const text = readFileSync(join(root, 'docs', 'examples', 'deploy.yml'), 'utf8');

interface Workflow {
	readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}
const scripts = Object.values((parse(text) as Workflow).jobs).flatMap(({ steps }) =>
	steps.flatMap(({ run }) => (run === undefined ? [] : [run])),
);

/** The words of each backout command in a script, as the shell itself takes them apart. */
const commandsOf = (script: string): readonly (readonly string[])[] =>
	script
		.split('\n')
		.map((line) => /(?:^|\s|=\$\()(backout (?:[^|>;]|"[^"]*")*)/.exec(line)?.[1])
		.filter((line) => line !== undefined)
		.map((line) =>
			execFileSync('sh', ['-c', `backout() { printf '%s\\n' "$@"; }; ${line}`], {
				encoding: 'utf8',
				env: { PATH: process.env.PATH, BEFORE: 'a'.repeat(40), GITHUB_SHA: 'sha', GITHUB_RUN_ID: '1' },
			})
				.trimEnd()
				.split('\n'),
		);

const all = [...scripts, ...[...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script)].flatMap(
	commandsOf,
);

test('the example has the commands that it is about', () => {
	expect(all.map((words) => words.find((word) => /^[a-z]/.test(word) && !word.includes('/')))).toEqual([
		'verify',
		'status',
		'guard',
		'report',
		'with-lock',
		'verify',
		'run',
	]);
});

test.each(all.map((words) => [words.join(' '), words]))('the command line is valid: %s', (_line, words) => {
	// With a config that is not there: whatever is wrong with the words is said before it is looked for.
	const args = words.map((word) => (word === 'ci/backout.yaml' ? 'nowhere.yaml' : word));
	const json = args.includes('--json') || args.includes('report') ? [] : ['--json'];
	// What follows -- belongs to another command.
	const end = args.includes('--') ? args.indexOf('--') : args.length;
	const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args.toSpliced(end, 0, ...json)], {
		encoding: 'utf8',
		cwd: tmpdir(),
		env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: '/nonexistent' },
	});
	expect(stderr).toMatch(/there is no config at|no config was found/);
	expect(status).toBe(2);
	if (!args.includes('report')) {
		expect(readLines(stdout).at(-1)).toMatchObject({ type: 'error', code: 'config' });
	}
});

test('keys are for their owner alone, the known host is a secret, and nothing turns its check off', () => {
	expect(text).toContain('KNOWN_HOSTS: ${{ secrets.KNOWN_HOSTS }}');
	expect(text).toMatch(/umask 077[\s\S]*chmod 600 ~\/\.ssh\/deploy/);
	expect(text).not.toMatch(/StrictHostKeyChecking[= ](no|accept-new|off)|UserKnownHostsFile[= ]\/dev\/null/i);
	expect(scripts.join('\n')).not.toContain('ssh-keyscan');
	// A secret is a value of the environment, never part of a script.
	expect(scripts.join('\n')).not.toContain('${{');
});

test('the config of the page is one', () => {
	const [, yaml = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
	const readRunbook = (name: string) => ({
		text: readFileSync(join(root, 'runbooks', `${name}.yaml`), 'utf8'),
		file: `${name}.yaml`,
	});
	expect(loadConfig(yaml, 'ci/backout.yaml', { readRunbook }).targets[0]?.ssh).toMatchObject({
		identityFile: expect.stringContaining('deploy'),
	});
});
