import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenApi } from '../../demo/docker/api.ts';
import { createEngine, type Engine } from '../../demo/docker/engine.ts';
import { type Container, labels } from '../../demo/docker/types.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import type { WatchedEngine } from '../../src/services/instances/watched-engine.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';

export interface PlayedEngine {
	/** Compose as the program sees it. */
	readonly compose: WatchedEngine;
	readonly engine: Engine;
	/** A running container of a service of the project `app`. */
	run(service: string, name?: string): Promise<Container>;
	/** Breaks every connection to Docker, and lets nobody in until `mend`. */
	break(): void;
	mend(): void;
	close(): Promise<void>;
}

/** The demo's Docker on a socket of its own: its Engine API is real, its containers say what a test has them say. */
export const openPlayedEngine = async (): Promise<PlayedEngine> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-logs-'));
	const socket = join(folder, 'docker.sock');
	const program = { end: () => {}, use: () => ({ cpu: 0, memory: 0 }) };
	const engine = createEngine({ programOf: () => () => program, root: folder });
	const server = await listenApi(engine, socket);
	let broken = false;
	server.on('connection', (connection) => broken && connection.destroy());
	const host = new LocalHost({ env: { ...process.env, DOCKER_HOST: `unix://${socket}` } });
	const { image } = engine.images.add({ files: new Map(), labels: {}, bytes: 1 });
	return {
		compose: watchedCompose(host, { project: 'app', directory: '/', projectGiven: true }),
		engine,
		run: async (service, name = `app-${service}-1`) => {
			const container = engine.create({
				name,
				image,
				imageName: 'app:1',
				labels: { [labels.project]: 'app', [labels.service]: service, [labels.oneOff]: 'False' },
				env: {},
				restartPolicy: 'no',
				mounts: [],
				ports: [],
				network: 'none',
			});
			await engine.start(container, true);
			return container;
		},
		break: () => {
			broken = true;
			server.closeAllConnections();
		},
		mend: () => {
			broken = false;
		},
		close: async () => {
			await host.close();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await engine.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
