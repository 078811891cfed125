import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { linesOfCommands } from '../../src/commands/output/events.ts';
import { jsonPage } from '../../src/commands/output/page.ts';
import { type ServedDemo, serveDemo } from '../demo/demo.ts';
import { createLocalPlace, type LocalPlace, type Said } from '../e2e/local-place.ts';
import { readLines } from '../helpers/output-lines.ts';

// Real runs, on a machine that does much else.
const root = join(import.meta.dirname, '..', '..');
const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(root, 'schema', 'output.schema.json'), 'utf8')));

/** The lines of a command, each of which must be one that the page has for it, and valid by the published schema. */
const lines = (command: string, { stdout }: Pick<Said, 'stdout'>): readonly Record<string, unknown>[] => {
	const all = readLines(stdout);
	for (const line of all) {
		expect(['error', ...(linesOfCommands[command] ?? [])], command).toContain(line.type);
		const said = schema.safeParse(line);
		expect(said.error?.issues ?? [], JSON.stringify(line).slice(0, 500)).toEqual([]);
	}
	return all;
};

const last = (command: string, said: Pick<Said, 'stdout'>) => lines(command, said).at(-1) ?? {};

test('docs/json.md is up to date (npm run schema writes it), and has every line and command', () => {
	const page = readFileSync(join(root, 'docs', 'json.md'), 'utf8');
	expect(page).toBe(jsonPage());
	const folder = join(root, 'src', 'command-line');
	const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
	// Every command with --json.
	const commands = files.flatMap((text) => text.split(/\n\t*\.command\('/).slice(1));
	const withJson = commands
		.filter((text) => text.includes('jsonOption()'))
		.map((text) => text.slice(0, text.indexOf("'")));
	expect(Object.keys(linesOfCommands).sort()).toEqual(withJson.sort());
});

test('a line with a field that is not described is refused', () => {
	expect(() => readLines('{"type":"dropped","run":"a","left":"","more":1}')).toThrow(/more/);
	expect(() => readLines('{"type":"dropped","run":"a"}')).toThrow(/left/);
	expect(() => readLines('{"type":"nothing"}')).toThrow(/no such type/);
});

describe('against the demo host', () => {
	let demo: ServedDemo;
	beforeAll(async () => {
		demo = await serveDemo('crash');
	});
	afterAll(() => demo?.stop());
	const tell = async (command: string, ...args: string[]) => {
		const said = await demo.backoutApart(command, ...args, '--json');
		return { ...said, last: last(command, said), lines: lines(command, said) };
	};

	test('what only looks', async () => {
		// The engine crashes for the first time a second after the demo has started.
		await vi.waitFor(
			async () => expect(await tell('status')).toMatchObject({ code: 1, last: { type: 'status', ok: false } }),
			{ timeout: 30_000 },
		);
		expect(await tell('logs', 'postgres')).toMatchObject({ code: 0, last: { type: 'log', service: 'postgres' } });
		expect(await tell('verify')).toMatchObject({ code: 1, last: { type: 'verdict', final: true } });
		const { lines: procedures } = await tell('procedures');
		expect(procedures.map(({ id }) => id)).toContain('rollback-commit');
		expect(await tell('inputs', 'rollback-commit')).toMatchObject({ code: 0, last: { type: 'inputs' } });
		expect(await tell('plan', 'engine-crash')).toMatchObject({
			code: 0,
			last: { type: 'plan', confirmation: { kind: 'yes' } },
		});
		const doctor = await tell('doctor');
		expect(doctor.lines.map(({ type }) => type)).toEqual([...doctor.lines.slice(1).map(() => 'finding'), 'doctor']);
		expect(await tell('check')).toMatchObject({ code: 0, last: { type: 'checked', kind: 'config' } });
		expect(await tell('runs')).toMatchObject({ code: 0, lines: expect.any(Array) });
	});

	test('a run that is cancelled, one that goes on with it, its way back, and the journal', {
		tags: 'long',
	}, async () => {
		// It builds until the gate is opened, however long the next command takes to begin.
		const [docker, gate] = [join(demo.folder, 'bin', 'docker'), join(demo.folder, 'gate')];
		renameSync(docker, `${docker}-itself`);
		const builds = join(demo.folder, 'builds');
		const waits = `case "$*" in *build*) touch '${builds}'; while [ -e '${gate}' ]; do sleep 0.1; done ;; esac`;
		writeFileSync(docker, `#!/bin/sh\n${waits}\nexec '${docker}-itself' "$@"\n`, { mode: 0o755 });
		writeFileSync(gate, '');
		const { last: detached } = await tell('run', 'engine-crash', '--yes', '--reason', 'a try', '--detach');
		expect(detached.type).toBe('detached');
		const run = String(detached.run);
		// Its own restore point is the one that the retried run is undone to.
		await vi.waitFor(() => expect(existsSync(builds)).toBe(true), { timeout: 60_000 });
		const cancelled = await tell('cancel', run);
		rmSync(gate);
		expect(cancelled.last).toMatchObject({ type: 'cancel', run, outcome: 'cancelled' });
		expect(await tell('attach', run)).toMatchObject({ code: 130, last: { type: 'end', exitCode: 130 } });
		const retried = await tell('retry', run, '--yes', '--reason', 'go on');
		expect(retried, retried.stderr).toMatchObject({ code: 0, last: { type: 'end', verdict: 'passed', exitCode: 0 } });
		const types = new Set(retried.lines.map(({ type }) => type));
		expect([...types]).toEqual(expect.arrayContaining(['plan', 'run', 'step', 'output', 'verification', 'end']));
		// Each change is printed once, not at every poll.
		const told = retried.lines
			.filter(({ type }) => type === 'verification')
			.map((line) => {
				const { checks, verdict, final, holdingSince } = line as { checks: { state: string }[] } & Record<
					string,
					unknown
				>;
				return JSON.stringify([checks.map(({ state }) => state), verdict, final, holdingSince !== undefined]);
			});
		expect(told.filter((one, index) => one === told[index - 1])).toEqual([]);
		expect(retried.stderr).toBe('');

		expect((await tell('restore-points')).lines.length).toBeGreaterThan(0);
		const [newest, before] = (await tell('runs')).lines;
		expect(newest).toMatchObject({ type: 'run', target: 'demo', from: run, state: 'succeeded', verdict: 'passed' });
		expect(before).toMatchObject({ id: run, state: 'cancelled' });
		const again = await tell('attach', String(newest?.id));
		// The same line as in the journal.
		expect(again.lines[0]).toEqual(newest);
		// It restores a crashing version, so the verdict is not awaited.
		const undo = (await tell('undo', 'last', '--yes', '--detach')).last;
		expect(undo.type).toBe('detached');
		await vi.waitFor(
			async () => expect((await tell('runs')).lines[0]).toMatchObject({ id: undo.run, from: run, state: 'succeeded' }),
			{ timeout: 60_000, interval: 1000 },
		);
		expect(await tell('prune', '--keep', '0', '--yes')).toMatchObject({ code: 0 });
		expect((await tell('status')).code).toBe(1);
		const report = await demo.backoutApart('report', 'last', '--format', 'json');
		expect(readLines(report.stdout)).toHaveLength(1);
	});

	test('what is refused or not known', async () => {
		expect(await tell('run', 'engine-crash')).toMatchObject({
			code: 4,
			last: { type: 'error', code: 'refused', exitCode: 4, host: expect.any(String), next: expect.any(String) },
		});
		expect(await tell('run', 'nothing')).toMatchObject({ code: 2, last: { type: 'error', code: 'usage' } });
		expect(await tell('attach', 'nothing')).toMatchObject({ code: 2, last: { type: 'error', code: 'usage' } });
		expect(await tell('verify', '--wait', 'soon')).toMatchObject({ code: 2, last: { type: 'error', host: null } });
		expect(await tell('verify', '--nonsense')).toMatchObject({ code: 2, last: { type: 'error', code: 'usage' } });
	});
});

describe('on this machine', () => {
	let place: LocalPlace;
	beforeAll(() => {
		place = createLocalPlace();
	});
	afterAll(() => place?.remove());
	const tell = async (command: string, ...args: string[]) => {
		const said = await place.run([command, ...args, '--json']);
		return { ...said, last: last(command, said), lines: lines(command, said) };
	};

	test('a step that waits is answered', async () => {
		const { last: detached } = await tell('run', 'ask', '--yes', '--detach');
		const run = String(detached.run);
		await vi.waitFor(async () => expect((await tell('continue', run)).code).toBe(0), 60_000);
		const attached = await tell('attach', run);
		expect(attached).toMatchObject({ code: 0, last: { type: 'end', verdict: null } });
		expect(attached.lines.find(({ type, id }) => type === 'step' && id === 'wait')).toBeDefined();
	});

	test('a config with mistakes: every one of them, with its place', async () => {
		place.write('broken.yaml', 'targets:\n  here: { host: local, directory: srv }\n');
		const said = await tell('check', 'broken.yaml');
		expect(said).toMatchObject({
			code: 2,
			last: { code: 'config', problems: [{ file: 'broken.yaml', line: 2 }], exitCode: 2 },
		});
	});
});
