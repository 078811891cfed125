import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptsOf } from './runbook-scripts.ts';

// Checks every .sh file of src, and the scripts in runbooks and examples, with shellcheck (by .shellcheckrc), and the format of the
// files with shfmt. A program that is not installed is named, and its part passes.

/** Includes new files that are not added yet, so that they are checked before they are committed. */
const filesOf = (...patterns: readonly string[]): readonly string[] =>
	execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', ...patterns], {
		encoding: 'utf8',
	})
		.split('\0')
		.filter(Boolean);

interface Comment {
	readonly file: string;
	readonly line: number;
	readonly level: string;
	readonly code: number;
	readonly message: string;
}

/** Returns shellcheck's comments on files. Undefined when it is not installed. */
const shellcheck = (files: readonly string[]): readonly Comment[] | undefined => {
	const { stdout, error } = spawnSync('shellcheck', ['--severity=warning', '--format=json', ...files], {
		encoding: 'utf8',
		maxBuffer: 64 * 1024 * 1024,
	});
	return error === undefined ? (JSON.parse(stdout) as readonly Comment[]) : undefined;
};

/** Checks scripts inside other files: the printed locations are those in the other files. */
const shellcheckEmbedded = (files: readonly string[]): readonly Comment[] => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-check-shell-'));
	try {
		const origins = new Map(
			files.flatMap(scriptsOf).map((script, index) => {
				const path = join(folder, `${index}.sh`);
				writeFileSync(path, `# shellcheck shell=${script.shell} disable=SC2015,SC2154\n${script.text}`);
				return [path, script] as const;
			}),
		);
		return (shellcheck([...origins.keys()]) ?? []).map((comment) => {
			const origin = origins.get(comment.file);
			// The first line names the shell.
			return origin === undefined ? comment : { ...comment, file: origin.file, line: origin.line + comment.line - 2 };
		});
	} finally {
		rmSync(folder, { recursive: true });
	}
};

/** Lists the files that shfmt would format differently (by .editorconfig), or formats them. Undefined when it is not installed. */
const shfmt = (files: readonly string[], write: boolean): readonly string[] | undefined => {
	const { stdout, error } = spawnSync('shfmt', [write ? '-w' : '-l', ...files], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	return error === undefined ? stdout.split('\n').filter(Boolean) : undefined;
};

const write = process.argv.includes('--write');
const files = filesOf('src/*.sh');
const unformatted = shfmt(files, write);
if (unformatted === undefined) {
	console.warn('shfmt is not installed: the format of the shell in src was not checked');
}
for (const file of unformatted ?? []) {
	console.error(`${file}: not formatted as shfmt does: npm run format`);
	process.exitCode = 1;
}
const comments = shellcheck(files);
if (comments === undefined) {
	console.warn('shellcheck is not installed: the shell in src and in the runbooks was not checked');
} else {
	const all = [...comments, ...shellcheckEmbedded(filesOf('runbooks/*.yaml', 'docs/examples/*.y*ml'))];
	for (const { file, line, level, code, message } of all) {
		console.error(`${file}:${line}: ${level}: ${message} [SC${code}]`);
	}
	process.exitCode ||= all.length === 0 ? 0 : 1;
}
