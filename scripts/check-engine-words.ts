import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Outside src/engines no code says `docker`: what names Docker or its labels belongs to an engine, and everything else asks an Engine
// (src/engine). Comments may say it. Nor does any other code import src/engines, but for the one place that chooses the engine; and no
// engine imports another: what both need is in src/engines/docker. The list of exceptions only shrinks: a file that no longer needs its
// own must leave it.

/** Files and folders that still say it, with the reasons. */
const exceptions: Readonly<Record<string, string>> = {
	'src/services/runner/host/absent-folder.sh':
		'whether containers were made in a folder that is gone: the state folder is found with it, also where no engine was asked yet',
	'src/services/host/programs.sh':
		'where programs and the socket of the engine are: every script on a host begins with it, also where no engine is known yet',
	'src/services/host/sudo.sh': 'makes the program that calls the engine by sudo, for those scripts',
	'src/services/host/sudo-program.sh': 'that program',
	'src/services/host/podman.sh': 'makes the program that calls Podman by the name of the client, for those scripts',
	'src/services/host/podman-program.sh': 'that program',
	'src/runbook/schema/config.ts': 'the description of compose.command',
	'src/commands/completion/man-page.ts': 'the manual page',
};

/** The only file that imports engines. */
const importers = ['src/application/fleet/choose-engine.ts'];

const home = 'src/engines/';
/** The folder of what several engines use. */
const shared = 'docker';

/** Returns the file without its comments; line numbers stay the same. */
const codeOf = (file: string): string => {
	const text = readFileSync(file, 'utf8');
	return file.endsWith('.sh')
		? text.replaceAll(/^\s*#.*$/gm, '')
		: text
				.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
				.replaceAll(/(^|\s)\/\/ .*$/gm, '');
};

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'src'], {
	encoding: 'utf8',
})
	.split('\0')
	.filter((file) => /\.(ts|tsx|sh)$/.test(file) && !file.startsWith(home) && existsSync(file));

/** Returns the lines of each file that match a pattern, with their locations. */
const linesWith = (pattern: RegExp, textOf: (file: string) => string): ReadonlyMap<string, readonly string[]> =>
	new Map(
		files.map((file) => [
			file,
			textOf(file)
				.split('\n')
				.flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
		]),
	);
const covers = (name: string, file: string): boolean => (name.endsWith('/') ? file.startsWith(name) : file === name);

/** Returns lines in files that may not have them, and exceptions that are no longer needed. */
const wrongIn = (found: ReadonlyMap<string, readonly string[]>, allowed: readonly string[], what: string): string[] => [
	...[...found].flatMap(([file, lines]) => (allowed.some((name) => covers(name, file)) ? [] : lines)),
	...allowed
		.filter((name) => ![...found].some(([file, lines]) => covers(name, file) && lines.length > 0))
		.map((name) => `${name} no longer ${what}: take it out of the list in scripts/check-engine-words.ts`),
];

const said = wrongIn(linesWith(/docker/i, codeOf), Object.keys(exceptions), 'says docker');
if (said.length > 0) {
	console.error(`Docker is named outside of ${home}:\n${said.join('\n')}`);
	process.exitCode = 1;
}
const imported = wrongIn(linesWith(/(?:from|import\() ?'[^']*engines\//, codeOf), importers, 'imports it');
if (imported.length > 0) {
	console.error(`${home} is imported by what should ask an Engine (src/engine):\n${imported.join('\n')}`);
	process.exitCode = 1;
}

/** Returns the folder of an engine, or the one of what engines share. */
const folderOf = (file: string): string => file.slice(home.length).split('/')[0] ?? '';
const own = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', home], {
	encoding: 'utf8',
})
	.split('\0')
	.filter((file) => file.endsWith('.ts') && existsSync(file));
const across = own.flatMap((file) =>
	[...codeOf(file).matchAll(/(?:from|import\() ?'(\.[^']*)'/g)].flatMap(([, path = '']) => {
		const to = join(dirname(file), path);
		return to.startsWith(home) && ![folderOf(file), shared].includes(folderOf(to)) ? [`${file}: ${path}`] : [];
	}),
);
if (across.length > 0) {
	console.error(`an engine imports another one; what both need belongs to ${home}${shared}:\n${across.join('\n')}`);
	process.exitCode = 1;
}
