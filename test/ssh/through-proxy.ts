import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import type { TcpProxy } from '../net/proxy.ts';
import { publicKey, type Sshd } from './sshd.ts';

/** Reaches a test's sshd through a proxy, which has a port, and so a known_hosts line, of its own. The link is up then. */
export const openThroughProxy = async (sshd: Sshd, proxy: TcpProxy): Promise<Host> => {
	const knownHosts = join(sshd.folder, 'proxy_known');
	const [type, key] = (await publicKey(sshd.hostKey)).split(' ');
	writeFileSync(knownHosts, `[127.0.0.1]:${proxy.port} ${type} ${key}\n`);
	const host = openHost(
		{ host: `${sshd.user}@127.0.0.1:${proxy.port}`, ssh: { knownHosts, identityFile: sshd.identity } },
		{ env: { PATH: process.env.PATH }, home: sshd.home },
	);
	await host.ready();
	return host;
};
