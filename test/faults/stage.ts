import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createWorkplace, type Ended, type Workplace } from '../e2e/backout.ts';
import { openProject, type TestProject } from '../helpers/containers.ts';
import { childrenOf, descriptorsOf, named, startedWith, textOf, usersOf } from '../helpers/proc.ts';
import { exec } from '../lab/exec.ts';
import { type LabInfo, readLabInfo } from '../lab/index.ts';
import { waitFor } from '../lab/processes.ts';
import { startProxy, type TcpProxy } from '../net/proxy.ts';
import { alive } from '../runner/fixture.ts';
import { drillRunbook } from './drill.ts';
import { type OwnSshd, startOwnSshd } from './own-sshd.ts';
import { eventually } from './patience.ts';
import { openScreen, type Screen } from './stage-screen.ts';

/** Number of connections to Docker that are kept for the next request, or just opened for it (ssh-host.ts). */
const idleConnections = 3;

/** The resources that the programs of a stage use. */
export interface Held {
	/** Descriptors, and processes below them. */
	readonly here: number;
	/** Descriptors of their sessions on the host, of which each forwarded connection has one. */
	readonly onHost: number;
	/** Processes on the host that their sessions have started, each on a channel or left over from one. */
	readonly processes: number;
}

/** The way to the host, and the deployment's state on it, of one fault: nobody else's is disturbed. */
export interface Stage {
	readonly info: LabInfo;
	/** The deployment: one container, `web`, which comes back with Docker. */
	readonly project: TestProject;
	readonly place: Workplace;
	readonly sshd: OwnSshd;
	/** Between the program and `sshd`. */
	readonly proxy: TcpProxy;
	readonly folder: string;
	/** The number of lines that a run prints. */
	readonly lines: number;
	/** The deployment's directory on the host. */
	readonly directory: string;
	/** The state folder on the host. */
	readonly state: string;
	/** Programs put here take the place of the host's own. */
	readonly hostBin: string;
	/**
	 * The dashboard below a shell that says how it ended and what is left of the terminal's settings. Resolves when it shows
	 * that all is well, or what is given.
	 */
	open(shows?: readonly (string | RegExp)[]): Promise<Screen>;
	openGate(): void;
	closeGate(): void;
	/** Returns the notes of the steps, of all runs. */
	ledger(): string;
	/** Ids of the runs on the host, oldest first. */
	runs(): readonly string[];
	/** Resolves when the run has ended on the host, and gives its result: state and exit code. */
	resultOf(id: string): Promise<string>;
	/** Resolves when the run's verdict is noted on the host, which comes a moment after it is shown. */
	verdictOf(id: string): Promise<void>;
	/** One run as `backout runs --json` tells it. */
	journalOf(id: string): Promise<Record<string, unknown> | undefined>;
	/** Returns the resources that the open programs use. */
	held(): Held;
	/** Fails unless each program that is open has one connection and one session, and they hold what they held before. */
	expectHeld(before: Held): Promise<void>;
	/** Fails unless nobody works in the state folder, no process of a session is left, and the lock is free. */
	expectNothingOnHost(): Promise<void>;
	/** Fails unless nothing of the program is left on the way and on the host. */
	expectNothingLeft(): Promise<void>;
	close(): Promise<void>;
}

export interface StageOptions {
	/** Makes the folder that the state folder is in, on a small disk for example, and gives what takes it away. */
	readonly makeParent?: (parent: string) => Promise<() => Promise<void>>;
	/** The number of lines that a run prints; default 300. */
	readonly lines?: number;
	/** The gate is a `wait` of the runbook, not a script that waits. */
	readonly waits?: boolean;
	/** There is a Compose file in the deployment's directory, which a run needs to parse. */
	readonly composed?: boolean;
}

