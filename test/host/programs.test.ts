import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createComposeEngine } from '../../src/engines/compose/engine.ts';
import { worksBySudo } from '../../src/engines/compose/survey/projects.ts';
import { createDocker } from '../../src/engines/docker/docker.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { type ProgramPlaces, programsPrelude, programVariables } from '../../src/services/host/programs.ts';
import { runConstantScript, runScript } from '../../src/services/host/run-script.ts';
import { shellProgram } from '../../src/services/host/shell-program.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
	([file = '', ...args]) => spawnSync(file, [...args, '-c', 'true']).status === 0,
);

let folder: string;
let servers: Server[];
let hosts: LocalHost[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-places-'));
	servers = [];
	hosts = [];
	// A login with nothing but the basics, as on a NAS.
	mkdirSync(join(folder, 'bin'));
	for (const name of ['sh', 'id', 'grep', 'timeout', 'cat']) {
		symlinkSync(`/bin/${name}`, join(folder, 'bin', name));
	}
});
afterEach(async () => {
	await Promise.all(hosts.map((host) => host.close()));
	for (const server of servers) {
		server.closeAllConnections();
		await new Promise((closed) => server.close(closed));
	}
	rmSync(folder, { recursive: true });
});

/** A program, of a name that this machine has nowhere, that prints where it is and where it would look for Docker. */
const program = (...path: string[]) => {
	const file = join(folder, ...path);
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, `#!/bin/sh\necho "$0 \${DOCKER_HOST:-nowhere}"\n`);
	chmodSync(file, 0o755);
	return file;
};

/** A socket on which Docker answers. */
const socket = async (...path: string[]) => {
	const file = join(folder, ...path);
	mkdirSync(dirname(file), { recursive: true });
	const server = createServer((request, response) => response.end(request.url === '/version' ? '{}' : '[]'));
	servers.push(server);
	await new Promise<void>((listening) => server.listen(file, listening));
	return file;
};

const environment = (more: NodeJS.ProcessEnv = {}) => ({
	PATH: join(folder, 'bin'),
	HOME: join(folder, 'home'),
	XDG_RUNTIME_DIR: join(folder, 'run'),
	...more,
});

const login = (more?: NodeJS.ProcessEnv, programs?: ProgramPlaces) => {
	const host = Object.assign(new LocalHost({ env: environment(more), home: folder }), programs && { programs });
	hosts.push(host);
	return host;
};

describe.each(shells)('%s', (shell, ...args) => {
	const said = (script: string, env = environment(), places?: ProgramPlaces) => {
		const { stdout, stderr } = spawnSync(`/bin/${shell}`, [...args, '-s'], {
			env,
			input: shellProgram('mark', programVariables(places), [programsPrelude(places), script]),
			encoding: 'utf8',
		});
		return `${stdout}${stderr.replace('mark\n', '')}`.replace('mark\n', '').trim();
	};

	test('a program that only a login that types has on its PATH is found', () => {
		const docker = program('home', 'bin', 'own-docker');
		expect(said('own-docker')).toBe(`${docker} nowhere`);
		const first = program('bin', 'own-docker');
		expect(said('own-docker')).toBe(`${first} nowhere`);
		const given = program('container station', 'own-docker');
		expect(said('own-docker', environment(), { path: [dirname(given)] })).toBe(`${given} nowhere`);
	});

	test('the socket of a rootless engine is found where DOCKER_HOST is not set', async () => {
		program('home', 'bin', 'own-docker');
		const rootless = await socket('run', 'docker.sock');
		expect(said('own-docker')).toContain(` unix://${rootless}`);
		expect(said('own-docker', environment({ DOCKER_HOST: 'unix:///mine' }))).toContain(' unix:///mine');
		expect(said('own-docker', environment({ DOCKER_CONTEXT: 'mine' }))).toContain(' nowhere');
		expect(said('own-docker', environment(), { engineHost: 'tcp://10.0.0.2:2375' })).toContain(' tcp://10.0.0.2:2375');
		mkdirSync(join(folder, 'home', '.docker'));
		writeFileSync(join(folder, 'home', '.docker', 'config.json'), '{ "currentContext": "rootless" }');
		expect(said('own-docker')).toContain(' nowhere');
	});

	test.each([
		['.bashrc', (at: string) => `case $- in *i*) ;; *) return ;; esac\nexport DOCKER_HOST=unix://${at}\n`],
		['.zshrc', (at: string) => `export DOCKER_HOST="unix://${at}" # rootless\n`],
		['.config/fish/config.fish', (at: string) => `#set DOCKER_HOST unix:///old\nset -gx DOCKER_HOST unix://${at}\n`],
	])('the socket is found that %s names for logins that type', async (file, text) => {
		program('home', 'bin', 'own-docker');
		const named = await socket('of-ana', 'docker.sock');
		mkdirSync(dirname(join(folder, 'home', file)), { recursive: true });
		writeFileSync(join(folder, 'home', file), text(named));
		expect(said('own-docker')).toContain(` unix://${named}`);
		// What is not there, or is set for this login, is not taken from it.
		expect(said('own-docker', environment({ DOCKER_HOST: 'unix:///mine' }))).toContain(' unix:///mine');
		writeFileSync(join(folder, 'home', file), text('/no/such.sock'));
		expect(said('own-docker')).toContain(' nowhere');
	});

	test('Docker Desktop keeps its socket in the home folder', async () => {
		program('home', 'bin', 'own-docker');
		const desktop = await socket('home', '.docker', 'run', 'docker.sock');
		expect(said('own-docker')).toContain(` unix://${desktop}`);
	});

	test("Podman's socket counts only where there is no Docker engine that may have stopped", async () => {
		program('home', 'bin', 'own-docker');
		const podman = await socket('run', 'podman', 'podman.sock');
		// The usual places have an engine on some machines that run this.
		const engine = said('command -v dockerd') !== '';
		expect(said('own-docker')).toContain(engine ? ' nowhere' : ` unix://${podman}`);
		program('home', 'bin', 'dockerd');
		expect(said('own-docker')).toContain(' nowhere');
	});

	test('where the config says so, docker is called by sudo, whatever calls it', () => {
		program('bin', 'docker');
		const sudo = join(folder, 'bin', 'sudo');
		writeFileSync(
			sudo,
			`#!/bin/sh\n[ "$1 $2" = "-n --" ] || exit 9\nshift 2\nunset DOCKER_HOST\nprintf 'by sudo: %s\\n' "$*"\n`,
		);
		chmodSync(sudo, 0o755);
		for (const name of ['mkdir', 'chmod', 'mv']) {
			symlinkSync(`/bin/${name}`, join(folder, 'bin', name));
		}
		mkdirSync(join(folder, 'home'), { recursive: true });
		const real = join(folder, 'bin', 'docker');
		const places = { sudo: true };
		expect(said('docker ps -a', environment(), places)).toBe(`by sudo: ${real} ps -a`);
		expect(said('timeout 5 docker rm "a b"', environment(), places)).toBe(`by sudo: ${real} rm a b`);
		// A run's steps are programs of their own, which have no functions of the script that started the run.
		expect(said(`sh -c 'exec docker compose up'`, environment(), places)).toBe(`by sudo: ${real} compose up`);
		// Other programs may come first in PATH, such as the one that marks what a step starts.
		const first = `PATH=${folder}/first:$PATH; docker ps`;
		expect(said(first, environment(), places)).toBe(`by sudo: ${real} ps`);
		expect(said('docker ps', environment(), { ...places, engineHost: 'unix:///run/x.sock' })).toBe(
			`by sudo: ${real} -H unix:///run/x.sock ps`,
		);
		// A program that an earlier version of backout has written is not used.
		writeFileSync(join(folder, 'home/.cache/backout/sudo/docker'), '#!/bin/sh\necho by an earlier version\n');
		expect(said('docker ps', environment(), places)).toBe(`by sudo: ${real} ps`);
		// None of it stays when it is not wanted.
		expect(said('docker')).toBe(`${real} nowhere`);
	});

	test('without a home folder nothing is wrong', () => {
		expect(said('echo well', { PATH: join(folder, 'bin') } as never)).toBe('well');
	});
});

