import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { functions } from '../../kubernetes/harness/shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'backout-drain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const podOf = (name: string, deletionTimestamp?: string) => ({
	metadata: { namespace: 'shop', name, deletionTimestamp, ownerReferences: [{ kind: 'ReplicaSet', uid: 'r1' }] },
	status: { phase: 'Running' },
});
const marked = podOf('web-1', '2026-11-29T22:00:00Z');

/** Runs a call of the engine's functions in a shell, with a cluster of one node; returns what it prints, and its exit code. */
const call = (shell: readonly string[], script: string, ready: string, pods: readonly object[]): string => {
	writeFileSync(join(folder, 'nodes'), ready === '' ? '' : `node-1\t${ready}\t-\t7\tv1.20.2\n`);
	writeFileSync(join(folder, 'pods'), JSON.stringify(pods));
	const [command = 'sh', ...words] = shell;
	const played = `node_rows() { [ -s nodes ] && cat nodes; }; items() { cat pods; }; lock_is_ours() { :; }
cluster() { echo "kubectl $*"; }`;
	return execFileSync(command, [...words, '-s'], {
		cwd: folder,
		input: `${functions()}\n${played}\n${script}; echo "exit code $?"\n`,
		encoding: 'utf8',
	});
};

describe.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s', (shell) => {
	const empty = (ready: string, pods: readonly object[]) => call(shell, 'node_is_empty node-1', ready, pods);

	test('the drain of a node whose kubelet is heard waits for the end of its pods, also when it is not ready', () => {
		for (const ready of ['True', 'False']) {
			const said = call(shell, 'drain_node node-1 60', ready, []);
			expect(said).toBe('kubectl drain node-1 --ignore-daemonsets --timeout=60s\nexit code 0\n');
			expect(empty(ready, [marked])).toBe('1 pod is still on node-1\nexit code 1\n');
			expect(empty(ready, [])).toBe('no pod is on node-1, but those of daemon sets\nexit code 0\n');
		}
	});

	test('of a lost node it is never said that no pod is on it', () => {
		expect(call(shell, 'drain_node node-1 60', 'Unknown', [])).toBe(
			`node-1 is lost: what runs there is not known, and ends only with the node
kubectl drain node-1 --ignore-daemonsets --timeout=60s --skip-wait-for-delete-timeout=5
exit code 0
`,
		);
		expect(empty('Unknown', [marked])).toBe(
			'node-1 is lost: its pods are marked to be deleted, and what runs there is not known\nexit code 0\n',
		);
		expect(empty('Unknown', [])).toBe('node-1 is lost: what runs there is not known\nexit code 0\n');
		expect(empty('Unknown', [marked, podOf('web-2')])).toBe('1 pod is still on node-1\nexit code 1\n');
	});

	test('a pod that ends on a node that is not ready is waited for, and one on a lost node is unknown', () => {
		const status =
			'{"observedGeneration":2,"readyReplicas":1,"currentReplicas":1,"currentRevision":"h","updateRevision":"h"}';
		const row = ['db', 'statefulset/db', 's1', '7', '2', '1', 'app:1', '-', 'sum', '-', '{}', '{}', status].join('\\t');
		const missing = (ready: string, deleted: string) => {
			const pod = ['p1', 'db-0', 's1', 'StatefulSet', 'h', 'node-1', 'Running', 'True', deleted, '0', '-'].join('\\t');
			const script = `converge_rows=$(printf '${row}'); converge_pods=$(printf '${pod}'); converge_sets=''
converge_nodes=$(node_rows); missing_of_look`;
			return call(shell, script, ready, []).replace('exit code 0\n', '');
		};
		expect(missing('True', '-')).toBe('');
		expect(missing('False', '-')).toBe('db: 1 pod on node-1, which is not ready\n');
		expect(missing('False', '2026-11-29T22:00:00Z')).toBe('db: 1 pod still ending\n');
		expect(missing('Unknown', '-')).toBe('db: 1 pod cannot be seen: node-1 is lost\n');
		expect(missing('Unknown', '2026-11-29T22:00:00Z')).toBe('');
	});

	test('of a node of which the API server says nothing it is not said either', () => {
		expect(empty('', [])).toBe('exit code 1\n');
	});
});
