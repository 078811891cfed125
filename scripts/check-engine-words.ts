import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

// Outside src/engines/compose no code says `docker`: what names Docker or its labels belongs to the Compose engine, and everything
// else asks an Engine (src/engine). Comments may say it. The list below only shrinks: a file that no longer says it must leave it.

/** Files and folders that still say it, and why. */
const exceptions: Readonly<Record<string, string>> = {
	'src/services/runner/restore-point/': 'the shell that keeps images and containers',
	'src/services/runner/undo/': 'the shell that puts them back',
	'src/services/runner/host/prune-points.sh': 'what is kept of images',
	'src/services/runner/host/absent-folder.sh': 'whether containers were made in a folder that is gone',
	'src/services/runner/host/start-launch.sh': 'how to free room',
	'src/application/restore/undo.ts': 'whether an undo has containers',
	'src/application/runs/cancelled.ts': 'what is said when services cannot be listed',
	'src/application/plans/disk-space.sh': 'how much room the engine has, and how to free some',
	'src/services/doctor/': 'what a run needs on a host: the engine, Compose, room',
	'src/commands/output/events.ts': 'descriptions in the schema of the output',
	'src/runbook/shapes/readings.ts': 'descriptions in the schema of the output',
	'src/runbook/shapes/restore-point.ts': 'descriptions in the schema of the output',
	'src/runbook/schema/config.ts': 'the description of compose.command',
	'src/runbook/write-config.ts': 'comments in a config that init writes',
	'src/runbook/write-runbook.ts': 'links and preconditions in a runbook that init writes',
	'src/command-line/watching.ts': 'help of an option',
	'src/commands/completion/man-page.ts': 'the manual page',
	'src/commands/start-debug-log.ts': 'the name of a variable',
};

const home = 'src/engines/compose/';

/** The file without its comments; lines stay lines. */
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

const said = new Map(
	files.map((file) => [
		file,
		codeOf(file)
			.split('\n')
			.flatMap((line, at) => (/docker/i.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
	]),
);
const covers = (name: string, file: string): boolean => (name.endsWith('/') ? file.startsWith(name) : file === name);
const names = Object.keys(exceptions);
const wrong = [
	...[...said].flatMap(([file, lines]) => (names.some((name) => covers(name, file)) ? [] : lines)),
	...names
		.filter((name) => ![...said].some(([file, lines]) => covers(name, file) && lines.length > 0))
		.map((name) => `${name} no longer says docker: take it out of the list in scripts/check-engine-words.ts`),
];
if (wrong.length > 0) {
	console.error(`Docker is named outside of ${home}:\n${wrong.join('\n')}`);
	process.exitCode = 1;
}
