import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import { startCluster } from './cluster.ts';
import { clusterMissing } from './programs.ts';

declare module 'vitest' {
	interface ProvidedContext {
		/** A socket that tells the kubeconfig of the cluster of all files. */
		cluster: string;
	}
}

/**
 * One cluster for all files of this project, which starts when the first test asks for it. `BACKOUT_KUBERNETES` names the kubeconfig of one
 * that runs already (`npm run kubernetes -- up`).
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
	const missing = await clusterMissing();
	if (missing !== undefined) {
		if (process.env.BACKOUT_KUBERNETES === 'required') {
			throw new Error(`a Kubernetes cluster is required: ${missing}`);
		}
		process.stdout.write(`The tests that need a Kubernetes cluster are skipped: ${missing}\n`);
	}
	const folder = mkdtempSync(join(tmpdir(), 'backout-cluster-socket-'));
	const socket = join(folder, 'socket');
	let cluster: ReturnType<typeof startCluster> | undefined;
	const server = createServer((_, answer) => {
		cluster ??= startCluster({ nodes: 2 });
		cluster.then(
			({ control }) => answer.end(control.kubeconfig),
			(error) => answer.writeHead(500).end(String(error)),
		);
	});
	server.listen(socket);
	await once(server, 'listening');
	project.provide('cluster', socket);
	return async () => {
		server.close();
		await cluster?.then((one) => one.stop()).catch(() => {});
		rmSync(folder, { recursive: true, force: true });
	};
};

export default setup;

/** Returns the kubeconfig of the cluster of all files. */
export const sharedKubeconfig = async (socketPath: string): Promise<string> => {
	const running = process.env.BACKOUT_KUBERNETES ?? '';
	if (running.startsWith('/')) {
		return running;
	}
	const asked = request({ socketPath, path: '/' }).end();
	const [answer] = await once(asked, 'response');
	const said = await text(answer);
	if (answer.statusCode !== 200) {
		throw new Error(said);
	}
	return said;
};
