import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const example = join(import.meta.dirname, '../../../docs/examples/kubernetes-runner.yaml');
const objects = parseAllDocuments(readFileSync(example, 'utf8')).map((document) => document.toJS());
const start: string = objects.find(({ kind }) => kind === 'ConfigMap').data['start.sh'];

let home: string;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), 'backout-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Starts the container of the runner, and ends it as soon as it waits. */
const begin = (shell: readonly string[], address = '10.96.0.1') => {
	const [command = 'sh', ...words] = shell;
	const ended = `sleep() { kill $$; }\n${start}`;
	const { status, stderr } = spawnSync(command, [...words, '-c', ended], {
		env: { PATH: process.env.PATH, HOME: home, KUBERNETES_SERVICE_HOST: address, KUBERNETES_SERVICE_PORT: '443' },
		encoding: 'utf8',
		timeout: 20_000,
	});
	expect(stderr).toBe('');
	expect(status).toBe(0);
};

describe.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s', (shell) => {
	test('the runner takes its host key back from the group of its volume, as sshd would not use it', () => {
		// A mount with fsGroup gives the group every file of the volume.
		writeFileSync(join(home, 'host_key'), 'key');
		chmodSync(join(home, 'host_key'), 0o660);
		begin(shell);
		expect((statSync(join(home, 'host_key')).mode & 0o777).toString(8)).toBe('600');
		expect(readFileSync(join(home, 'host_key'), 'utf8')).toBe('key');
	});

	test.for([
		['10.96.0.1', 'https://10.96.0.1:443'],
		['fd00::1', 'https://[fd00::1]:443'],
	] as const)('the runner tells kubectl where the cluster is: %s', ([address, server]) => {
		writeFileSync(join(home, 'host_key'), 'key');
		begin(shell, address);
		const { clusters } = parse(readFileSync(join(home, '.kube/config'), 'utf8'));
		expect(clusters[0].cluster.server).toBe(server);
	});
});
