import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import { askSsh, type ResolveContext, type SshDump } from './ask-ssh.ts';
import { type Destination, parseDestination } from './destination.ts';
import { expandPath } from './expand-path.ts';
import type { IdentityFile, Route, SshSettings } from './settings.ts';

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const defaultKeyPattern = /\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

/** Values of StrictHostKeyChecking that accept unknown keys, as `ssh -G` prints them, and as they are written. */
const lax: ReadonlyMap<string, string> = new Map([
	['false', 'no'],
	['no', 'no'],
	['off', 'no'],
	['accept-new', 'accept-new'],
]);

/** A server on the way to a host: its settings, and the configuration that they come from. */
export interface Hop {
	readonly settings: SshSettings;
	readonly jump?: string;
	readonly proxyCommand?: string;
	/** The output of `ssh -G`; undefined when no ssh is installed. */
	readonly dump: SshDump | undefined;
}

/** One server of a route, with ssh's configuration for it. */
interface Server {
	/** The name that was given. */
	readonly text: string;
	readonly destination: Destination;
	readonly ssh: Target['ssh'];
	readonly isTarget: boolean;
	/** Undefined when no ssh is installed. */
	readonly dump: SshDump | undefined;
	readonly home: string;
	/** Returns the first value of a keyword; undefined for `none`. */
	one(key: string): string | undefined;
	expand(path: string): string;
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
	const hostname = one('hostname') ?? destination.host;
	const port = Number(one('port') ?? destination.port ?? 22);
	const user = one('user') ?? destination.user ?? account.username;
	const hostKeyAlias = one('hostkeyalias');
	const values = {
		account,
		home,
		realHome,
		env: context.env,
		hostname,
		hostKeyAlias,
		named: destination.host,
		port,
		user,
	};
	const expand = (path: string) => expandPath(path, values);
	const server: Server = { text, destination, ssh, isTarget, dump, home, one, expand };
	const own = isTarget ? ssh.jump : undefined;
	const jump = own ?? one('proxyjump');
	// `jump` of the target replaces ssh's configuration, like -J.
	const proxyCommand = own === undefined ? one('proxycommand') : undefined;
	const agent = agentSocket(server, context.env);
	const strict = one('stricthostkeychecking') ?? 'ask';
	const family = { inet: 4, inet6: 6 }[one('addressfamily') ?? ''] ?? 0;
	return {
		settings: {
			destination: text,
			hostname,
			port,
			user,
			identityFiles: identityFiles(server),
			identitiesOnly: one('identitiesonly') === 'yes',
			...(agent ? { agent } : {}),
			...hostKeySettings(server, hostKeyAlias),
			isJump: !isTarget,
			...(lax.has(strict) ? { laxity: `StrictHostKeyChecking ${lax.get(strict)}` } : {}),
			family: family as 0 | 4 | 6,
			connectTimeoutMs: Number(one('connecttimeout') ?? 10) * 1000 || 10_000,
			notes: dump ? [] : ['ssh is not installed here, so ~/.ssh/config was not read'],
			commandOptions: commandOptions(server),
		},
		...(jump === undefined ? {} : { jump }),
		...(proxyCommand === undefined ? {} : { proxyCommand }),
		dump,
	};
};

/** Returns the target's own key, if the config names one, then the keys of ssh's configuration. */
const identityFiles = ({ ssh, isTarget, dump, expand }: Server): readonly IdentityFile[] => {
	const found: IdentityFile[] = (dump?.get('identityfile') ?? defaultKeys.map((name) => `~/.ssh/${name}`))
		.filter((path) => path !== 'none')
		.map((path) => ({ path: expand(path), configured: !defaultKeyPattern.test(expand(path)) }));
	const chosen: IdentityFile[] =
		isTarget && ssh.identityFile !== undefined ? [{ path: expand(ssh.identityFile), configured: true }] : [];
	return [...chosen, ...found.filter((file) => !chosen.some(({ path }) => path === file.path))];
};

