import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../../runbook/runbook.ts';

export interface ConfigContext {
	/** Replaces the home folder of the current user. */
	readonly home?: string;
	/** True when there is somebody who can be asked. */
	readonly canAsk: boolean;
}

/** Settings that precede every other configuration: ssh uses the first value of a keyword (ssh_config(5)). */
const first = [
	// Keywords that are newer than OpenSSH 7.4.
	'IgnoreUnknown KnownHostsCommand,ForkAfterAuthentication',
	// Host keys are checked, whatever else is configured, and on jump hosts too: their ssh gets this file with -F.
	'StrictHostKeyChecking yes',
	'NoHostAuthenticationForLocalhost no',
	'VerifyHostKeyDNS no',
	'UpdateHostKeys no',
	// Its messages are parsed: which server it asked, what it offered, why it was rejected.
	'LogLevel DEBUG1',
	'VisualHostKey no',
	// backout itself notices a dead link sooner. This ends ssh if nothing else does.
	'ServerAliveInterval 15',
	'ServerAliveCountMax 4',
	// Excludes what the operator has configured for interactive sessions.
	'ClearAllForwardings yes',
	'PermitLocalCommand no',
	'RemoteCommand none',
	'ForkAfterAuthentication no',
	'Tunnel no',
];

const quoted = (path: string): string => `"${path}"`;

/**
 * Returns the configuration with which backout starts ssh: what it insists on, the operator's own, then defaults. Paths with a double
 * quote cannot be written there; ssh then reports the line.
 */
export const configText = (ssh: Target['ssh'], { home, canAsk }: ConfigContext): string => {
	const own = (path: string) => path.replace(/^~(?=\/|$)/, home ?? homedir());
	const usual = join(home ?? userInfo().homedir, '.ssh', 'config');
	// The files that ssh itself reads: a file that is named replaces both. A home that is not the user's own has no system configuration.
	const files =
		ssh.configFile === undefined ? [usual, ...(home === undefined ? ['/etc/ssh/ssh_config'] : [])] : [ssh.configFile];
	const text = [
		...first,
		`BatchMode ${canAsk ? 'no' : 'yes'}`,
		...(ssh.knownHosts === undefined
			? []
			: [`UserKnownHostsFile ${quoted(own(ssh.knownHosts))}`, 'GlobalKnownHostsFile none', 'KnownHostsCommand none']),
		...files.filter((file) => existsSync(file)).map((file) => `Include ${quoted(file)}`),
		'Host *',
		'ConnectTimeout 10',
		...(home === undefined
			? []
			: [
					`UserKnownHostsFile ${quoted(join(home, '.ssh', 'known_hosts'))}`,
					...['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => `IdentityFile ${quoted(join(home, '.ssh', name))}`),
				]),
	];
	return `${text.join('\n')}\n`;
};
