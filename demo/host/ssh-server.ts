import { spawn } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import type { AuthContext, Connection, ServerChannel } from 'ssh2';
import { loadSsh2 } from '../../src/services/ssh/ssh2.ts';

export interface SshServerOptions {
	/** Private key in the format of OpenSSH. */
	readonly hostKey: string;
	/** The only accepted key, as a line of authorized_keys. */
	readonly clientKey: string;
	readonly user: string;
	/** Environment and folder of every session. */
	readonly env: NodeJS.ProcessEnv;
	readonly home: string;
}

export interface SshServer {
	readonly port: number;
	close(): void;
}

/** Runs a command as sshd does: in the shell, with the channel's streams; the channel ends when they do. */
const runCommand = (channel: ServerChannel, command: string | undefined, options: SshServerOptions) => {
	const args = command === undefined ? ['-l'] : ['-c', command];
	// In a group of its own, so that signals to the commands' group do not reach us.
	const child = spawn('/bin/sh', args, { cwd: options.home, env: options.env, stdio: 'pipe', detached: true });
	channel.on('error', () => {});
	child.stdin.on('error', () => {});
	channel.pipe(child.stdin);
	child.stdout.pipe(channel, { end: false });
	child.stderr.pipe(channel.stderr, { end: false });
	child.once('error', () => {
		channel.exit(127);
		channel.end();
	});
	child.once('close', (code, signal) => {
		if (signal === null) {
			channel.exit(code ?? 1);
		} else {
			channel.exit(signal.replace(/^SIG/, ''), false, '');
		}
		channel.end();
	});
	// The command survives the connection, as with sshd; its later output is lost.
	channel.once('close', () => {
		child.stdin.destroy();
		child.stdout.destroy();
		child.stderr.destroy();
	});
};

/** Joins a channel and a connection until either ends. */
const join = (channel: ServerChannel, socket: Socket) => {
	channel.on('error', () => socket.destroy());
	socket.on('error', () => channel.close());
	channel.pipe(socket).pipe(channel);
	channel.once('close', () => socket.destroy());
};

/** Opens a connection for the client, then the channel; a refusal is reported to the client. */
const forward = (socket: Socket, accept: () => ServerChannel, reject: () => void) => {
	const refuse = () => reject();
	socket.once('error', refuse);
	socket.once('connect', () => {
		socket.off('error', refuse);
		join(accept(), socket);
	});
};

const loopback = new Set(['127.0.0.1', 'localhost', '::1']);

const serveClient = (client: Connection, options: SshServerOptions, isAllowed: (context: AuthContext) => boolean) => {
	client.on('error', () => {});
	client.on('authentication', (context) => {
		if (isAllowed(context)) {
			context.accept();
		} else {
			context.reject(['publickey']);
		}
	});
	client.on('session', (accept) => {
		const session = accept();
		session.on('env', (grant) => grant?.());
		session.on('signal', (grant) => grant?.());
		session.on('exec', (grant, _refuse, { command }) => runCommand(grant(), command, options));
		session.on('shell', (grant) => runCommand(grant(), undefined, options));
	});
	client.on('tcpip', (accept, reject, { destIP, destPort }) => {
		if (!loopback.has(destIP)) {
			reject();
			return;
		}
		forward(createConnection({ host: '127.0.0.1', port: destPort }), accept, reject);
	});
	client.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
		forward(createConnection(socketPath), accept, reject);
	});
	// Answered, since that is how clients check that we are alive (RFC 4254, 4).
	client.on('request', (_accept, reject) => reject?.());
};

/** A real SSH server on a free port of loopback, with a shell, forwarded ports and forwarded sockets. */
export const startSshServer = async (options: SshServerOptions): Promise<SshServer> => {
	const { Server, utils } = await loadSsh2();
	const parsed = utils.parseKey(options.clientKey);
	if (parsed instanceof Error) {
		throw parsed;
	}
	const blob = parsed.getPublicSSH();
	const isAllowed = (context: AuthContext): boolean => {
		if (context.method !== 'publickey' || context.username !== options.user || !context.key.data.equals(blob)) {
			return false;
		}
		// Without a signature the client only asks if the key would be accepted.
		return context.signature === undefined || context.blob === undefined
			? true
			: parsed.verify(context.blob, context.signature, context.hashAlgo) === true;
	};
	const clients = new Set<Connection>();
	const server = new Server({ hostKeys: [options.hostKey] }, (client) => {
		clients.add(client);
		client.on('close', () => clients.delete(client));
		serveClient(client, options, isAllowed);
	});
	const port = await new Promise<number>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
	});
	return {
		port,
		close: () => {
			server.close();
			for (const client of clients) {
				client.end();
			}
		},
	};
};
