import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, hostname as localHostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import { type Destination, parseDestination } from './destination.ts';
import type { IdentityFile, Route, SshSettings } from './settings.ts';

export interface ResolveContext {
	readonly env: NodeJS.ProcessEnv;
	/** Used in place of the home folder of the user running this. */
	readonly home?: string;
	readonly signal?: AbortSignal;
}

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const defaultKeyPattern = /\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

/** Values of StrictHostKeyChecking that accept unknown keys, as `ssh -G` prints them, and as they are written. */
const lax: ReadonlyMap<string, string> = new Map([
	['false', 'no'],
	['no', 'no'],
	['off', 'no'],
	['accept-new', 'accept-new'],
]);

/** What `ssh -G` prints: keyword in lower case, value; some keywords come more than once. */
type Dump = ReadonlyMap<string, readonly string[]>;

const runSshG = (args: readonly string[], context: ResolveContext): Promise<Dump | undefined> =>
	new Promise((resolve, reject) => {
		const options = { env: context.env, timeout: 10_000, signal: context.signal, maxBuffer: 1 << 20 };
		execFile('ssh', args, options, (error, stdout, stderr) => {
			if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') {
				resolve(undefined);
				return;
			}
			if (error) {
				const why = error.killed ? 'no answer within 10 s' : stderr.trim() || error.message;
				reject(
					context.signal?.aborted
						? context.signal.reason
						: new BackoutError('config', `ssh cannot make sense of its configuration: ${why}`, {
								next: `Try it by hand: \`ssh ${args.join(' ')}\`.`,
								cause: error,
							}),
				);
				return;
			}
			const dump = new Map<string, string[]>();
			for (const line of stdout.split('\n')) {
				const space = line.indexOf(' ');
				if (space > 0) {
					const key = line.slice(0, space);
					dump.set(key, [...(dump.get(key) ?? []), line.slice(space + 1)]);
				}
			}
			resolve(dump);
		}).stdin?.end();
	});

/** Reads what ssh would use; undefined where no `ssh` is installed. A home that is not the user's own has its own config file. */
const askSsh = async (
	destination: Destination,
	configFile: string | undefined,
	context: ResolveContext,
): Promise<Dump | undefined> => {
	const args: string[] = [];
	if (configFile !== undefined) {
		args.push('-F', configFile);
	} else if (context.home !== undefined) {
		const file = join(context.home, '.ssh', 'config');
		args.push('-F', existsSync(file) ? file : 'none');
	}
	args.push('-G');
	if (destination.user !== undefined) {
		args.push('-l', destination.user);
	}
	if (destination.port !== undefined) {
		args.push('-p', String(destination.port));
	}
	return runSshG([...args, '--', destination.host], context);
};

interface Hop {
	readonly settings: SshSettings;
	readonly jump?: string;
}

