import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogChunk } from '../../src/engine/instance.ts';
import { createCliCalls } from '../../src/engines/docker/cli-calls.ts';
import { kubectlStream } from '../../src/engines/kubernetes/kubectl-stream.ts';
import watch from '../../src/engines/kubernetes/watch.sh';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

let folder: string;
let sshd: Sshd | undefined;
let host: Host | undefined;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-quiet-'));
	// They print one line, as an engine does that nothing happens to.
	for (const name of ['docker', 'kubectl']) {
		writeFileSync(join(folder, name), '#!/bin/sh\necho $$\nexec sleep 600\n');
		chmodSync(join(folder, name), 0o755);
	}
});
afterEach(async () => {
	await host?.close();
	await sshd?.stop();
	sshd = undefined;
	rmSync(folder, { recursive: true });
});

const openOn = async (kind: string): Promise<Host> => {
	const programs = { path: [folder] };
	const env = { PATH: process.env.PATH, HOME: folder };
	if (kind === 'this machine') {
		return openHost({ host: 'local', ssh: {}, programs }, { env });
	}
	sshd = await startSshd();
	return openHost({ host: sshd.destination, ssh: { identityFile: sshd.identity }, programs }, { home: sshd.home, env });
};

const place = { namespace: 'shop', context: '', kubeconfig: '' } as never;

/** What goes on for as long as somebody reads it. */
const streams: readonly [string, (host: Host, signal: AbortSignal) => AsyncIterable<LogChunk | Buffer>][] = [
	['the log of a container', (on, signal) => createCliCalls(on).logs('web', { follow: true, signal })],
	['pods that are watched', (on, signal) => kubectlStream(on, place, { script: watch, purpose: 'watch pods', signal })],
];

describe.skipIf(sshdMissing())('a program that is quiet', () => {
	describe.each(['this machine', 'a host'])('on %s', (kind) => {
		it.each(streams)('ends when nobody reads it any more: %s', async (_, open) => {
			host = await openOn(kind);
			const over = new AbortController();
			let pid = 0;
			const reading = (async () => {
				for await (const piece of open(host as Host, over.signal)) {
					pid = Number(Buffer.from('bytes' in piece ? piece.bytes : piece).toString());
				}
			})().catch(() => {});
			await expect.poll(() => pid).toBeGreaterThan(0);
			expect(existsSync(`/proc/${pid}`)).toBe(true);
			over.abort(new Error('the pane is closed'));
			await reading;
			await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
		});
	});

	it('ends when the connection is lost', async () => {
		host = await openOn('a host');
		const over = new AbortController();
		let pid = 0;
		const reading = (async () => {
			for await (const { bytes } of createCliCalls(host).logs('web', { follow: true, signal: over.signal })) {
				pid = Number(Buffer.from(bytes).toString());
			}
		})().catch(() => {});
		await expect.poll(() => pid).toBeGreaterThan(0);
		await host.close();
		await reading;
		await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
	});
});
