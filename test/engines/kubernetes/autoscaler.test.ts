import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { functions } from '../../kubernetes/harness/shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-autoscaler-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const runbook = join(import.meta.dirname, '../../../runbooks/kubernetes.yaml');
const mayScale: string = parse(readFileSync(runbook, 'utf8')).scripts['may-scale'];

const why =
	'horizontalpodautoscalers.autoscaling is forbidden: User "ben" cannot list resource "horizontalpodautoscalers"';
const unknown = `it is not known whether an autoscaler sets the number of pods of deployment/web: ${why}`;
const spec = (replicas: number) => JSON.stringify({ replicas, template: {} });
const row = ['web', 'deployment/web', 'u1', '7', '2', '2', 'app:2', '-', 'sum', '-', '{}', spec(2), '{}'].join('\t');

/** A deployment web with two pods, three in its kept spec. What would change something says so. */
const played = `
cluster_said() { [ ! -s refusal ] || { cat refusal >&2; return 1; }; cat autoscalers; }
workload_rows() { cat row; }; workload_row() { cat row; }; kept_folder() { echo kept; }; kept_row() { cat row; }
spec_of() { cat kept; }; is_as_seen() { :; }; lock_is_ours() { :; }
put_settings() { settings_changed=0; echo 'settings: put back'; }
change_workload() { echo "changed: $1 $2 \${3:-}"; }`;

/** Runs a call of the engine's functions in a shell; returns what it prints, standard error as well, and its exit code. */
const call = (shell: readonly string[], script: string, refusal: string, autoscaler?: object): string => {
	const scales = { kind: 'Deployment', name: 'web' };
	const scaler = { metadata: { name: 'web-scaler' }, spec: { scaleTargetRef: scales, minReplicas: 2, maxReplicas: 4 } };
	writeFileSync(join(folder, 'autoscalers'), JSON.stringify(autoscaler === undefined ? [] : [scaler]));
	writeFileSync(join(folder, 'refusal'), refusal);
	writeFileSync(join(folder, 'row'), `${row}\n`);
	writeFileSync(join(folder, 'kept'), spec(3));
	const [command = 'sh', ...words] = shell;
	const input = `exec 2>&1\n${functions()}\n${played}\n(${script}\n)\necho "exit code $?"\n`;
	const env = { PATH: process.env.PATH, scaled: 'web', pods: '3', kube_namespace: 'shop', run_dir: folder };
	return execFileSync(command, [...words, '-s'], { cwd: folder, input, encoding: 'utf8', env });
};

describe.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s', (shell) => {
	test('where autoscalers may not be listed, the plan does not say that none sets the number of pods', () => {
		expect(call(shell, mayScale, why)).toBe(`${unknown}\nexit code 1\n`);
		expect(call(shell, mayScale, '')).toBe('exit code 0\n');
		expect(call(shell, mayScale, '', {})).toContain('belongs to the autoscaler web-scaler');
	});

	test('a workload can be scaled to 0 all the same, which an autoscaler leaves alone', () => {
		expect(call(shell, `pods=0\n${mayScale}`, why)).toBe(
			`${unknown}\nAn autoscaler would leave it alone while it has 0 pods\nexit code 0\n`,
		);
		const said = call(shell, 'scale_workload web 0', why);
		expect(said).toMatch(/^changed: web .*"value":0\} 0\n.*\nexit code 0\n$/);
	});

	test('neither a rollback nor a change of the number goes on then', () => {
		expect(call(shell, 'roll_back_to_spec then web', why)).toBe(`${unknown}. Nothing was changed\nexit code 1\n`);
		expect(call(shell, 'scale_workload web 3', why)).toBe(`${unknown}. Nothing was changed\nexit code 1\n`);
	});

	test('an undo is not proven while it is not known who sets the number of pods', () => {
		const undo = `mkdir -p then/kubernetes && from_dir=then && : >then/kubernetes/settings &&
			printf 'web\\tdeployment/web\\tu1\\t7\\t2\\t3\\tapp:2\\t-\\n' >then/kubernetes/workloads && compare_with_point`;
		expect(call(shell, undo, why)).toBe(
			`web: 2 pods, then 3; ${unknown}\nNot everything is as it was. The specs of then are still in then/kubernetes\nexit code 1\n`,
		);
		expect(call(shell, undo, '')).toContain('web: 2 pods, then 3\n');
		expect(call(shell, undo, '', {})).toBe('All workloads have their spec and settings of then: 1\nexit code 0\n');
	});

	test('a rollback sets the number of then where no autoscaler does, and else leaves it', () => {
		const put = (replicas: number, noted: string) =>
			`settings: put back\nchanged: web {"op":"replace","path":"/spec","value":${spec(replicas)}} ${noted}\n`;
		expect(call(shell, 'roll_back_to_spec then web', '')).toContain(put(3, '3'));
		expect(call(shell, 'roll_back_to_spec then web', '', {})).toContain('web: is as it was then\nexit code 0');
	});
});