/** The lab must be up and well. */
export const openStage = async (options: StageOptions = {}): Promise<Stage> => {
	const info = readLabInfo();
	const place = createWorkplace(info);
	const folder = realpathSync(place.folder);
	const [gate, ledgerFile, knownHosts] = [join(folder, 'gate'), join(folder, 'ledger'), join(folder, 'known_hosts')];
	const hostBin = join(folder, 'host-bin');
	mkdirSync(hostBin);
	const parent = join(folder, 'host');
	mkdirSync(parent);
	const removeParent = await options.makeParent?.(parent);
	const lines = options.lines ?? 300;
	const state = join(parent, 'state');
	const directory = join(folder, 'deployed');
	mkdirSync(directory);
	writeFileSync(join(directory, 'compose.yaml'), 'services: {web: {image: lab/base:1}}\n');
	const project = openProject(directory);
	await project.run('web', 'exec sleep 3600', '--restart', 'always', '--init');
	const sshd = await startOwnSshd(info, folder, hostBin);
	const proxy = await startProxy(sshd.port);
	const port = (text: string) => text.replaceAll(`[127.0.0.1]:${info.sshPort} `, `[127.0.0.1]:${proxy.port} `);
	writeFileSync(knownHosts, port(readFileSync(info.knownHosts, 'utf8')));
	place.write(
		'drill.yaml',
		drillRunbook({
			ledger: ledgerFile,
			gate,
			disk: parent,
			lines,
			waits: options.waits ?? false,
			composed: options.composed ?? false,
		}),
	);
	const target = {
		host: `${info.user}@127.0.0.1:${proxy.port}`,
		directory,
		project: project.project,
		runbook: './drill.yaml',
		state,
		identityFile: info.identityFile,
		knownHosts,
	};
	place.write('backout.yaml', `targets:\n  lab: ${JSON.stringify(target)}\n`);
	const screens: Screen[] = [];
	const runs = () => {
		try {
			return readdirSync(join(state, 'runs'))
				.filter((name) => /^\d{8}T/.test(name))
				.sort();
		} catch {
			return [];
		}
	};
	const json = ({ code, stdout, stderr, json: parse }: Ended) => {
		if (code !== 0) {
			throw new Error(`ended with ${code}: ${stdout}${stderr}`);
		}
		return parse();
	};
	const expectNone = (what: string, find: () => readonly number[]) => {
		let found: readonly number[] = [];
		return eventually(
			() => `nobody ${what}: ${found.map(named).join('; ')}`,
			() => {
				found = find();
				return found.length === 0;
			},
		);
	};
	const withChildren = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(withChildren)];
	const ofSessions = () => sshd.sessions().flatMap(withChildren);
	const openScreens = () => screens.filter(({ pid }) => alive(pid));
	const held = (): Held => ({
		here: openScreens().flatMap(({ pid }) => [...descriptorsOf(pid), ...childrenOf(pid)]).length,
		onHost: sshd.sessions().flatMap(descriptorsOf).length,
		processes: startedWith(hostBin).length,
	});
	const expectHeld = async (before: Held) => {
		let now = held();
		await eventually(
			() => `${JSON.stringify(before)} is held again, there is ${JSON.stringify(now)}, ${proxy.open} connections`,
			() => {
				const programs = openScreens().length;
				now = held();
				return (
					proxy.open === programs &&
					sshd.sessions().length === programs &&
					now.here <= before.here &&
					now.onHost <= before.onHost + idleConnections * programs &&
					// Each program has a shell that reads what containers use, which may have begun since.
					now.processes <= Math.max(before.processes, programs)
				);
			},
		);
	};
	const expectNothingOnHost = async () => {
		await expectNone('works in the state folder', () => usersOf(state));
		await expectNone('is left on the host', () => startedWith(hostBin).filter((pid) => !ofSessions().includes(pid)));
		const lock = join(state, 'lock');
		expect((await exec('sh', ['-c', '[ ! -e "$1" ] || flock -n "$1" true', 'sh', lock])).code).toBe(0);
		expect(textOf(join(state, 'owner'))).toBe('');
	};
	return {
		info,
		project,
		place,
		sshd,
		proxy,
		folder,
		lines,
		directory,
		state,
		hostBin,
		open: async (shows) => {
			const screen = await openScreen({ place, runs }, shows);
			screens.push(screen);
			return screen;
		},
		openGate: () => writeFileSync(gate, ''),
		closeGate: () => rmSync(gate, { force: true }),
		ledger: () => textOf(ledgerFile),
		runs,
		resultOf: async (id) => {
			const file = join(state, 'runs', id, 'result');
			await eventually(`the result of run ${id}`, () => textOf(file) !== '');
			return textOf(file).split(' ').slice(0, 2).join(' ');
		},
		verdictOf: (id) =>
			eventually(`the verdict of run ${id}`, () => textOf(join(state, 'runs', id, 'verdicts')).endsWith('\n')),
		journalOf: async (id) => json(await place.run('--target', 'lab', 'runs', '--json')).find((run) => run.id === id),
		held,
		expectHeld,
		expectNothingOnHost,
		expectNothingLeft: async () => {
			await eventually('no connection is open', () => proxy.open === 0);
			await eventually('no session is left on the host', () => sshd.sessions().length === 0);
			await expectNothingOnHost();
		},
		close: async () => {
			writeFileSync(gate, '');
			for (const { pty } of screens) {
				await pty.close();
			}
			await proxy.stop();
			await sshd.stop();
			await project.close();
			await waitFor(() => usersOf(state).length === 0, 20_000);
			await removeParent?.();
			place.remove();
		},
	};
};
