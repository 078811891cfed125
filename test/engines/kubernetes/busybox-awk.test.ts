import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHost } from '../../kubernetes/harness/shell.ts';

const pod = {
	metadata: { name: 'web-1', uid: 'u1', labels: { app: 'web' }, ownerReferences: [{ uid: 'r1', kind: 'ReplicaSet' }] },
	spec: { nodeName: 'one' },
	status: {
		phase: 'Pending',
		conditions: [
			{ type: 'PodScheduled', status: 'True' },
			{ type: 'Ready', status: 'False' },
		],
		containerStatuses: [{ name: 'main', restartCount: 2, state: { waiting: { reason: 'ImagePullBackOff' } } }],
	},
};

test("BusyBox's awk reads pods, and why one does not run", async () => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-awk-'));
	symlinkSync('/bin/busybox', join(folder, 'awk'));
	writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify([pod])}\nEND\n`);
	chmodSync(join(folder, 'kubectl'), 0o755);
	const host = openHost('live', { PATH: `${folder}:${process.env.PATH}`, KUBECONFIG: '/nowhere' }, ['busybox', 'sh']);
	try {
		const said = await host.must('pod_rows');
		expect(said).toMatch(/web-1.*ImagePullBackOff/);
		expect(said).not.toMatch(/awk:/);
	} finally {
		host.remove();
		rmSync(folder, { recursive: true, force: true });
	}
});
