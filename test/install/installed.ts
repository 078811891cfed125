import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** A plain Node, and npm with it; nothing of the repository on the PATH. */
export const plainPath = [dirname(process.execPath), ...(process.env.PATH ?? '').split(':')]
	.filter((folder) => !folder.includes('node_modules/.bin'))
	.join(':');
export const plainEnv = Object.fromEntries(
	Object.entries({ ...process.env, PATH: plainPath }).filter(
		([name]) => !/^(npm_|NODE_(ENV|PATH|OPTIONS)$|VITEST)/.test(name),
	),
);

export interface Packed {
	readonly filename: string;
	readonly files: readonly { readonly path: string }[];
	/** Bytes of the archive, which is what is downloaded. */
	readonly size: number;
}

/** Packs a copy into a folder, so that the build beside other tests stays as it is. */
export const pack = async (folder: string): Promise<Packed> => {
	const copy = join(folder, 'copy');
	for (const name of [
		'bin',
		'src',
		'demo',
		'scripts',
		'runbooks',
		'schema',
		'man',
		'package.json',
		'README.md',
		'LICENSE',
		'tsconfig.json',
	]) {
		cpSync(join(root, name), join(copy, name), { recursive: true });
	}
	symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
	mkdirSync(join(copy, 'dist'));
	writeFileSync(join(copy, 'dist', 'of-an-earlier-build.js'), '');
	const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: copy,
		env: plainEnv,
		maxBuffer: 1 << 24,
	});
	const said = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Packed[] | Record<string, Packed>;
	const [packed] = Object.values(said);
	if (packed === undefined) {
		throw new Error(`npm pack said nothing of a package: ${stdout}`);
	}
	return packed;
};

/** Returns the paths of `npm install --global`. */
export const installedIn = (folder: string) => {
	const prefix = join(folder, 'prefix');
	return {
		prefix,
		command: join(prefix, 'bin', 'backout'),
		package: join(prefix, 'lib', 'node_modules', 'backout'),
	};
};

/** Installs what was packed into a folder, globally. Rejects with what npm says in `stderr`. */
export const install = async (folder: string, { filename }: Packed): Promise<void> => {
	await run(
		'npm',
		[
			...['install', '--global', '--prefix', installedIn(folder).prefix, '--no-audit', '--no-fund', '--prefer-offline'],
			...['--fetch-retries', '1', '--fetch-timeout', '60000', join(folder, filename)],
		],
		{ cwd: folder, env: plainEnv, maxBuffer: 1 << 24 },
	);
};
