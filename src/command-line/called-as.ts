import { realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

export interface Surroundings {
	/** Path of the script as called, absolute, symbolic links not followed. */
	readonly script: string;
	readonly node: string;
	/** Node's own options. */
	readonly nodeOptions: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

const real = (file: string): string | undefined => {
	try {
		return realpathSync(file);
	} catch {
		return undefined;
	}
};

/** Returns the program that a shell would start by this name. */
const onPath = (name: string, env: NodeJS.ProcessEnv): string | undefined =>
	(env.PATH ?? '')
		.split(delimiter)
		.map((folder) => real(join(folder, name)))
		.find((file) => file !== undefined);

/**
 * Returns the words that start this program again from a shell: `backout` if that is on the PATH, `npx backout`, `npm run …`, or a path.
 */
export const programWords = ({ script, node, nodeOptions, cwd, env }: Surroundings): readonly string[] => {
	const manifest = env.npm_package_json;
	if (
		env.npm_lifecycle_event === 'backout' &&
		manifest !== undefined &&
		real(script) === real(join(dirname(manifest), 'bin', 'backout.js'))
	) {
		const from = env.INIT_CWD ?? cwd;
		const inside = from === cwd || from.startsWith(`${cwd}/`);
		return ['npm', ...(inside ? [] : ['--prefix', cwd]), 'run', '--silent', 'backout', '--'];
	}
	// A program started by npx passes npx's variables on, so only the link that npx looks for is this program.
	if (env.npm_lifecycle_event === 'npx' && script.endsWith('/node_modules/.bin/backout')) {
		return ['npx', 'backout'];
	}
	if (basename(script) === 'backout') {
		return [onPath('backout', env) === real(script) ? 'backout' : script];
	}
	// Without a wrapper, the script starts Node with an option for its memory: see bin/backout.js.
	if (nodeOptions.some((option) => option.startsWith('--max-semi-space-size'))) {
		return [script];
	}
	return [onPath('node', env) === real(node) ? 'node' : node, script];
};