test('a constant script and a command that is a connection find them, too', async () => {
	const docker = program('home', 'bin', 'own-docker');
	const rootless = await socket('run', 'docker.sock');
	const purpose = 'say where it is';
	expect((await runConstantScript(login(), 'own-docker', { purpose })).stdout).toBe(`${docker} unix://${rootless}\n`);
	expect((await runScript(login(), 'own-docker', { purpose })).stdout).toBe(`${docker} unix://${rootless}\n`);
	const given = program('container station', 'own-docker');
	const places = { path: [dirname(given)], engineHost: 'unix:///else/where.sock' };
	expect((await runConstantScript(login({}, places), 'own-docker', { purpose })).stdout).toBe(
		`${given} unix:///else/where.sock\n`,
	);
});

test.each([
	['Docker answers', 'exit 0', 'exit 0', false],
	['its socket is closed, and sudo lets in', 'echo "permission denied" >&2; exit 1', 'exit 0', true],
	['its socket is closed, and sudo does not let in', 'echo "permission denied" >&2; exit 1', 'exit 1', false],
	['it has stopped: sudo is not asked', 'echo "Is the docker daemon running?" >&2; exit 1', 'exit 0', false],
])('whether sudo is needed, where %s', async (_, docker, sudo, needed) => {
	for (const [name, script] of Object.entries({ docker, sudo })) {
		writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
		chmodSync(join(folder, 'bin', name), 0o755);
	}
	expect(await worksBySudo(login(), AbortSignal.timeout(20_000))).toBe(needed);
});

test('a plan says that docker is called by sudo', async () => {
	for (const name of ['mkdir', 'chmod', 'mv']) {
		symlinkSync(`/bin/${name}`, join(folder, 'bin', name));
	}
	const target = { name: 't', directory: folder, project: 'none', projectGiven: true };
	const question = { procedure: { steps: [{}], risk: 'read-only' }, chosen: {}, allowed: [], environment: {} } as never;
	const notesOf = async (programs?: ProgramPlaces) =>
		(await createComposeEngine(login({}, programs), target).planChanges(question)).notes;
	expect(await notesOf({ sudo: true })).toEqual([expect.stringContaining('Docker is called by sudo')]);
	expect(await notesOf()).toEqual([]);
});

test('Docker is reached at the socket of a rootless engine, and at the one that the config names', async () => {
	const rootless = await socket('run', 'docker.sock');
	expect((await createDocker(login()).ready()).reason).toContain(rootless);
	const named = await socket('else', 'where.sock');
	expect((await createDocker(login({}, { engineHost: `unix://${named}` })).ready()).reason).toContain(named);
});
