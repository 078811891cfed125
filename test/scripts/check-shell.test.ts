import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptsOf } from '../../scripts/runbook-scripts.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const scriptsIn = (text: string) => {
	const file = join(folder, 'runbook.yaml');
	writeFileSync(file, text);
	return scriptsOf(file).map(({ line, shell, text }) => ({ line, shell, text }));
};

test('every script of a runbook is found, with its line: choices, steps, waits, checks, shared ones', () => {
	const runbook = `inputs:
  commit:
    choices: |
      git log
      true
    resolve: git rev-parse "$value"
procedures:
  roll-back:
    title: run
    steps:
      - { id: one, title: One, run: 'echo one' }
      - id: two
        wait:
          until: |-
            ready
scripts:
  shared: |

    echo shared
`;
	expect(scriptsIn(runbook)).toEqual([
		{ line: 4, shell: 'sh', text: 'git log\ntrue\n' },
		{ line: 6, shell: 'sh', text: 'git rev-parse "$value"' },
		{ line: 11, shell: 'sh', text: 'echo one' },
		{ line: 15, shell: 'sh', text: 'ready' },
		{ line: 18, shell: 'sh', text: '\necho shared\n' },
	]);
});

test('the steps of a GitHub workflow are bash, and its expressions are words', () => {
	expect(scriptsIn('jobs:\n  deploy:\n    steps:\n      - run: echo ${{ github.sha }}\n')).toEqual([
		{ line: 4, shell: 'bash', text: 'echo expression' },
	]);
});

test('every document of a file is read, and the files of a ConfigMap are scripts by their names', () => {
	const manifests =
		'kind: Role\n---\nkind: ConfigMap\ndata:\n  start.sh: |\n    echo here\n  sshd_config: |\n    UsePAM no\n';
	expect(scriptsIn(manifests)).toEqual([{ line: 6, shell: 'sh', text: 'echo here\n' }]);
});

test('what is no YAML is no file without scripts', () => {
	expect(() => scriptsIn('a: [')).toThrow();
});
