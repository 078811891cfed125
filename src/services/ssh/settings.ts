/** A private key file that may be offered; `configured` unless it is one of ssh's defaults. */
export interface IdentityFile {
	readonly path: string;
	readonly configured: boolean;
}

/** Everything needed to reach and trust one SSH server: the output of `ssh -G`, overridden by the target's own settings. */
export interface SshSettings {
	/** The destination as the operator wrote it. */
	readonly destination: string;
	readonly hostname: string;
	readonly port: number;
	readonly user: string;
	readonly identityFiles: readonly IdentityFile[];
	/** True: offer only keys named by `identityFiles`, also from the agent. */
	readonly identitiesOnly: boolean;
	/** The agent's socket. */
	readonly agent?: string;
	/** The known_hosts files, the user's first. */
	readonly knownHosts: readonly string[];
	readonly hostKeyAlias?: string;
	/** A file of public keys that no host may have. */
	readonly revokedHostKeys?: string;
	/** True for a server on the way to the target. */
	readonly isJump: boolean;
	/** A setting of ssh's configuration that is lax about host keys and is ignored here, in words; undefined if there is none. */
	readonly laxity?: string;
	readonly family: 0 | 4 | 6;
	readonly connectTimeoutMs: number;
	/** Things that were not read or not possible; added to error messages. */
	readonly notes: readonly string[];
	/** Options for an `ssh` command that reaches the same server, for messages. */
	readonly commandOptions: readonly string[];
}

/** The servers to pass, in order: none or one jump host, then the target. */
export type Route = readonly SshSettings[];

/** Returns `user@host:port`, with the port only when it is not 22. */
export const address = (settings: Pick<SshSettings, 'user' | 'hostname' | 'port'>): string => {
	const host = settings.hostname.includes(':') ? `[${settings.hostname}]` : settings.hostname;
	return `${settings.user}@${host}${settings.port === 22 ? '' : `:${settings.port}`}`;
};
