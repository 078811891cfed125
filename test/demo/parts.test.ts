import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseDotenv } from '../../demo/compose/dotenv.ts';
import { loadProject } from '../../demo/compose/project.ts';
import { dumpDatabase, restoreDump } from '../../demo/database/dump.ts';
import { runPsql } from '../../demo/database/psql.ts';
import { seededDatabase } from '../../demo/database/seed.ts';
import { createDatabaseServer } from '../../demo/database/server.ts';
import { projectFiles } from '../../demo/deployment/project-files.ts';
import { formatGo } from '../../demo/docker/go-template.ts';
import { makeFolder, removeStale } from '../../demo/host/folder.ts';
import { endNotedSessions } from '../../demo/host/sessions.ts';
import { onPath, writeShims } from '../../demo/host/shims.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'bo-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('--format', () => {
	const data = {
		State: { Status: 'running', Health: undefined },
		Config: { Labels: { 'a.b': 'c' } },
		Mounts: [
			{ Type: 'bind', Source: '/x' },
			{ Type: 'volume', Source: 'v' },
		],
		Networks: { one: {}, two: {} },
	};
	test.each([
		['{{.State.Status}}', 'running'],
		['{{if .State.Health}}{{.State.Health.Status}}{{end}}|', '|'],
		['{{index .Config.Labels "a.b"}} {{index .Config.Labels "none"}}', 'c '],
		['{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source}}{{end}}{{end}}', '/x\n'],
		['{{range $name, $_ := .Networks}}{{println $name}}{{end}}', 'one\ntwo\n'],
		['{{$s := index .Config.Labels "a.b"}}{{range .Mounts}}{{$s}} {{.Source}}{{"\\n"}}{{end}}', 'c /x\nc v\n'],
		['{{json .Config}}', '{"Labels":{"a.b":"c"}}'],
	])('%s', (template, text) => {
		expect(formatGo(template, data)).toBe(text);
	});

	test('a field that is not there is an error, not nothing', () => {
		expect(() => formatGo('{{.Stat}}', data)).toThrow(/can't evaluate field Stat/);
	});
});

describe('Compose', () => {
	test('a quote that is never closed is told with its line', () => {
		expect(() => parseDotenv('A=1\nB="x\n', '/srv/.env')).toThrow('failed to read /srv/.env: line 2: unterminated');
	});

	test("the project's own file is read, with what .env says", () => {
		writeFileSync(join(folder, 'docker-compose.yml'), projectFiles.get('docker-compose.yml') ?? '');
		writeFileSync(join(folder, '.env'), 'HEALTH_PORT=1234\n');
		const engine = loadProject(folder, {}).services.find(({ name }) => name === 'trading-engine');
		expect(engine?.ports[0]).toEqual({ ip: '127.0.0.1', host: 1234, container: 8080 });
	});

	test('a key that is not simulated is refused', () => {
		writeFileSync(join(folder, 'compose.yaml'), 'services: { a: { image: b, privileged: true } }\n');
		expect(() => loadProject(folder, {})).toThrow(/privileged: the demo's Compose does not simulate it/);
	});
});

describe('the database', () => {
	test('a dump restores to the same rows; over what stands it is refused', () => {
		const seeded = seededDatabase(0);
		const restored = new Map();
		restoreDump(restored, dumpDatabase(seeded));
		expect(restored).toEqual(new Map([...seeded].sort()));
		expect(() => restoreDump(restored, dumpDatabase(seeded))).toThrow(/already exists/);
	});

	test('two renames are done together or not at all', () => {
		const server = createDatabaseServer();
		server.create('live');
		const script =
			'BEGIN;\nALTER DATABASE :"live" RENAME TO :"kept";\nALTER DATABASE :"new" RENAME TO :"live";\nCOMMIT;\n';
		const variables = new Map([
			['live', 'live'],
			['kept', 'kept'],
			['new', 'new'],
		]);
		const call = { database: 'template1', script, variables, stopOnError: true, separator: '|' };
		expect(runPsql(server, call, '/data')).toMatchObject({
			code: 3,
			error: expect.stringContaining('"new" does not exist'),
		});
		expect(server.has('live')).toBe(true);
		server.create('new');
		expect(runPsql(server, call, '/data').code).toBe(0);
		expect(server.has('kept')).toBe(true);
		expect(server.has('new')).toBe(false);
	});

	test('a statement that is not simulated fails', () => {
		const call = {
			database: 'postgres',
			script: 'VACUUM FULL',
			variables: new Map(),
			stopOnError: true,
			separator: '|',
		};
		expect(runPsql(createDatabaseServer(), call, '/data')).toMatchObject({
			code: 3,
			error: expect.stringContaining('VACUUM'),
		});
	});
});

describe('what a demo leaves', () => {
	test('of processes that are gone it is removed; of living ones, and of strangers, it stays', () => {
		const own = makeFolder(folder);
		const dead = join(folder, 'bo-demo-dead');
		mkdirSync(dead);
		// No process has this number: it is beyond what pid_max allows (proc(5)).
		writeFileSync(join(dead, 'pid'), '4194305\n');
		const old = join(folder, 'bo-demo-old');
		mkdirSync(old);
		utimesSync(old, 0, 0);
		mkdirSync(join(folder, 'other'));
		expect([...removeStale(folder)].sort()).toEqual([dead, old]);
		expect(existsSync(own)).toBe(true);
		expect(readdirSync(folder)).toContain('other');
	});
});

test.skipIf(onPath('perl', process.env.PATH ?? '') === undefined)(
	'a session that the own setsid has noted is ended, and flock of Perl tells that it was there',
	async () => {
		const sessions = join(folder, 'sessions');
		mkdirSync(sessions);
		await writeShims(folder, { sessions, path: '', all: true });
		const lock = join(folder, 'lock');
		writeFileSync(lock, '');
		// Says so once the lock is held, and holds it until it is ended.
		const child = spawn(join(folder, 'setsid'), [
			'sh',
			'-c',
			`exec 9<"$1"; "$2" -n 9 && echo held; sleep 300`,
			'sh',
			lock,
			join(folder, 'flock'),
		]);
		const ended = new Promise<NodeJS.Signals | null>((resolve) =>
			child.once('exit', (_code, signal) => resolve(signal)),
		);
		await new Promise((resolve) => child.stdout.once('data', resolve));
		const free = () =>
			new Promise<number | null>((resolve) => {
				spawn(join(folder, 'flock'), ['-n', lock, 'true']).once('exit', resolve);
			});
		expect(await free()).toBe(1);
		endNotedSessions(sessions);
		expect(await ended).toBe('SIGKILL');
		// All of the session are killed at once; the others may end a moment after the one that is waited for.
		await expect.poll(free).toBe(0);
	},
);
