import { afterEach, describe, expect, it } from 'vitest';
import { streamFrom } from '../../src/engines/docker/cli-stream.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { runConstantScript, runScript } from '../../src/services/host/run-script.ts';
import { followRun, newRunId } from '../../src/services/runner/runner.ts';
import { type Sshd, sshdMissing, startSshd } from './sshd.ts';

describe.skipIf(sshdMissing())('a login that runs no commands', () => {
	let sshd: Sshd | undefined;
	let host: Host | undefined;

	afterEach(async () => {
		await host?.close();
		await sshd?.stop();
	});

	it.each([
		[
			'an account without a shell',
			'echo "This account is currently not available."; exit 1',
			/it printed “This account is currently not available\.” instead$/,
		],
		[
			'a forced command',
			'cat >/dev/null; echo Welcome to the menu; echo 1: backup',
			/“Welcome to the menu \/ 1: backup”/,
		],
		['sftp only', 'internal-sftp', /this login runs no commands: /],
		['a startup file that runs something else', 'exec true', /nothing was printed \(exit code 0\)$/],
		['one that prints a lot', 'seq -s " " 1000', /“1 2 3 .{100,}…” instead$/],
	])('is one sentence, whatever asks: %s', async (_, command, sentence) => {
		sshd = await startSshd([`ForceCommand ${command}`]);
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		const ask = { purpose: 'list the runs' };
		const answers = await Promise.allSettled([
			runScript(host, 'echo out', ask),
			runScript(host, 'echo out', { ...ask, anyExit: true }),
			runConstantScript(host, 'echo out', { ...ask, anyExit: true }),
			streamFrom(host, 'docker', 500)('read the log', 'echo out', {}).next(),
			followRun(host, { directory: '/' }, newRunId()),
		]);
		const messages = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.message : 'it was run'));
		for (const message of messages) {
			expect(message).toMatch(/^this login runs no commands: /);
			expect(message).toMatch(sentence);
		}
		expect(answers[1]).toMatchObject({ reason: { code: 'failed', next: expect.stringContaining('ForceCommand') } });
	});
});
