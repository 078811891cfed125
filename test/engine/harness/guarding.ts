import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../../helpers/program.ts';
import { type Sshd, startSshd } from '../../ssh/sshd.ts';
import { dockerfile, serves } from './files.ts';
import type { OpenSite } from './index.ts';
import type { Site } from './site.ts';

/** The files of a project with one service, at a version. */
export const releaseFiles = (version: string, app: string): Record<string, string> => ({
	'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 1s }\n',
	Dockerfile: dockerfile(version),
	'app.sh': app,
});

export interface Released {
	readonly site: Site;
	readonly first: string;
	readonly newest: string;
}

/** Version 1 is deployed, and then version 2, with the program `second`. */
export const release = async (openSite: OpenSite, second: string): Promise<Released> => {
	const site = await openSite();
	const first = await site.commit('version 1', releaseFiles('1', serves));
	await site.deploy();
	const newest = await site.commit('version 2', releaseFiles('2', second));
	await site.deploy();
	return { site, first, newest };
};

/** The words of a guard whose host can ask all checks, so that it is a run on the host. */
export const onHost = (first: string, seconds: number): string[] => [
	...['guard', '--procedure', 'rollback-commit', '--input', `commit=${first}`],
	...['--for', `${seconds}s`, '--grace', '1s', '--interval', '1s', '--yes'],
];

/** Where a client is killed. */
export interface KillAt {
	/** Its output that is waited for; without it, nothing is. */
	readonly output?: RegExp;
	/** Then this long, ms. */
	readonly afterMs?: number;
}

/** What a killed client has left. */
export interface Killed {
	/** Its run, if it has named one. */
	readonly run: string | undefined;
	readonly text: string;
}

/** Starts backout and kills it, as a runner that is taken away does. Rejects if it ends by itself. */
export const startAndKill = (site: Site, words: readonly string[], { output = /^/, afterMs = 0 }: KillAt) =>
	new Promise<Killed>((resolve, reject) => {
		const child = spawn(process.execPath, [program, ...words], {
			cwd: site.folder,
			env: site.env as NodeJS.ProcessEnv,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let text = '';
		let isDue = false;
		const look = () => {
			if (!isDue && output.test(text)) {
				isDue = true;
				setTimeout(() => child.kill('SIGKILL'), afterMs);
			}
		};
		look();
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (part: string) => {
				text += part;
				look();
			});
		}
		child.on('close', (code, signal) => {
			if (signal === 'SIGKILL') {
				resolve({ run: /attach (\d{8}T\d{6}Z-[0-9a-f]{6})/.exec(text)?.[1], text });
			} else {
				reject(new Error(`it ended by itself with ${code}: ${text}`));
			}
		});
	});

/** Its guard has looked for the first time. */
export const watches = /\d\d:\d\d:\d\d (all pass|well|failing|fails|unknown)/;

/** Starts a guard on the host, kills the command that follows it as soon as it watches, and returns the run's id. */
export const guardAndKill = async (site: Site, first: string, seconds: number): Promise<string> => {
	const { run, text } = await startAndKill(site, onHost(first, seconds), { output: watches });
	if (run === undefined) {
		throw new Error(`it named no run: ${text}`);
	}
	return run;
};

/** Returns the processes of a run: those in its folder, and those with its mark. */
const processesOf = (site: Site, run: string): readonly number[] => {
	const folder = join(site.state, 'runs', run);
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				return (
					readlinkSync(`/proc/${pid}/cwd`) === folder ||
					readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`backout_step=${run}/`)
				);
			} catch {
				return false;
			}
		})
		.map(Number);
};

/** Tells all processes of a run to end, as before the host is shut down. */
export const shutDown = (site: Site, run: string): void => {
	for (const pid of processesOf(site, run)) {
		try {
			process.kill(pid, 'SIGTERM');
		} catch {
			// It has ended by itself.
		}
	}
};

/** Kills all processes of a run at once, as a power cut does. Returns how many there were. */
export const cutPower = (site: Site, run: string): number => {
	let killed = 0;
	for (let left = processesOf(site, run); left.length > 0; left = processesOf(site, run)) {
		for (const pid of left) {
			try {
				process.kill(pid, 'SIGKILL');
				killed += 1;
			} catch {
				// It has ended by itself.
			}
		}
	}
	return killed;
};

/** An sshd whose sessions reach the engine of the tests, and the config by which the site is reached through it. */
export const openSshd = async (site: Site): Promise<Sshd> => {
	const passed = ['PATH', 'DOCKER_HOST', 'GIT_CONFIG_GLOBAL'].map((name) => `${name}=${site.env[name]}`);
	const sshd = await startSshd([`SetEnv SHLVL=1 ${passed.join(' ')}`]);
	site.configure([`host: ${sshd.destination}`, `identityFile: ${sshd.identity}`, `knownHosts: ${sshd.knownHosts}`]);
	return sshd;
};
