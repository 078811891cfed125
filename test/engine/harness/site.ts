import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { program, runProgram, type Said } from '../../helpers/program.ts';
import { type Pty, startInPty } from '../../helpers/pty.ts';
import { exec, must } from '../../lab/exec.ts';
import { type ContainerFacts, containersOf } from './facts.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

export interface SiteOptions {
	/** The folder of the Compose project within the repository; the repository itself without it. */
	readonly within?: (token: string) => string;
	/** The arguments that the owner gives `docker compose` each time: `-f`, `-p`, `--env-file`, `--profile`. */
	readonly args?: readonly string[];
	/** The same, for names that contain the token. */
	readonly argsFor?: (token: string) => readonly string[];
	/** The service that is rolled back; `web` without it. */
	readonly service?: string;
	/** Lines of the target's config besides those that every one has. */
	readonly settings?: readonly string[];
	/** The runbook; the built-in one with a short settling time without it. */
	readonly runbook?: string;
	/** The folder in which its own is made; the one for temporary files without it. */
	readonly in?: string;
	/** No repository is made. */
	readonly noGit?: boolean;
}

/** A deployment on this machine with a name of its own, its owner's commands, and backout run on it. */
export interface Site {
	/** A token in the name of its folder, its project and its images. */
	readonly token: string;
	readonly folder: string;
	/** The repository. */
	readonly top: string;
	/** The deployment's directory. */
	readonly directory: string;
	readonly state: string;
	readonly env: Record<string, string | undefined>;
	write(files: Readonly<Record<string, string>>): void;
	/** Writes the files, commits all that is not ignored, and gives the hash. */
	commit(subject: string, files?: Readonly<Record<string, string>>): Promise<string>;
	git(...args: string[]): Promise<string>;
	/** A shell command in the deployment's directory. */
	sh(script: string): Promise<string>;
	docker(...args: string[]): Promise<string>;
	/** Everything that was done with it so far, as lines of an equivalent shell script; `$BACKOUT` is the program. */
	readonly script: readonly string[];
	/** Replaces `value` in that script, from here on, by the shell variable `name`, set to the output of `command`. */
	nameInScript(name: string, command: string, value: string): void;
	/** `docker compose` as the owner calls it, with the owner's arguments. */
	compose(...args: string[]): Promise<string>;
	/** Deploys what is there, as the owner does: builds and starts. */
	deploy(...services: string[]): Promise<void>;
	backout(...args: string[]): Promise<Said>;
	/** Runs the program in a pseudo-terminal. */
	open(...args: string[]): Pty;
	/** Writes the config anew; these lines take the place of those of the same name. */
	configure(lines: readonly string[]): void;
	containers(): Promise<readonly ContainerFacts[]>;
	snapshot(): Promise<Snapshot>;
	remove(): Promise<void>;
}

export const quickRunbook = 'extends: compose\nverification: { checks: [containers], settle: 3s, deadline: 40s }\n';

