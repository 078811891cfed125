import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stands between kubectl and the API server, and can fall silent as a lost network does: nothing is closed, and nothing comes. */
export interface ApiProxy {
	/** A kubeconfig that goes by way of it. */
	readonly kubeconfig: string;
	/** The number of connections that were opened by way of it. */
	opened(): number;
	/** Forwards nothing more of the connections that there are; later ones work. */
	silenceOld(): void;
	/** Forwards nothing more, also of later connections. */
	silence(): void;
	/** Forwards later connections again. Those from before stay silent. */
	speak(): void;
	close(): Promise<void>;
}

/** Opens a proxy to the API server of a kubeconfig. */
export const openProxy = async (kubeconfig: string): Promise<ApiProxy> => {
	const text = readFileSync(kubeconfig, 'utf8');
	const [, host = '', port = ''] = /server: https:\/\/([^:\s]+):(\d+)/.exec(text) ?? [];
	const sockets = new Set<Socket>();
	let isSilent = false;
	let opened = 0;
	const server = createServer((client) => {
		opened += 1;
		const upstream = connect(Number(port), host);
		for (const [from, to] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			sockets.add(from);
			from.on('error', () => to.destroy());
			from.on('close', () => {
				sockets.delete(from);
				to.destroy();
			});
			if (isSilent) {
				from.pause();
			} else {
				from.pipe(to);
			}
		}
	});
	const silenceOld = () => {
		for (const socket of sockets) {
			socket.unpipe();
			socket.pause();
		}
	};
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const folder = mkdtempSync(join(tmpdir(), 'backout-proxy-'));
	const file = join(folder, 'kubeconfig');
	const here = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
	// The certificate is for the address of the API server.
	const loose = text.replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true');
	writeFileSync(file, loose.replace(/https:\/\/[^:\s]+:\d+/, here), { mode: 0o600 });
	return {
		kubeconfig: file,
		opened: () => opened,
		silenceOld,
		silence: () => {
			isSilent = true;
			silenceOld();
		},
		speak: () => {
			isSilent = false;
		},
		close: async () => {
			server.close();
			for (const socket of sockets) {
				socket.destroy();
			}
			await once(server, 'close');
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
