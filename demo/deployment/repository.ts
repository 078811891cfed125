import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Draft } from './history.ts';

/** Runs git to its end. Throws its output when it fails. */
export const git = (
	args: readonly string[],
	{ cwd, env, input = '' }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly input?: string },
): Promise<string> =>
	new Promise((resolve, reject) => {
		const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
		let out = '';
		let said = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			out += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			said += text;
		});
		child.stdin.on('error', () => {});
		child.stdin.end(input);
		child.once('error', (error: NodeJS.ErrnoException) =>
			reject(error.code === 'ENOENT' ? new Error('git is not installed: the demo needs it') : error),
		);
		child.once('close', (code) =>
			code === 0 ? resolve(out) : reject(new Error(`git ${args[0]} failed (${code}): ${said.trim()}`)),
		);
	});

const bytes = (text: string): number => Buffer.byteLength(text);
const identity = (author: string, seconds: number): string =>
	`${author} <${author.toLowerCase().split(' ')[0]}@abstractfinance.example> ${seconds} +0000`;

/** Returns a history in the format of `git fast-import` (git-fast-import(1)): one process for all commits. */
const importStream = (drafts: readonly Draft[], now: number): string =>
	drafts
		.map(({ subject, author, hoursAgo, files }, at) => {
			const who = identity(author, Math.floor(now / 1000 - hoursAgo * 3600));
			const message = `${subject}\n`;
			const contents = [...files].map(([path, text]) => `M 100644 inline ${path}\ndata ${bytes(text)}\n${text}\n`);
			return [
				'commit refs/heads/main\n',
				`mark :${at + 1}\n`,
				`author ${who}\ncommitter ${who}\n`,
				`data ${bytes(message)}\n${message}`,
				at === 0 ? '' : `from :${at}\n`,
				'deleteall\n',
				...contents,
				'\n',
			].join('');
		})
		.join('');

/**
 * Creates a bare origin with this history and the deployed clone, on branch main. The clone's reflog is that of a deployment that pulled
 * each commit as it came. Returns the commits' hashes, oldest first.
 */
export const makeRepository = async (
	{ origin, clone, env }: { readonly origin: string; readonly clone: string; readonly env: NodeJS.ProcessEnv },
	drafts: readonly Draft[],
	now: number,
): Promise<readonly string[]> => {
	const cwd = join(origin, '..');
	await git(['init', '-q', '--bare', '-b', 'main', origin], { cwd, env });
	const marks = join(cwd, 'marks');
	await git(['fast-import', '--quiet', `--export-marks=${marks}`], {
		cwd: origin,
		env,
		input: importStream(drafts, now),
	});
	await git(['clone', '-q', origin, clone], { cwd, env });
	const hashes = (await readFile(marks, 'utf8'))
		.trim()
		.split('\n')
		.map((line) => line.slice(1).split(' '))
		.sort(([a], [b]) => Number(a) - Number(b))
		.map(([, hash = '']) => hash);
	const config = join(clone, '.git', 'config');
	await writeFile(
		config,
		`${await readFile(config, 'utf8')}[user]\n\tname = deploy\n\temail = deploy@abstractfinance.example\n[gc]\n\tauto = 0\n`,
	);
	const reflog = drafts.map(({ hoursAgo }, at) => {
		const before = at === 0 ? '0'.repeat(40) : hashes[at - 1];
		// Pulled a few minutes after it was made, and before its image was built.
		const seconds = Math.floor(now / 1000 - hoursAgo * 3600 + 120);
		return `${before} ${hashes[at]} ${identity('deploy', seconds)}\t${at === 0 ? 'clone' : 'pull: Fast-forward'}\n`;
	});
	for (const name of ['HEAD', 'refs/heads/main']) {
		await writeFile(join(clone, '.git', 'logs', name), reflog.join(''));
	}
	return hashes;
};
