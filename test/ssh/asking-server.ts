import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext } from 'ssh2';
import { makeKey, publicKey } from './sshd.ts';

/** An SSH server that asks what it is told to. Not OpenSSH: with that, passwords would need an account of this machine. */
export interface AskingServer {
	/** user@127.0.0.1:port */
	readonly destination: string;
	readonly folder: string;
	readonly knownHosts: string;
	readonly clients: ReadonlySet<ssh2.Connection>;
	close(): Promise<void>;
}

/** Starts one on a free loopback port. Who was let in may run commands; each of them prints itself. */
export const startAskingServer = async (
	authenticate: (context: AuthContext) => void,
	config: Pick<ssh2.ServerConfig, 'banner' | 'greeting'> = {},
): Promise<AskingServer> => {
	const folder = await mkdtemp(join(tmpdir(), 'backout-asking-'));
	const hostKey = makeKey(folder, 'host');
	const knownHosts = join(folder, 'known');
	const clients = new Set<ssh2.Connection>();
	const server = new ssh2.Server({ ...config, hostKeys: [readFileSync(hostKey)] }, (client) => {
		clients.add(client);
		client.on('error', () => {});
		client.on('close', () => clients.delete(client));
		client.on('authentication', authenticate);
		client.on('session', (accept) => {
			accept().on('exec', (acceptExec, _reject, { command }) => {
				const channel = acceptExec();
				channel.write(command);
				channel.exit(0);
				channel.end();
			});
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const [type, key] = (await publicKey(hostKey)).split(' ');
	await writeFile(knownHosts, `[127.0.0.1]:${port} ${type} ${key}\n`);
	return {
		destination: `deploy@127.0.0.1:${port}`,
		folder,
		knownHosts,
		clients,
		close: async () => {
			await new Promise((resolve) => {
				server.close(resolve);
				for (const client of clients) {
					client.end();
				}
			});
			await rm(folder, { recursive: true, force: true });
		},
	};
};
