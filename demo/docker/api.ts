import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Engine } from './engine.ts';
import { eventFilter, type Filters, fitsContainer, fitsImage } from './filters.ts';
import { eventJson, historyOf, inspectImage, sample, summarise } from './inspect.ts';
import { inspectContainer } from './inspect-container.ts';
import type { LogEntry } from './log.ts';
import { parseStamp, stampOf } from './stamp.ts';
import type { Container } from './types.ts';

/** What `docker version` says of the played engine. */
export const serverVersion = '27.3.1 (demo)';

interface Answering {
	readonly query: URLSearchParams;
	readonly response: ServerResponse;
}

const say = (response: ServerResponse, status: number, body: unknown) => {
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(`${JSON.stringify(body)}\n`);
};

const filtersOf = (query: URLSearchParams): Filters => {
	const raw = JSON.parse(query.get('filters') ?? '{}') as Record<string, readonly string[] | Record<string, boolean>>;
	return Object.fromEntries(
		Object.entries(raw).map(([name, values]) => [name, Array.isArray(values) ? values : Object.keys(values)]),
	);
};

const stampIn = (query: URLSearchParams, name: string): bigint | undefined => {
	const text = query.get(name);
	return text === null || text === '' || text === '0' ? undefined : parseStamp(text);
};

/** A stream of Docker's that has a header of eight bytes before each piece. */
const frame = ({ stream }: LogEntry, text: string): Buffer => {
	const payload = Buffer.from(`${text}\n`);
	const header = Buffer.alloc(8);
	header[0] = stream === 'stderr' ? 2 : 1;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};

const events = (engine: Engine, { query, response }: Answering) => {
	const fits = eventFilter(filtersOf(query));
	const until = stampIn(query, 'until');
	response.writeHead(200, { 'content-type': 'application/json' });
	response.flushHeaders();
	const write = (event: Parameters<typeof eventJson>[0]) => {
		if (fits(event.container, event.action) && (until === undefined || event.nanos <= until)) {
			response.write(`${eventJson(event)}\n`);
		}
	};
	for (const event of engine.events(stampIn(query, 'since'))) {
		write(event);
	}
	if (until !== undefined) {
		response.end();
		return;
	}
	response.on('close', engine.listen(write));
};

const stats = (container: Container, { query, response }: Answering) => {
	const stream = !['0', 'false'].includes(query.get('stream') ?? '1');
	response.writeHead(200, { 'content-type': 'application/json' });
	const write = () => response.write(`${JSON.stringify(sample(container))}\n`);
	write();
	if (!stream) {
		response.end();
		return;
	}
	const timer = setInterval(() => (container.status === 'removing' ? response.end() : write()), 1000);
	response.on('close', () => clearInterval(timer));
};

const logs = (engine: Engine, container: Container, { query, response }: Answering) => {
	const tail = query.get('tail');
	const on = (name: string) => ['1', 'true'].includes(query.get(name) ?? '');
	response.writeHead(200, { 'content-type': 'application/vnd.docker.multiplexed-stream' });
	response.flushHeaders();
	const write = (entry: LogEntry) => {
		if (on(entry.stream)) {
			response.write(frame(entry, on('timestamps') ? `${stampOf(entry.nanos)} ${entry.text}` : entry.text));
		}
	};
	const found = container.log.read({
		since: stampIn(query, 'since'),
		until: stampIn(query, 'until'),
		...(tail !== null && tail !== 'all' && { tail: Number(tail) }),
	});
	for (const entry of found) {
		write(entry);
	}
	if (!on('follow') || container.status !== 'running') {
		response.end();
		return;
	}
	const ends: (() => void)[] = [];
	const stop = () => {
		for (const end of ends.splice(0)) {
			end();
		}
	};
	ends.push(
		container.log.listen(write),
		engine.listen((event) => {
			// A log is followed until its container ends; what its next run writes is no part of this answer.
			if (event.container === container && ['die', 'destroy'].includes(event.action)) {
				stop();
				response.end();
			}
		}),
	);
	response.on('close', stop);
};

const answer = (engine: Engine, request: IncomingMessage, response: ServerResponse) => {
	const url = new URL(request.url ?? '/', 'http://docker');
	const path = decodeURIComponent(url.pathname).replace(/^\/v\d+\.\d+(?=\/)/, '');
	const query = url.searchParams;
	if (request.method !== 'GET' && request.method !== 'HEAD') {
		say(response, 501, { message: `the demo's Docker does not simulate ${request.method} ${path}` });
		return;
	}
	if (path === '/_ping') {
		response.end('OK');
		return;
	}
	if (path === '/version') {
		say(response, 200, { Version: serverVersion, ApiVersion: '1.47', Os: 'linux' });
		return;
	}
	if (path === '/info') {
		say(response, 200, { ServerVersion: serverVersion, DockerRootDir: engine.root });
		return;
	}
	if (path === '/events') {
		events(engine, { query, response });
		return;
	}
	if (path === '/containers/json') {
		const filters = filtersOf(query);
		const all = ['1', 'true'].includes(query.get('all') ?? '');
		const found = engine
			.containers()
			.filter(
				(container) =>
					(all || container.status === 'running' || container.status === 'restarting') &&
					fitsContainer(container, filters),
			);
		say(response, 200, found.map(summarise));
		return;
	}
	if (path === '/images/json') {
		const filters = filtersOf(query);
		const found = engine.images.all().filter((image) => fitsImage(image, filters));
		say(response, 200, found.map(inspectImage));
		return;
	}
	const [, of, id = '', what = ''] = /^\/(containers|images)\/(.+)\/(json|logs|stats|history)$/.exec(path) ?? [];
	if (of === 'images' && what === 'json') {
		const image = engine.images.find(id);
		say(response, image ? 200 : 404, image ? inspectImage(image) : { message: `No such image: ${id}` });
		return;
	}
	if (of === 'images' && what === 'history') {
		const image = engine.images.find(id);
		say(response, image ? 200 : 404, image ? historyOf(image) : { message: `No such image: ${id}` });
		return;
	}
	if (of === 'containers') {
		const container = engine.find(id);
		if (container === undefined) {
			say(response, 404, { message: `No such container: ${id}` });
		} else if (what === 'json') {
			say(response, 200, inspectContainer(container));
		} else if (what === 'stats') {
			stats(container, { query, response });
		} else {
			logs(engine, container, { query, response });
		}
		return;
	}
	say(response, 501, { message: `the demo's Docker does not simulate GET ${path}` });
};

/** The Engine API of the played engine, over HTTP on a unix socket: what is read of it, and nothing that changes it. */
export const listenApi = (engine: Engine, socket: string): Promise<Server> => {
	const server = createServer((request, response) => {
		try {
			answer(engine, request, response);
		} catch (error) {
			say(response, 400, { message: (error as Error).message });
		}
	});
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(socket, () => resolve(server));
	});
};
