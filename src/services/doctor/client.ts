import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { release } from 'node:os';
import type { Finding } from '../../runbook/finding.ts';
import type { Target } from '../../runbook/runbook.ts';
import { findBeyondSsh2 } from '../ssh/beyond-ssh2.ts';
import { resolveWay, routeOf } from '../ssh/resolve.ts';
import { checkRequestValues } from './request-values.ts';

/** Properties of this machine and terminal that the findings depend on; passed in, so that tests can vary them. */
export interface ClientSurroundings {
	readonly env: NodeJS.ProcessEnv;
	readonly nodeVersion: string;
	/** Undefined when standard output is not a terminal. */
	readonly terminal?: { readonly columns: number; readonly rows: number; readonly colourDepth: number };
}

/** The oldest Node that the packages used here support: package.json, `engines`. */
const oldestNode = [22, 12] as const;

const node = ({ nodeVersion }: ClientSurroundings): Finding => {
	const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
	const enough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
	return {
		id: 'node',
		where: 'here',
		title: 'Node',
		state: enough ? 'ok' : 'failed',
		found: nodeVersion,
		...(!enough && { fix: `Install Node ${oldestNode.join('.')} or newer.` }),
	};
};

const terminal = ({ env, terminal: size }: ClientSurroundings): readonly Finding[] => {
	const base = { id: 'terminal', where: 'here', title: 'Terminal' } as const;
	if (size === undefined) {
		return [{ ...base, state: 'ok', found: 'none: commands print plain text; the dashboard needs a terminal' }];
	}
	const dimensions = `${env.TERM ?? 'no TERM'}, ${size.columns}×${size.rows}`;
	const findings: Finding[] = [];
	if (env.TERM === undefined || env.TERM === 'dumb') {
		findings.push({
			...base,
			state: 'failed',
			found: dimensions,
			fix: 'Use a terminal that can place its cursor, or the commands instead of the dashboard.',
		});
	} else if (size.columns < 80 || size.rows < 24) {
		findings.push({
			...base,
			state: size.columns < 40 || size.rows < 12 ? 'failed' : 'warn',
			found: dimensions,
			fix: 'Make the window at least 80×24.',
		});
	} else {
		findings.push({ ...base, state: 'ok', found: dimensions });
	}
	const plain = (env.NO_COLOR ?? '') !== '';
	findings.push({
		id: 'colours',
		where: 'here',
		title: 'Colours',
		state: 'ok',
		found: plain ? 'off (NO_COLOR is set)' : size.colourDepth >= 24 ? '16 million' : String(2 ** size.colourDepth),
	});
	const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
	if (!/utf-?8/i.test(locale)) {
		findings.push({
			id: 'utf-8',
			where: 'here',
			title: 'UTF-8',
			state: 'warn',
			found: locale === '' ? 'no locale is set' : `the locale is ${locale}`,
			fix: 'If lines and symbols look wrong: export LC_ALL=C.UTF-8',
		});
	}
	return findings;
};

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
	new Promise<{ readonly code: number | 'missing'; readonly output: string }>((resolve) => {
		execFile(command, args, { env, timeout: 10_000 }, (error, stdout, stderr) => {
			const { code } = (error ?? {}) as { code?: unknown };
			resolve({
				code: code === 'ENOENT' ? 'missing' : typeof code === 'number' ? code : error ? 1 : 0,
				output: (stdout + stderr).trim(),
			});
		});
	});

const readable = (path: string): Promise<boolean> =>
	access(path, constants.R_OK).then(
		() => true,
		() => false,
	);

/** Reads the exit code of `ssh-add -l` (ssh-add(1)): 0 with keys, 1 without, 2 when the agent cannot be reached. */
const agent = async (env: NodeJS.ProcessEnv, socket: string | undefined, haveFile: boolean): Promise<Finding> => {
	const base = { id: 'agent', where: 'here', title: 'SSH agent' } as const;
	// Without a key, a password may still let the operator in.
	const keyless = haveFile ? 'ok' : 'warn';
	const start = 'Start one and add your key: eval "$(ssh-agent)" && ssh-add';
	if (socket === undefined) {
		return {
			...base,
			state: keyless,
			found: haveFile ? 'none, a key file is there' : 'none, and no key file',
			fix: start,
		};
	}
	const { code, output } = await run('ssh-add', ['-l'], { ...env, SSH_AUTH_SOCK: socket });
	if (code === 'missing') {
		return {
			...base,
			state: 'unknown',
			found: 'ssh-add is not installed',
			fix: 'Install the OpenSSH client.',
		};
	}
	if (code === 0) {
		const keys = output.split('\n').length;
		return { ...base, state: 'ok', found: keys === 1 ? 'one key' : `${keys} keys` };
	}
	return code === 1
		? { ...base, state: keyless, found: 'it has no keys', fix: 'ssh-add' }
		: { ...base, state: 'warn', found: `it does not answer at ${socket}`, fix: start };
};

const ssh = async (target: Target, { env }: ClientSurroundings): Promise<readonly Finding[]> => {
	const program = await run('ssh', ['-V'], env);
	const client: Finding =
		program.code === 'missing'
			? {
					id: 'ssh',
					where: 'here',
					title: 'ssh',
					state: 'warn',
					found: 'not installed, so ~/.ssh/config is not read',
					fix: 'Install the OpenSSH client, or write user, port and key into the config.',
				}
			: { id: 'ssh', where: 'here', title: 'ssh', state: 'ok', found: program.output.split('\n')[0] ?? '' };
	const way = await resolveWay(target.host, target.ssh, { env });
	const because = target.ssh.transport === 'openssh' ? '`transport`' : await findBeyondSsh2(way);
	const connects = because !== undefined && target.ssh.transport !== 'ssh2' && program.code !== 'missing';
	if (!connects) {
		routeOf(way);
	}
	const { settings } = way.target;
	const keys: string[] = [];
	for (const { path } of settings.identityFiles) {
		if (await readable(path)) keys.push(path);
	}
	const known: string[] = [];
	for (const file of settings.knownHosts) {
		if (await readable(file)) known.push(file);
	}
	return [
		connects ? { ...client, found: `${client.found}: it connects, because of ${because}` } : client,
		{
			id: 'key',
			where: 'here',
			title: 'Key files',
			state: 'ok',
			found: keys.length > 0 ? keys.join(', ') : 'none',
		},
		await agent(env, settings.agent, keys.length > 0),
		known.length > 0
			? { id: 'known-hosts', where: 'here', title: 'known_hosts', state: 'ok', found: known.join(', ') }
			: {
					id: 'known-hosts',
					where: 'here',
					title: 'known_hosts',
					state: 'failed',
					found: `there is none: ${settings.knownHosts.join(', ')}`,
					fix: `Connect once by hand and compare the fingerprint: ssh ${settings.destination}`,
				},
	];
};

/** Checks this machine. Contacts no host. Throws the config error of a route that is not supported. */
export const lookHere = async (target: Target, surroundings: ClientSurroundings): Promise<readonly Finding[]> => [
	node(surroundings),
	{ id: 'system', where: 'here', title: 'System', state: 'ok', found: `${process.platform} ${release()}` },
	...terminal(surroundings),
	...checkRequestValues(target.runbook),
	...(target.host === 'local' ? [] : await ssh(target, surroundings)),
];
