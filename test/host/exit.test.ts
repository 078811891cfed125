import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';

const run = promisify(execFile);
const textFiles = fileURLToPath(new URL('../../scripts/text-files.ts', import.meta.url));
const open = fileURLToPath(new URL('../../src/services/host/open.ts', import.meta.url));

/** Runs a program that uses a host in every way, closes it, and must then end by itself. */
const useAndClose = (host: string, ssh: object, home?: string) => {
	const program = `
		import { get } from 'node:http';
		import { openHost } from ${JSON.stringify(open)};
		const host = openHost(${JSON.stringify({ host, ssh })}, ${JSON.stringify({ home })});
		await host.ready();
		await host.exec('true');
		await host.exec('sleep 60', { timeoutMs: 100 }).catch(() => {});
		await host.spawn('sleep 60');
		get({ host: '127.0.0.1', port: 1, agent: host.tcpAgent }).on('error', () => {});
		get({ host: 'docker', agent: host.commandAgent('sleep 60') }).on('error', () => {});
		host.exec('sleep 60').catch(() => {});
		await host.close();
		console.log('closed');
	`;
	return run(process.execPath, ['--no-warnings', '--import', textFiles, '--input-type=module', '-e', program], {
		timeout: 25_000,
	});
};

it('lets the program end after this machine was closed as a host', async () => {
	expect((await useAndClose('local', {})).stdout).toBe('closed\n');
});

it.skipIf(sshdMissing())('lets the program end after an SSH host was closed', async () => {
	const sshd: Sshd = await startSshd();
	try {
		expect((await useAndClose(sshd.destination, { identityFile: sshd.identity }, sshd.home)).stdout).toBe('closed\n');
	} finally {
		await sshd.stop();
	}
});
