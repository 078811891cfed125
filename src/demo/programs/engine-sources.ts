import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Container, Files } from '../docker/types.ts';

/** The engine ends with what Python would print of an exception. */
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

/** What the engine's sources, settings and config say of how it behaves. */
export interface EngineSources {
	readonly version: string;
	/** The version of the schema that it expects in the database. */
	readonly schemaVersion: number;
	readonly rebalanceSeconds: number;
	readonly maxNotional: number;
	readonly instruments: readonly Instrument[];
	/** Columns of `positions` that its query names. */
	readonly positionColumns: readonly string[];
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

const number = (files: Files, path: string, name: string): number =>
	Number(new RegExp(`^${name} = ([\\d.]+)$`, 'm').exec(files.get(path) ?? '')?.[1] ?? Number.NaN);

const readInstruments = (container: Container, files: Files): readonly Instrument[] => {
	const mounted = container.mounts.find(({ target }) => target === '/app/config')?.source ?? '';
	const path = join(mounted, 'instruments.yaml');
	const [at, code] = lineOf(files, 'src/settings.py', /instruments\.yaml/);
	const [calledAt, call] = lineOf(files, 'src/main.py', /settings\.load/);
	const frames: [string, number, string, string][] = [
		['src/main.py', calledAt, 'main', call],
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

/** Python's `float()`; an EngineFailure with its ValueError where the text is no number. */
const float = (value: unknown, files: Files, asked: RegExp): number => {
	const text = String(value ?? '').trim();
	if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
		return Number(text);
	}
	const [calledAt, call] = lineOf(files, 'src/main.py', /settings\.load/);
	const [at, code] = lineOf(files, 'src/settings.py', asked);
	throw new EngineFailure(
		traceback(
			[
				['src/main.py', calledAt, 'main', call],
				['src/settings.py', at, 'load', code],
			],
			`ValueError: could not convert string to float: '${text}'`,
		),
	);
};

/** Reads an engine's image and settings. Throws an EngineFailure where the engine would end at its start. */
export const readSources = (container: Container): EngineSources => {
	const { files } = container.image;
	const instruments = readInstruments(container, files).map((instrument) => ({
		...instrument,
		weight: float(instrument.weight, files, /float\(instrument\["weight"\]\)/),
	}));
	const maxNotional = float(container.env.MAX_ORDER_NOTIONAL, files, /MAX_ORDER_NOTIONAL/);
	const [at, line] = lineOf(files, 'src/sizing.py', /instrument\[/);
	const [, columns = ''] = /SELECT (.+?) FROM positions/.exec(files.get('src/store.py') ?? '') ?? [];
	return {
		version: files.get('VERSION')?.trim() ?? 'unknown',
		schemaVersion: number(files, 'src/settings.py', 'SCHEMA_VERSION'),
		rebalanceSeconds: number(files, 'src/settings.py', 'REBALANCE_SECONDS') || 5,
		maxNotional,
		instruments,
		positionColumns: columns.match(/\w+/g) ?? [],
		sizing: { fields: [...line.matchAll(/instrument\["(\w+)"\]/g)].map((match) => match[1] ?? ''), line, number: at },
	};
};

/** How many contracts of an instrument; an EngineFailure with Python's KeyError where sizing names a field that it has not. */
export const sizeOf = (container: Container, sources: EngineSources, instrument: Instrument, nav: number): number => {
	const { fields, line, number: at } = sources.sizing;
	const missing = fields.find((field) => !(field in instrument));
	if (missing !== undefined) {
		const { files } = container.image;
		const [loopAt, loop] = lineOf(files, 'src/main.py', /sizing\.quantity/);
		throw new EngineFailure(
			traceback(
				[
					['src/main.py', loopAt, 'rebalance', loop],
					['src/sizing.py', at, 'quantity', line],
				],
				`KeyError: '${missing}'`,
			),
		);
	}
	return Math.max(1, Math.floor(Math.min(nav * Number(instrument.weight), sources.maxNotional) / 25_000));
};
