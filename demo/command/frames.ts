/** The frames between the `docker` command of the demo host and the simulator: a byte for the kind, a length, bytes. */
export const frameKinds = { request: 0, out: 1, error: 2, exit: 3, wantInput: 4, input: 5, inputEnd: 6 } as const;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** Returns one frame as bytes. */
export const toFrame = (kind: FrameKind, payload: Uint8Array = new Uint8Array()): Buffer => {
	const header = Buffer.alloc(5);
	header[0] = kind;
	header.writeUInt32BE(payload.length, 1);
	return Buffer.concat([header, payload]);
};

/** Returns a reader that splits incoming bytes into frames. */
export const createFrameReader = (onFrame: (kind: number, payload: Buffer) => void): ((bytes: Buffer) => void) => {
	let pending = Buffer.alloc(0);
	return (bytes) => {
		pending = Buffer.concat([pending, bytes]);
		while (pending.length >= 5) {
			const length = pending.readUInt32BE(1);
			if (pending.length < 5 + length) {
				return;
			}
			const payload = pending.subarray(5, 5 + length);
			const kind = pending[0] ?? -1;
			pending = pending.subarray(5 + length);
			onFrame(kind, payload);
		}
	};
};

/** The arguments of the command, and its folder and environment. */
export interface CommandRequest {
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
}

/** Returns a request as bytes: folder, number of arguments, arguments, environment; none of them can contain a NUL. */
export const toRequest = ({ args, cwd, env }: CommandRequest): Buffer =>
	Buffer.from(
		[cwd, String(args.length), ...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].join('\0'),
	);

export const parseRequest = (bytes: Buffer): CommandRequest => {
	const [cwd = '/', count = '0', ...rest] = bytes.toString('utf8').split('\0');
	const pairs = rest.slice(Number(count)).map((pair) => {
		const at = pair.indexOf('=');
		return [pair.slice(0, at), pair.slice(at + 1)] as const;
	});
	return { cwd, args: rest.slice(0, Number(count)), env: Object.fromEntries(pairs) };
};