const resolveHop = async (
	text: string,
	ssh: Target['ssh'],
	isTarget: boolean,
	context: ResolveContext,
): Promise<Hop> => {
	const destination = parseDestination(text);
	const account = userInfo();
	const realHome = account.homedir || homedir();
	const home = context.home ?? realHome;
	const dump = await askSsh(destination, ssh.configFile, context);
	const one = (key: string): string | undefined => {
		const value = dump?.get(key)?.[0];
		return value === undefined || value === 'none' ? undefined : value;
	};
	if (one('proxycommand') !== undefined) {
		throw new BackoutError('config', `${text} is reached by a ProxyCommand, which is not supported`, {
			host: text,
			next: 'Use ProxyJump with one host, or give the target `jump`; or run this on a machine that reaches the host directly.',
		});
	}
	const hostname = one('hostname') ?? destination.host;
	const port = Number(one('port') ?? destination.port ?? 22);
	const user = one('user') ?? destination.user ?? account.username;
	const tokens: Readonly<Record<string, string>> = {
		'%': '%',
		d: home,
		h: hostname,
		i: String(account.uid),
		k: one('hostkeyalias') ?? destination.host,
		l: localHostname(),
		L: localHostname().split('.')[0] ?? '',
		n: destination.host,
		p: String(port),
		r: user,
		u: account.username,
	};
	// `ssh -G` leaves ~ and tokens in some values and expands them in others, by version.
	const expand = (path: string): string => {
		const full = path
			.replace(/^~(?=\/|$)/, home)
			.replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
			.replace(/\$\{(\w+)\}/g, (_, name: string) => context.env[name] ?? '');
		return context.home !== undefined && full.startsWith(`${realHome}/.ssh/`)
			? join(context.home, full.slice(realHome.length))
			: full;
	};
	const files = (key: string): string[] =>
		(one(key) ?? '')
			.split(' ')
			.filter((path) => path !== '' && path !== 'none')
			.map(expand);

	const found: IdentityFile[] = (dump?.get('identityfile') ?? defaultKeys.map((name) => `~/.ssh/${name}`))
		.filter((path) => path !== 'none')
		.map((path) => ({ path: expand(path), configured: !defaultKeyPattern.test(expand(path)) }));
	const chosen: IdentityFile[] =
		isTarget && ssh.identityFile !== undefined ? [{ path: expand(ssh.identityFile), configured: true }] : [];

	const agent = one('identityagent') ?? 'SSH_AUTH_SOCK';
	const agentSocket =
		dump?.get('identityagent')?.[0] === 'none'
			? undefined
			: agent === 'SSH_AUTH_SOCK'
				? context.env.SSH_AUTH_SOCK
				: agent.startsWith('$') && !agent.startsWith('${')
					? context.env[agent.slice(1)]
					: expand(agent);

	const own = ssh.knownHosts === undefined ? undefined : expand(ssh.knownHosts);
	const hostKeyAlias = one('hostkeyalias');
	const revokedHostKeys = one('revokedhostkeys');
	const jump = isTarget ? (ssh.jump ?? one('proxyjump')) : one('proxyjump');
	const strict = one('stricthostkeychecking') ?? 'ask';
	const laxity = lax.has(strict) ? `StrictHostKeyChecking ${lax.get(strict)}` : undefined;
	const family = { inet: 4, inet6: 6 }[one('addressfamily') ?? ''] ?? 0;
	return {
		settings: {
			destination: text,
			hostname,
			port,
			user,
			identityFiles: [...chosen, ...found.filter((file) => !chosen.some(({ path }) => path === file.path))],
			identitiesOnly: one('identitiesonly') === 'yes',
			...(agentSocket ? { agent: agentSocket } : {}),
			knownHosts:
				own === undefined
					? dump
						? [...files('userknownhostsfile'), ...files('globalknownhostsfile')]
						: [join(home, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts']
					: [own],
			...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
			...(revokedHostKeys === undefined ? {} : { revokedHostKeys: expand(revokedHostKeys) }),
			isJump: !isTarget,
			...(laxity === undefined ? {} : { laxity }),
			family: family as 0 | 4 | 6,
			connectTimeoutMs: Number(one('connecttimeout') ?? 10) * 1000 || 10_000,
			notes: dump ? [] : ['ssh is not installed here, so ~/.ssh/config was not read'],
			commandOptions: [
				...(ssh.configFile === undefined ? [] : ['-F', ssh.configFile]),
				...(isTarget && ssh.jump !== undefined ? ['-J', ssh.jump] : []),
				...(own === undefined ? [] : ['-o', `UserKnownHostsFile=${own}`]),
				...(destination.port === undefined ? [] : ['-p', String(destination.port)]),
			],
		},
		...(jump === undefined ? {} : { jump }),
	};
};

/**
 * Finds out how a target is reached: by `ssh -G`, which reads ssh's configuration as ssh does (Include, Match, tokens),
 * else from the destination and ssh's defaults alone; the target's own settings come first. Contacts nothing.
 * Throws a BackoutError `config` for what is not supported: ProxyCommand, more than one jump.
 */
export const resolveRoute = async (host: string, ssh: Target['ssh'], context: ResolveContext): Promise<Route> => {
	const target = await resolveHop(host, ssh, true, context);
	if (target.jump === undefined) {
		return [target.settings];
	}
	const tooMany = () =>
		new BackoutError('config', `${host} is reached through more than one jump host, and only one is supported`, {
			host,
			next: 'Name a jump host that this machine reaches directly.',
		});
	if (target.jump.includes(',')) {
		throw tooMany();
	}
	const jump = await resolveHop(target.jump, ssh, false, context);
	if (jump.jump !== undefined) {
		throw tooMany();
	}
	return [jump.settings, target.settings];
};
