import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { functions } from '../../kubernetes/harness/shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-interrupts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const runbook = join(import.meta.dirname, '../../../runbooks/kubernetes.yaml');
const interrupted: string = parse(readFileSync(runbook, 'utf8')).scripts['workloads-of-deployment'];

/** Lines of `workload_rows`, by name and number of pods. */
const rows = (pods: Readonly<Record<string, string>>): string =>
	Object.entries(pods)
		.map(([name, replicas]) => [name, `deployment/${name}`, 'uid', '7', '2', replicas, 'app:1'].join('\t'))
		.join('\n');

describe.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s', (shell) => {
	test('a rollback of the whole deployment interrupts what it makes anew, and what has no pods afterwards', () => {
		const kept = { cache: '0', grown: '0', idle: '0', report: '0', same: '2', web: '2' };
		const now = { cache: '2', grown: '3', idle: '0', report: '1', same: '1', web: '2', worker: '1' };
		writeFileSync(join(folder, 'workloads'), `${rows(kept)}\n`);
		writeFileSync(join(folder, 'rows'), `${rows(now)}\n`);
		const played = `kept_folder() { echo .; }; workload_rows() { cat rows; }
autoscaler_rows() { printf 'deployment/grown\\tgrown-scaler\\t1\\t4\\n'; }
plan_changes() { printf '%s\\trecreate\\tsettings\\n' web report; printf 'cache\\tkeep\\t\\n'; }`;
		const [command = 'sh', ...words] = shell;
		const said = execFileSync(command, [...words, '-s'], {
			cwd: folder,
			input: `${functions()}\n${played}\n${interrupted}`,
			encoding: 'utf8',
			env: { PATH: process.env.PATH, deployment: 'then' },
		});
		expect(said.trimEnd().split('\n').toSorted()).toEqual(['cache', 'report', 'web', 'worker']);
	});
});
