/** A private key that may be offered, and whether somebody chose it (rather than it being one of ssh's defaults). */
export interface IdentityFile {
	readonly path: string;
	readonly configured: boolean;
}

/** Everything needed to reach and trust one SSH server; what `ssh -G` says, with the target's own settings on top. */
export interface SshSettings {
	/** The destination in the operator's words. */
	readonly destination: string;
	readonly hostname: string;
	readonly port: number;
	readonly user: string;
	readonly identityFiles: readonly IdentityFile[];
	/** Offer only keys named by `identityFiles`, also from the agent. */
	readonly identitiesOnly: boolean;
	/** The agent's socket. */
	readonly agent?: string;
	/** The known_hosts files, the user's first. */
	readonly knownHosts: readonly string[];
	readonly hostKeyAlias?: string;
	/** A file of public keys no host may have. */
	readonly revokedHostKeys?: string;
	/** Whether it is passed on the way to the target. */
	readonly isJump: boolean;
	/** What ssh's configuration says of host keys that is not followed here, in words; undefined when nothing. */
	readonly laxity?: string;
	readonly family: 0 | 4 | 6;
	readonly connectTimeoutMs: number;
	/** What was not read or not possible; joined to error messages. */
	readonly notes: readonly string[];
	/** Options for an `ssh` command that reaches the same server, for messages. */
	readonly commandOptions: readonly string[];
}

/** The servers to pass, in order: none or one jump host, then the target. */
export type Route = readonly SshSettings[];

/** `user@host:port`, the port only when it is not 22. */
export const address = (settings: Pick<SshSettings, 'user' | 'hostname' | 'port'>): string => {
	const host = settings.hostname.includes(':') ? `[${settings.hostname}]` : settings.hostname;
	return `${settings.user}@${host}${settings.port === 22 ? '' : `:${settings.port}`}`;
};
