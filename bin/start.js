// By `getBuiltinModule`: an `import` of one of these reads all of its properties, and so loads half of Node.
const { fstatSync, mkdirSync, writeSync } = process.getBuiltinModule('node:fs');
const { enableCompileCache } = process.getBuiltinModule('node:module');
const { isAbsolute, join } = process.getBuiltinModule('node:path');

// With which words the dashboard opens, as far as that can be told from the command line alone; undefined for everything else.
const opening = (words) => {
	if (words[0] === 'demo') {
		return words.slice(1).every((word) => !word.startsWith('-')) ? 'starting the demo' : undefined;
	}
	let target = '';
	for (let at = 0; at < words.length; at++) {
		const [, option, equals, value] = /^(--config|--target|--theme|--debug-log)(=?)(.*)$/s.exec(words[at]) ?? [];
		if (option === undefined ? words[at] !== '--read-only' : (value !== '') !== (equals === '=')) {
			return undefined;
		}
		if (option !== undefined) {
			const given = equals === '=' ? value : words[++at];
			if (given === undefined) {
				return undefined;
			}
			target = option === '--target' ? given : target;
		}
	}
	return /^[\w.-]+$/.test(target) ? `opening ${target}` : 'opening the dashboard';
};

// Says at once on the terminal what is being opened. The first output of the program takes its place, whatever that is. There is no
// alternate screen and no raw mode to leave, should the program be ended before. Rows do not wrap meanwhile, so it is always one row.
const sayOpening = () => {
	const { TERM, INK_SCREEN_READER } = process.env;
	const what = opening(process.argv.slice(2));
	if (what === undefined || TERM === undefined || TERM === 'dumb' || INK_SCREEN_READER === 'true') {
		return;
	}
	try {
		// A terminal, as far as this tells; `isatty` would first load half of Node. The others of its kind have no screen.
		if (![0, 1].every((stream) => fstatSync(stream).isCharacterDevice())) {
			return;
		}
		writeSync(1, `\u001b7\u001b[?7lbackout: ${what} ...\u001b[?7h`);
	} catch {
		return;
	}
	let said = true;
	const takeBack = () => {
		if (said) {
			said = false;
			process.off('exit', takeBack);
			process.stdout.write('\u001b8\u001b[K');
		}
	};
	process.once('exit', takeBack);
	for (const stream of [process.stdout, process.stderr]) {
		const { write } = stream;
		const first = (...output) => {
			if (stream.write === first) {
				stream.write = write;
			}
			takeBack();
			return write.apply(stream, output);
		};
		stream.write = first;
	}
};
sayOpening();

// It was for this process, and took effect as it began; what is started from here is not to have it (bin/backout.js).
if (process.env.MALLOC_TRIM_THRESHOLD_ === '131072') {
	delete process.env.MALLOC_TRIM_THRESHOLD_;
}

// React reads NODE_ENV when it is first imported, so it is set before anything else is loaded.
process.env.NODE_ENV = 'production';

// What V8 has made of the bundle is kept for the next start, in a folder of the user's own: the default one is shared.
const { XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env;
if (NODE_COMPILE_CACHE === undefined) {
	const home = () => HOME || process.getBuiltinModule('node:os').homedir();
	const cache = isAbsolute(XDG_CACHE_HOME ?? '') ? XDG_CACHE_HOME : join(home(), '.cache');
	const folder = join(cache, 'backout', 'code');
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		enableCompileCache?.(folder);
	} catch {
		// A folder that may not be written to: the start is slower, nothing else.
	}
}

await import('../dist/cli.js');
