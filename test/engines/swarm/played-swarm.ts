import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawInfo, RawNode, RawService, RawTask } from '../../../src/engines/swarm/raw.ts';

/** One swarm whose Engine API is real HTTP on a socket, and whose answers a test sets. */
export interface PlayedSwarm {
	readonly socket: string;
	info: RawInfo;
	nodes: RawNode[];
	services: RawService[];
	tasks: RawTask[];
	/** Lines of tasks by their ids. */
	readonly logs: Map<string, { readonly at: string; readonly text: string }[]>;
	/** Tells whoever listens of an event, and whoever follows a log of a line. */
	tell(event?: object): void;
	/** Answers every request with this refusal. */
	refuse(status: number, message: string): void;
	/** Breaks every connection, and lets nobody in. */
	break(): void;
	close(): Promise<void>;
}

/** The time now in the form of the Engine API; each call is later than the one before. */
export const stamp = (() => {
	let last = 0n;
	return (ago = 0): string => {
		const now = BigInt(Date.now() - ago) * 1_000_000n;
		last = now > last || ago > 0 ? now : last + 1n;
		const fraction = String(last % 1_000_000_000n).padStart(9, '0');
		return `${new Date(Number(last / 1_000_000n)).toISOString().slice(0, 19)}.${fraction}Z`;
	};
})();

const framed = (text: string): Buffer => {
	const payload = Buffer.from(text);
	const header = Buffer.alloc(8);
	header[0] = 1;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};

export const openPlayedSwarm = async (): Promise<PlayedSwarm> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-swarm-'));
	const socket = join(folder, 'docker.sock');
	const news = new EventEmitter().setMaxListeners(0);
	let broken = false;
	let refusal: { readonly status: number; readonly message: string } | undefined;
	const say = (response: ServerResponse, body: unknown, status = 200) => {
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	};

	const sayLog = (id: string, query: URLSearchParams, response: ServerResponse) => {
		const task = () => played.tasks.find(({ ID }) => ID === id);
		response.writeHead(200);
		response.flushHeaders();
		const tail = query.get('tail');
		const lines = () => played.logs.get(id) ?? [];
		let at = tail === null || tail === 'all' ? 0 : Math.max(0, lines().length - Number(tail));
		const write = () => {
			for (const line of lines().slice(at)) {
				response.write(framed(`${query.get('timestamps') === '1' ? `${line.at} ` : ''}${line.text}\n`));
			}
			at = lines().length;
			if (query.get('follow') !== '1' || task()?.Status?.State !== 'running') {
				news.off('news', write);
				response.end();
			}
		};
		news.on('news', write);
		response.on('close', () => news.off('news', write));
		write();
	};

	const answer = (path: string, query: URLSearchParams, response: ServerResponse): void => {
		const [, kind = '', id = '', what] = path.split('/');
		if (refusal !== undefined && !['_ping', 'version', 'info'].includes(kind)) {
			say(response, { message: refusal.message }, refusal.status);
		} else if (kind === 'events') {
			response.writeHead(200);
			response.flushHeaders();
			const write = (event: object | undefined) => event !== undefined && response.write(`${JSON.stringify(event)}\n`);
			news.on('news', write);
			response.on('close', () => news.off('news', write));
		} else if (kind === 'tasks' && what === 'logs') {
			sayLog(id, query, response);
		} else if (kind === 'containers' && what === 'stats') {
			say(response, { memory_stats: { usage: 4096, limit: 8192 } });
		} else if (kind === 'images' && what === 'history') {
			say(response, [{ Created: 1, CreatedBy: 'COPY', Size: 1 }]);
		} else if (kind === 'images') {
			say(response, { Id: `sha256:${'1'.repeat(64)}`, Created: '2026-01-01T00:00:00Z' });
		} else if (kind === '_ping') {
			response.end('OK');
		} else if (kind === 'version') {
			say(response, { Version: '27.0.0' });
		} else {
			const all: Readonly<Record<string, unknown>> = {
				info: played.info,
				nodes: played.nodes,
				services: played.services,
				tasks: played.tasks,
			};
			say(response, all[kind] ?? { message: 'no such thing' }, all[kind] === undefined ? 404 : 200);
		}
	};

	const server = createServer((request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://docker');
		answer(pathname, searchParams, response);
	});
	server.on('connection', (connection) => broken && connection.destroy());
	server.listen(socket);
	await once(server, 'listening');
	const played: PlayedSwarm = {
		socket,
		info: { Name: 'one', Swarm: { NodeID: 'n1', LocalNodeState: 'active', ControlAvailable: true } },
		nodes: [nodeOf('n1', 'one')],
		services: [],
		tasks: [],
		logs: new Map(),
		tell: (event) => void news.emit('news', event),
		refuse: (status, message) => {
			refusal = { status, message };
		},
		break: () => {
			broken = true;
			server.closeAllConnections();
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			rmSync(folder, { recursive: true, force: true });
		},
	};
	return played;
};

/** A node that is ready, a manager unless said otherwise. */
export const nodeOf = (id: string, name: string, more: Partial<RawNode> = {}): RawNode => ({
	ID: id,
	Spec: { Role: 'manager', Availability: 'active' },
	Description: {
		Hostname: name,
		Platform: { Architecture: 'x86_64', OS: 'linux' },
		Engine: { EngineVersion: '27.0.0' },
	},
	Status: { State: 'ready' },
	ManagerStatus: { Leader: id === 'n1', Reachability: 'reachable' },
	...more,
});

/** A service of the stack `app` with this many tasks. */
export const serviceOf = (name: string, more: RawService['Spec'] = {}): RawService => ({
	ID: `s-${name}`,
	Spec: {
		Name: `app_${name}`,
		TaskTemplate: { ContainerSpec: { Image: 'app:1' }, RestartPolicy: { Condition: 'none' } },
		Mode: { Replicated: { Replicas: 1 } },
		...more,
	},
});

/** A task of a service that runs in slot 1 of node n1, made from what the service is made from now. */
export const taskOf = (id: string, service: RawService, more: Partial<RawTask> = {}): RawTask => ({
	ID: id,
	ServiceID: service.ID,
	NodeID: 'n1',
	Slot: 1,
	Spec: { ...service.Spec?.TaskTemplate },
	CreatedAt: stamp(),
	DesiredState: 'running',
	Status: { Timestamp: stamp(), State: 'running', ContainerStatus: { ContainerID: `c-${id}` } },
	...more,
});
