// The `docker` command of the demo host: passes its arguments to the simulator and follows its instructions. It reads standard input
// only when the command does, so that it does not swallow a script that is read from there.
import { connect } from 'node:net';
import { createFrameReader, frameKinds, toFrame, toRequest } from './frames.ts';

const [, , path = '', cwd = '/', ...args] = process.argv;
const socket = connect(path);
let ended = false;

const end = (code: number) => {
	ended = true;
	process.exitCode = code;
	process.stdin.destroy();
	socket.destroy();
};

socket.write(toFrame(frameKinds.request, toRequest({ args, cwd, env: process.env as Record<string, string> })));
socket.on(
	'data',
	createFrameReader((kind, payload) => {
		if (kind === frameKinds.out) {
			process.stdout.write(payload);
		} else if (kind === frameKinds.error) {
			process.stderr.write(payload);
		} else if (kind === frameKinds.exit) {
			end(payload[0] ?? 1);
		} else if (kind === frameKinds.wantInput) {
			process.stdin.on('data', (bytes: Buffer) => socket.write(toFrame(frameKinds.input, bytes)));
			process.stdin.on('end', () => socket.write(toFrame(frameKinds.inputEnd)));
		}
	}),
);
socket.on('error', () => {});
socket.on('close', () => {
	if (!ended) {
		process.stderr.write('Cannot connect to the Docker daemon: the demo has ended. Is the docker daemon running?\n');
		end(1);
	}
});
// The reader may stop early, as `| head` does.
process.stdout.on('error', () => end(141));
