import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const startedAt = new Date(Date.now() - 60_000).toISOString();

/** A line of a log with the time that Docker puts before it. */
export const stamped = (text: string | Buffer, at = Date.now()): Buffer =>
	Buffer.concat([Buffer.from(`${new Date(at).toISOString().replace('Z', '000000Z')} `), Buffer.from(text)]);

/** A frame of standard output, as the Engine API sends logs. */
export const frame = (payload: Buffer): Buffer => {
	const header = Buffer.alloc(8);
	header[0] = 1;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};

/** Escape sequences, CR, invalid UTF-8 and NUL in one line. */
export const hostileLine = Buffer.concat([
	Buffer.from('error \u001b]52;c;eA==\u0007\u001b[2J\u009b31m\r'),
	Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]),
	Buffer.from('\n'),
]);

export interface PlayedDocker {
	readonly socket: string;
	/** Connections that are open. */
	open(): number;
	close(): Promise<void>;
}

/** Docker's API on a socket of its own, with one container of the project `app`, whose log is what `log` says. */
export const playDocker = async (log: (response: ServerResponse, follow: boolean) => void): Promise<PlayedDocker> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-docker-'));
	const socket = join(folder, 'docker.sock');
	const labels = {
		'com.docker.compose.project': 'app',
		'com.docker.compose.service': 'engine',
		'com.docker.compose.oneoff': 'False',
	};
	const inspection = {
		Id: 'e1',
		Name: '/engine',
		Created: startedAt,
		State: { Status: 'running', StartedAt: startedAt, FinishedAt: '0001-01-01T00:00:00Z' },
		Config: { Labels: labels, Tty: false },
	};
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://docker');
		const json = (value: unknown) => response.end(JSON.stringify(value));
		if (url.pathname === '/containers/json') {
			json([{ Id: 'e1', Names: ['/engine'], State: 'running', Status: 'Up', Labels: labels }]);
		} else if (url.pathname === '/containers/e1/json') {
			json(inspection);
		} else if (url.pathname === '/containers/e1/logs') {
			log(response, url.searchParams.has('follow'));
		} else if (url.pathname === '/events') {
			response.end();
		} else {
			json({});
		}
	});
	await new Promise<void>((resolve) => server.listen(socket, resolve));
	const open = new Set<Socket>();
	server.on('connection', (connection) => {
		open.add(connection);
		connection.once('close', () => open.delete(connection));
	});
	return {
		socket,
		open: () => open.size,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
