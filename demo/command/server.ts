import { createServer, type Server, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import type { CommandIo } from '../docker/types.ts';
import { type CommandRequest, createFrameReader, frameKinds, parseRequest, toFrame } from './frames.ts';

/** Runs a command of the demo host and returns its exit code. */
export type RunCommand = (args: readonly string[], io: CommandIo) => Promise<number>;

const serve = (socket: Socket, run: RunCommand) => {
	const input = new PassThrough();
	const over = new AbortController();
	let asked = false;
	const wantInput = () => {
		if (!asked) {
			asked = true;
			socket.write(toFrame(frameKinds.wantInput));
		}
	};
	const out = (text: string | Uint8Array) => {
		if (!socket.destroyed) {
			socket.write(toFrame(frameKinds.out, typeof text === 'string' ? Buffer.from(text) : text));
		}
	};
	const error = (text: string) => {
		if (!socket.destroyed) {
			socket.write(toFrame(frameKinds.error, Buffer.from(text)));
		}
	};
	const begin = async ({ args, cwd, env }: CommandRequest) => {
		const io: CommandIo = {
			cwd,
			env,
			signal: over.signal,
			out,
			error,
			input: async () => {
				wantInput();
				const pieces: Buffer[] = [];
				for await (const piece of input) {
					pieces.push(piece as Buffer);
				}
				return Buffer.concat(pieces).toString('utf8');
			},
			pipe: () => {
				wantInput();
				return Duplex.from({
					readable: input,
					writable: new PassThrough().on('data', out),
				});
			},
		};
		const code = await run(args, io).catch((failure: unknown) => {
			error(`${(failure as Error).message}\n`);
			return 1;
		});
		socket.end(toFrame(frameKinds.exit, Uint8Array.of(code)));
	};
	socket.on('error', () => {});
	socket.on('close', () => {
		over.abort(new Error('the command was ended'));
		input.destroy();
	});
	socket.on(
		'data',
		createFrameReader((kind, payload) => {
			if (kind === frameKinds.request) {
				void begin(parseRequest(payload));
			} else if (kind === frameKinds.input) {
				input.write(payload);
			} else if (kind === frameKinds.inputEnd) {
				input.end();
			}
		}),
	);
};

/** Listens for the `docker` commands of the demo host. */
export const listenForCommands = (path: string, run: RunCommand): Promise<Server> => {
	const server = createServer((socket) => serve(socket, run));
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(path, () => resolve(server));
	});
};