const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** Makes the folders and the config; nothing runs yet. @param engine the environment of its owner (engineEnv) */
export const createSite = async (
	engine: Record<string, string | undefined>,
	options: SiteOptions = {},
): Promise<Site> => {
	const token = `s${randomBytes(4).toString('hex')}`;
	const folder = realpathSync(mkdtempSync(join(options.in ?? tmpdir(), 'backout-site-')));
	const top = join(folder, token);
	const directory = join(top, options.within?.(token) ?? '');
	const [state, home] = [join(folder, 'state'), join(folder, 'home')];
	mkdirSync(directory, { recursive: true });
	mkdirSync(home);
	const xdg = {
		XDG_STATE_HOME: join(home, 'state'),
		XDG_CACHE_HOME: join(home, 'cache'),
		XDG_CONFIG_HOME: join(home, 'config'),
	};
	const env = { ...process.env, ...engine, ...xdg };
	const script: string[] = [];
	const named = new Map<string, string>();
	const spoken = (line: string) =>
		[...named].reduce((text, [value, name]) => text.replaceAll(value, `"$${name}"`), line);
	const nameInScript = (name: string, command: string, value: string) => {
		named.set(value, name);
		script.push(`${name}=$(${command})`);
	};
	const note = (cwd: string, ...words: string[]) => script.push(`(cd ${quote(cwd)} && ${words.map(quote).join(' ')})`);
	const run = (cwd: string, command: string, args: string[]) => {
		note(cwd, command, ...args);
		return must(command, args, { cwd, env });
	};
	const git = (...args: string[]) => run(top, 'git', args);
	const docker = (...args: string[]) => run(directory, 'docker', args);
	const compose = (...args: string[]) =>
		docker('compose', ...(options.argsFor?.(token) ?? options.args ?? []), ...args);
	const write = (files: Readonly<Record<string, string>>) => {
		for (const [path, text] of Object.entries(files)) {
			mkdirSync(dirname(join(top, path)), { recursive: true });
			script.push(`mkdir -p ${quote(dirname(join(top, path)))}; printf %s ${quote(text)} >${quote(join(top, path))}`);
			writeFileSync(join(top, path), text);
		}
	};
	const configure = (more: readonly string[]) => {
		const settings = new Map(
			[
				'host: local',
				`directory: ${directory}`,
				`state: ${state}`,
				'runbook: ./quick.yaml',
				`variables: { service: ${options.service ?? 'web'} }`,
				'runs: { freeSpace: 1MB }',
				...(options.settings ?? []),
				...more,
			].map((line) => [line.split(':')[0], line]),
		);
		const lines = [...settings.values()].map((line) => `    ${line}\n`);
		write({ '../backout.yaml': `targets:\n  t:\n${lines.join('')}` });
	};
	write({ '../quick.yaml': options.runbook ?? quickRunbook });
	configure([]);
	if (options.noGit !== true) {
		await git('init', '-q', '-b', 'main');
	}
	return {
		token,
		folder,
		top,
		directory,
		state,
		env,
		git,
		docker,
		compose,
		write,
		configure,
		commit: async (subject, files = {}) => {
			write(files);
			await git('add', '-A');
			await git('commit', '-q', '--allow-empty', '-m', subject);
			const hash = await must('git', ['rev-parse', 'HEAD'], { cwd: top, env });
			nameInScript(`commit_${named.size + 1}`, `git -C ${quote(top)} rev-parse HEAD`, hash);
			return hash;
		},
		deploy: async (...services) => {
			await compose('up', '-d', '--build', ...services);
		},
		script,
		nameInScript,
		sh: (text) => run(directory, 'sh', ['-c', text]),
		backout: (...args) => {
			script.push(spoken(`(cd ${quote(folder)} && "$BACKOUT" ${args.map(quote).join(' ')})`));
			return runProgram(folder, env, args);
		},
		open: (...args) => startInPty(process.execPath, [program, ...args], { cwd: folder, env }),
		containers: () => containersOf(env, token),
		snapshot: () => takeSnapshot(top, token, env, options.noGit !== true && existsSync(join(top, '.git'))),
		remove: async () => {
			await clean(env, token);
			rmSync(folder, { recursive: true, force: true });
		},
	};
};

/** Removes every container, network, volume and image of a site, and what backout keeps of it. */
const clean = async (env: Record<string, string | undefined>, token: string): Promise<void> => {
	const script = `
		ids=$(docker ps -aq --no-trunc)
		[ -z "$ids" ] || ids=$(docker inspect --format '{{.Id}} {{.Name}} {{json .Config.Labels}} {{json .Config.Image}}' $ids | grep -F "$1" | cut -d ' ' -f 1)
		[ -z "$ids" ] || docker rm -f $ids
		for kind in network volume; do
			names=$(docker $kind ls --format '{{.Name}}' | grep -F "$1") && docker $kind rm $names
		done
		names=$(docker image ls --format '{{.Repository}}:{{.Tag}}' | grep -F "$1") && docker rmi -f $names
		true`;
	await exec('sh', ['-c', script, 'sh', token], { env });
};
