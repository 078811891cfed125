import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Container, Files } from '../docker/types.ts';

/** The end of the engine, with the traceback that Python would print. */
export class EngineFailure extends Error {
	readonly trace: string;

	constructor(trace: string) {
		super(trace.split('\n').at(-1) ?? trace);
		this.trace = trace;
	}
}

export interface Instrument {
	readonly symbol: string;
	readonly [field: string]: unknown;
}

/** The facts about the engine's behaviour in its sources, settings and config. */
export interface EngineSources {
	readonly version: string;
	readonly instruments: readonly Instrument[];
	/** The fields of an instrument that sizing uses, and the line that does. */
	readonly sizing: { readonly fields: readonly string[]; readonly line: string; readonly number: number };
}

const traceback = (
	frames: readonly (readonly [file: string, line: number, name: string, code: string])[],
	said: string,
) =>
	[
		'Traceback (most recent call last):',
		'  File "<frozen runpy>", line 198, in _run_module_as_main',
		...frames.flatMap(([file, line, name, code]) => [`  File "/app/${file}", line ${line}, in ${name}`, `    ${code}`]),
		said,
	].join('\n');

const lineOf = (files: Files, path: string, pattern: RegExp): readonly [number, string] => {
	const lines = (files.get(path) ?? '').split('\n');
	const at = lines.findIndex((line) => pattern.test(line));
	return [at + 1, lines[at]?.trim() ?? ''];
};

const readInstruments = (container: Container, files: Files): readonly Instrument[] => {
	const mounted = container.mounts.find(({ target }) => target === '/app/config')?.source ?? '';
	const path = join(mounted, 'instruments.yaml');
	const [at, code] = lineOf(files, 'src/settings.py', /instruments\.yaml/);
	const [calledAt, call] = lineOf(files, 'src/scheduler.py', /settings\.load/);
	const frames: [string, number, string, string][] = [
		['src/scheduler.py', calledAt, 'main', call],
		['src/settings.py', at, 'load', code],
	];
	if (!existsSync(path)) {
		throw new EngineFailure(
			traceback(frames, "FileNotFoundError: [Errno 2] No such file or directory: '/app/config/instruments.yaml'"),
		);
	}
	try {
		const read = parse(readFileSync(path, 'utf8')) as { readonly instruments: readonly Instrument[] };
		return read.instruments.map((instrument) => ({ ...instrument }));
	} catch (error) {
		throw new EngineFailure(traceback(frames, `yaml.scanner.ScannerError: ${(error as Error).message.split('\n')[0]}`));
	}
};

/** Python's `float()` and `int()`; throws an EngineFailure with its ValueError if the text is not a number. */
const asNumber = (kind: 'float' | 'int', value: unknown, files: Files, asked: RegExp): number => {
	const text = String(value ?? '').trim();
	const pattern = kind === 'int' ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
	if (pattern.test(text)) {
		return Number(text);
	}
	const [calledAt, call] = lineOf(files, 'src/scheduler.py', /settings\.load/);
	const [at, code] = lineOf(files, 'src/settings.py', asked);
	const said = kind === 'int' ? 'invalid literal for int() with base 10' : 'could not convert string to float';
	throw new EngineFailure(
		traceback(
			[
				['src/scheduler.py', calledAt, 'main', call],
				['src/settings.py', at, 'load', code],
			],
			`ValueError: ${said}: '${text}'`,
		),
	);
};

/** Reads an engine's image and settings. Throws an EngineFailure if the engine would end at its start. */
export const readSources = (container: Container): EngineSources => {
	const { files } = container.image;
	const instruments = readInstruments(container, files).map((instrument) => ({
		...instrument,
		weight: asNumber('float', instrument.weight, files, /float\(instrument\["weight"\]\)/),
	}));
	asNumber('int', container.env.FORCE_EXECUTION, files, /FORCE_EXECUTION/);
	const [at, line] = lineOf(files, 'src/sizing.py', /instrument\[/);
	return {
		version: files.get('VERSION')?.trim() ?? 'unknown',
		instruments,
		sizing: { fields: [...line.matchAll(/instrument\["(\w+)"\]/g)].map((match) => match[1] ?? ''), line, number: at },
	};
};

/** Throws an EngineFailure with Python's KeyError if sizing names a field that an instrument does not have. */
export const checkSizing = (container: Container, { instruments, sizing }: EngineSources): void => {
	const missing = instruments.flatMap((instrument) => sizing.fields.filter((field) => !(field in instrument)))[0];
	if (missing === undefined) {
		return;
	}
	const { files } = container.image;
	const [calledAt, call] = lineOf(files, 'src/scheduler.py', /self\.prepare\(\)/);
	const [loopAt, loop] = lineOf(files, 'src/scheduler.py', /sizing\.quantity/);
	throw new EngineFailure(
		traceback(
			[
				['src/scheduler.py', calledAt, 'run', call],
				['src/scheduler.py', loopAt, 'prepare', loop],
				['src/sizing.py', sizing.number, 'quantity', sizing.line],
			],
			`KeyError: '${missing}'`,
		),
	);
};