/** Returns the agent's socket; undefined when IdentityAgent says `none`, or no agent runs. */
const agentSocket = ({ dump, one, expand }: Server, env: NodeJS.ProcessEnv): string | undefined => {
	if (dump?.get('identityagent')?.[0] === 'none') {
		return undefined;
	}
	const agent = one('identityagent') ?? 'SSH_AUTH_SOCK';
	if (agent === 'SSH_AUTH_SOCK') {
		return env.SSH_AUTH_SOCK;
	}
	return agent.startsWith('$') && !agent.startsWith('${') ? env[agent.slice(1)] : expand(agent);
};

/**
 * Splits paths that `ssh -G` prints on one line. It quotes none of them (readconf.c, dump_cfg_strarray_oneline), so a word that does not
 * begin like a path belongs to the path before it.
 */
export const splitPaths = (text: string): readonly string[] =>
	text.split(/ +(?=[/~%$]|none(?: |$))/).filter((path) => path !== '');

const ownKnownHosts = ({ ssh, expand }: Server): string | undefined =>
	ssh.knownHosts === undefined ? undefined : expand(ssh.knownHosts);

const hostKeySettings = (
	server: Server,
	hostKeyAlias: string | undefined,
): Pick<SshSettings, 'knownHosts' | 'hostKeyAlias' | 'revokedHostKeys'> => {
	const { dump, home, one, expand } = server;
	const own = ownKnownHosts(server);
	const revoked = one('revokedhostkeys');
	const files = (key: string): string[] =>
		splitPaths(one(key) ?? '')
			.filter((path) => path !== 'none')
			.map(expand);
	const usual = dump
		? [...files('userknownhostsfile'), ...files('globalknownhostsfile')]
		: [join(home, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
	return {
		knownHosts: own === undefined ? usual : [own],
		...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
		...(revoked === undefined ? {} : { revokedHostKeys: expand(revoked) }),
	};
};

/** Returns the options with which ssh reaches this server as backout does. */
const commandOptions = (server: Server): readonly string[] => {
	const { ssh, isTarget, destination } = server;
	const own = ownKnownHosts(server);
	return [
		...(ssh.configFile === undefined ? [] : ['-F', ssh.configFile]),
		...(isTarget && ssh.jump !== undefined ? ['-J', ssh.jump] : []),
		...(own === undefined ? [] : ['-o', `UserKnownHostsFile=${own}`]),
		...(destination.port === undefined ? [] : ['-p', String(destination.port)]),
	];
};

/** The way to a target. */
export interface Way {
	/** The target and, before it, the jump host, if it has one that ssh2 can pass. */
	readonly hops: readonly Hop[];
	readonly target: Hop;
	/** Something about the way itself that ssh2 does not support, as the end of "it has …"; undefined if there is nothing. */
	readonly beyondSsh2?: string;
}

/**
 * Finds the way to a target: with `ssh -G`, which reads ssh's configuration as ssh does (Include, Match, tokens), else from the
 * destination and ssh's defaults alone; the target's own settings take precedence. Contacts nothing. Throws a BackoutError `config` for
 * anything unreadable.
 */
export const resolveWay = async (host: string, ssh: Target['ssh'], context: ResolveContext): Promise<Way> => {
	const target = await resolveHop(host, ssh, true, context);
	const alone = { hops: [target], target };
	if (target.proxyCommand !== undefined) {
		return { ...alone, beyondSsh2: 'a ProxyCommand' };
	}
	if (target.jump === undefined) {
		return alone;
	}
	if (target.jump.includes(',')) {
		return { ...alone, beyondSsh2: 'more than one jump host' };
	}
	const jump = await resolveHop(target.jump, ssh, false, context);
	if (jump.proxyCommand !== undefined) {
		return { ...alone, beyondSsh2: 'a ProxyCommand' };
	}
	return jump.jump === undefined
		? { hops: [jump, target], target }
		: { ...alone, beyondSsh2: 'more than one jump host' };
};

/** Returns the servers that ssh2 passes. Throws a BackoutError `config` for a way that it does not support. */
export const routeOf = (way: Way): Route => {
	const { destination } = way.target.settings;
	if (way.beyondSsh2 !== undefined) {
		throw new BackoutError('config', `${destination} is reached through ${way.beyondSsh2}, which ssh2 cannot do`, {
			host: destination,
			next: "Let the system's OpenSSH connect: `transport: auto` or `openssh`, and no `ssh2`.",
		});
	}
	return way.hops.map(({ settings }) => settings);
};
