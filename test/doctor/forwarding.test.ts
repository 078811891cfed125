import { afterEach, describe, expect, it } from 'vitest';
import { tcpForwarding } from '../../src/services/doctor/host.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';

describe.skipIf(sshdMissing())('doctor says how ports of the host are reached', () => {
	let sshd: Sshd | undefined;
	let host: Host | undefined;
	afterEach(async () => {
		await host?.close();
		await sshd?.stop();
	});

	it.each([
		['forwarded', [], { state: 'ok', found: 'allowed' }],
		[
			'by a program there',
			['AllowTcpForwarding no'],
			{
				state: 'warn',
				found: expect.stringMatching(/^the SSH server forbids it: \w+ on the host connects to its ports/),
			},
		],
		[
			'not at all',
			['AllowTcpForwarding no', 'ForceCommand PATH=/nowhere; exec /bin/sh -s'],
			{
				state: 'failed',
				found: expect.stringMatching(
					/^health, metrics and alerts behind the host cannot be read: .*no perl, python3, bash/,
				),
			},
		],
	])('%s', async (_, lines, finding) => {
		sshd = await startSshd(lines);
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		expect(await tcpForwarding(host, AbortSignal.timeout(60_000))).toMatchObject({ id: 'tcp-forwarding', ...finding });
	});
});
