import { execFile } from 'node:child_process';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Scene } from './scenes.ts';

const run = promisify(execFile);
const model = join(import.meta.dirname, 'runner.pml');
const sources = join(import.meta.dirname, '../../src/services/runner');

/** The most memory that one verification takes, MB. */
const mostMemory = 1500;

export interface Verified {
	readonly scene: Scene;
	readonly errors: number;
	readonly states: number;
	/** What spin says of the first error; empty without one. */
	readonly error: string;
	/** How the model came there, a line for each transition. */
	readonly trail: string;
	readonly seconds: number;
}

/** Why the model cannot be verified here; undefined where it can. */
export const spinMissing = async (): Promise<string | undefined> => {
	for (const [program, words] of [
		['spin', ['-V']],
		['gcc', ['--version']],
	] as const) {
		try {
			await run(program, words);
		} catch {
			return `the model was not verified: ${program} is not installed (Debian: apt-get install spin gcc)`;
		}
	}
	return undefined;
};

/**
 * Verifies one scene: every state that it can reach, at most `mostMemory`. Throws when spin or gcc fails, and when the search was not
 * complete.
 */
export const verify = async (scene: Scene): Promise<Verified> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-model-'));
	const defines = scene.defines.map((word) => `-D${word}`);
	const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
	const begun = performance.now();
	try {
		copyFileSync(model, join(folder, 'runner.pml'));
		await run('spin', ['-a', ...defines, 'runner.pml'], options);
		const kind = scene.formula ? ['-DNFAIR=3'] : ['-DSAFETY'];
		await run('gcc', ['-O1', '-w', ...kind, `-DMEMLIM=${mostMemory}`, '-o', 'pan', 'pan.c'], options);
		const words = ['-w22', '-m100000', ...(scene.formula ? ['-a', '-f'] : [])];
		const { stdout } = await run(join(folder, 'pan'), words, options);
		const errors = Number(/errors: (\d+)/.exec(stdout)?.[1] ?? Number.NaN);
		if (!(errors >= 0) || /search depth too small|max memory|Search not completed/i.test(errors === 0 ? stdout : '')) {
			throw new Error(`the search of ${scene.name} was not complete:\n${stdout}`);
		}
		const trail = errors === 0 ? '' : (await run('spin', ['-t', '-p', ...defines, 'runner.pml'], options)).stdout;
		return {
			scene,
			errors,
			states: Number(/([\d.e+]+) states, stored/.exec(stdout)?.[1] ?? 0),
			error: /^pan:1: (.*)$/m.exec(stdout)?.[1] ?? '',
			trail: trail
				.split('\n')
				.filter((line) => /^ *\d+:\tproc/.test(line))
				.join('\n'),
			seconds: (performance.now() - begun) / 1000,
		};
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};

/** A transition of the model, and the place in the programs that it stands for. */
export interface Transition {
	readonly name: string;
	/** Below src/services/runner. */
	readonly file: string;
	readonly text: string;
	/** Of the text in the file, from 1; 0 when the file no longer has it. */
	readonly line: number;
}

/** The table of all transitions, from the comments of the model. */
export const transitions = (): readonly Transition[] => {
	const files = new Map(globSync('**/*.sh', { cwd: sources }).map((path) => [basename(path), path]));
	return [...readFileSync(model, 'utf8').matchAll(/^\s*\/\* ([A-Z]\d+) ([a-z-]+\.sh): (.*) \*\/$/gm)].map(
		([, name = '', file = '', text = '']) => {
			const path = files.get(file);
			const lines = path === undefined ? [] : readFileSync(join(sources, path), 'utf8').split('\n');
			return { name, file: path ?? file, text, line: lines.findIndex((line) => line.includes(text)) + 1 };
		},
	);
};
