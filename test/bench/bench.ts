import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sshdMissing } from '../ssh/sshd.ts';
import { type BenchHost, openBenchHost } from './host/open.ts';
import type { Bench, Finding } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { alarms, curves, findingLine, type Measured, markdown, meets } from './table.ts';

const names = scenarios.map(({ name }) => name);
const usage = `npm run bench -- [--quick] [--write] [NAME...]

Measures the program from the outside: in a pty, with a terminal without a window, and by /proc. Without a name: all of
${names.join(', ')}.

--quick   what takes two minutes, with fewer repetitions; fails only where something is far beyond what any machine explains
--write   puts the tables into bench/results.md; so does a full run of everything`;

const results = join(import.meta.dirname, '..', '..', 'bench', 'results.md');

const page = join(import.meta.dirname, '..', '..', 'docs', 'performance.md');
const marks = ['<!-- measured -->\n', '\n<!-- measured, end -->'] as const;

/** Puts the measured curves between their marks on the page on what things cost. */
const writeCurves = (table: string) => {
	const text = readFileSync(page, 'utf8');
	const [from, to] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
	if (from >= 0 && to > from) {
		writeFileSync(page, `${text.slice(0, from)}${marks[0]}${table}${text.slice(to)}`);
	}
};

const machine = (): string => {
	const model = /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor';
	return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
};

const heading = (before: number, quick: boolean, skipped: readonly string[]): string =>
	[
		'# Results of `npm run bench`',
		'',
		`${new Date().toISOString().slice(0, 10)}; ${machine()}; load ${before.toFixed(1)} at the beginning and ${loadavg()[0]?.toFixed(1)} at the end.${quick ? ' With the few repetitions of `--quick`.' : ''}`,
		'',
		'Times swing with what else the machine does: what counts is a ratio, of things measured in turn in the same run. How each',
		'figure is taken stands in `test/bench/scenarios/`, what the figures come from in [docs/performance.md](../docs/performance.md).',
		...(skipped.length === 0 ? [] : ['', ...skipped.map((line) => `- not measured: ${line}`)]),
	].join('\n');

const main = async (): Promise<number> => {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, help: { type: 'boolean' } },
	});
	const unknown = positionals.filter((name) => !names.includes(name));
	if (values.help || unknown.length > 0) {
		console.log(unknown.length > 0 ? `there is no ${unknown.join(', ')}\n\n${usage}` : usage);
		return unknown.length > 0 ? 2 : 0;
	}
	const quick = values.quick === true;
	const missing = sshdMissing();
	if (missing !== undefined || process.platform !== 'linux') {
		console.log(`nothing is measured: ${missing ?? 'it needs /proc, which is Linux’s'}`);
		return 0;
	}
	const writes = values.write === true || (!quick && positionals.length === 0);
	const before = loadavg()[0] ?? 0;
	const hosts = new Map<string, Promise<BenchHost>>();
	const skipped: string[] = [];
	const bench: Bench = {
		quick,
		host: (plan = {}) => {
			const key = JSON.stringify(plan);
			const host = hosts.get(key) ?? openBenchHost(plan);
			hosts.set(key, host);
			return host;
		},
		skip: (what, why) => {
			skipped.push(`${what}: ${why}`);
			console.log(`  – ${what}: not measured, ${why}`);
		},
		times: (full, fewer) => (quick ? fewer : full),
	};
	const chosen = scenarios.filter(({ name, quick: fast }) =>
		positionals.length > 0 ? positionals.includes(name) : !quick || fast,
	);
	const all: Measured[] = [];
	try {
		for (const scenario of chosen) {
			console.log(`\n${scenario.title}`);
			const findings: Finding[] = [];
			all.push({ scenario, findings });
			try {
				for await (const finding of scenario.measure(bench)) {
					findings.push(finding);
					console.log(findingLine(finding));
				}
			} catch (error) {
				bench.skip(`the rest of "${scenario.title}"`, (error as Error).message.split('\n')[0] ?? '');
			}
			if (writes) {
				writeFileSync(results, `${heading(before, quick, skipped)}\n\n${markdown(all)}\n`);
				writeCurves(curves(all));
			}
		}
	} finally {
		await Promise.all([...hosts.values()].map(async (host) => (await host).close()));
	}
	const findings = all.flatMap((measured) => measured.findings);
	const missed = findings.filter((finding) => meets(finding) === false);
	const wrong = findings.filter(alarms);
	console.log(
		`\n${missed.length === 0 ? 'Every budget is met' : `${missed.length} of ${findings.length} beyond their budget`}; load ${before.toFixed(1)} → ${loadavg()[0]?.toFixed(1)}`,
	);
	for (const finding of wrong) {
		console.log(`far off: ${findingLine(finding).trim()}`);
	}
	return wrong.length > 0 ? 1 : 0;
};

process.exitCode = await main();
// A pty that was closed leaves handles behind.
setTimeout(() => process.exit(), 100).unref();
