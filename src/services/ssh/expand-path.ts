import { hostname as localHostname, type UserInfo } from 'node:os';
import { join } from 'node:path';

/** Values for the tokens of ssh_config(5). */
export interface TokenValues {
	readonly account: Pick<UserInfo<string>, 'uid' | 'username'>;
	/** The home folder that is used. `realHome` is the current user's own. */
	readonly home: string;
	readonly realHome: string;
	readonly env: NodeJS.ProcessEnv;
	readonly hostname: string;
	readonly hostKeyAlias: string | undefined;
	/** The host as the operator named it. */
	readonly named: string;
	readonly port: number;
	readonly user: string;
}

/**
 * Expands `~`, tokens such as `%h`, and `${NAME}` in a path: `ssh -G` expands them in some values and not in others, depending on its
 * version.
 */
export const expandPath = (path: string, values: TokenValues): string => {
	const { home, realHome, env } = values;
	const tokens = tokensOf(values);
	const full = path
		.replace(/^~(?=\/|$)/, home)
		.replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
		.replace(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? '');
	return home !== realHome && full.startsWith(`${realHome}/.ssh/`) ? join(home, full.slice(realHome.length)) : full;
};

const tokensOf = ({
	account,
	home,
	hostname,
	hostKeyAlias,
	named,
	port,
	user,
}: TokenValues): Readonly<Record<string, string>> => ({
	'%': '%',
	d: home,
	h: hostname,
	i: String(account.uid),
	k: hostKeyAlias ?? named,
	l: localHostname(),
	L: localHostname().split('.')[0] ?? '',
	n: named,
	p: String(port),
	r: user,
	u: account.username,
});
