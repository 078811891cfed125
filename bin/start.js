// By `getBuiltinModule`: an `import` of one of these reads all of its properties, and so loads half of Node.
const { mkdirSync } = process.getBuiltinModule('node:fs');
const { enableCompileCache } = process.getBuiltinModule('node:module');
const { isAbsolute, join } = process.getBuiltinModule('node:path');

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
