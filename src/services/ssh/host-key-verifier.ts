import { BackoutError } from '../../runbook/errors.ts';
import { readFile } from '../files/read-file.ts';
import { parseDestination } from './destination.ts';
import { BeyondSsh2 } from './errors.ts';
import {
	fingerprint,
	type HostKeyVerdict,
	hostKeyAlgorithms,
	judge,
	type KnownHost,
	keyType,
	knownHostName,
	parseKnownHosts,
} from './known-hosts.ts';
import { address, type SshSettings } from './settings.ts';

/** The known keys of a server, read before it is contacted, and again for every connection. */
export interface HostKeyVerifier {
	readonly algorithms: ReturnType<typeof hostKeyAlgorithms>;
	/** Returns undefined when the key is known; otherwise the reason why it is not accepted. */
	judge(blob: Buffer): BackoutError | undefined;
}

const readText = async (file: string): Promise<string> => {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
			return '';
		}
		throw new BackoutError('config', `cannot read ${file}: ${(error as Error).message}`, { cause: error });
	}
};

/** Returns the base64 blobs of a RevokedHostKeys file that is a list of public keys. */
const revokedKeys = async (file: string | undefined): Promise<Set<string>> => {
	if (file === undefined) {
		return new Set();
	}
	const text = await readText(file);
	// ssh_config(5): an unreadable file refuses all hosts. A binary revocation list cannot be read here, so it does too.
	if (text === '' || text.startsWith('SSHKRL')) {
		throw new BeyondSsh2(
			'a list of revoked host keys (RevokedHostKeys)',
			new BackoutError('config', `RevokedHostKeys ${file} cannot be read here: only lists of public keys can`, {
				next: 'Give the target an sshConfig file without RevokedHostKeys, or with one that is a plain list of keys.',
			}),
		);
	}
	return new Set(text.split(/\s+/).filter((word) => word.startsWith('AAAA')));
};

/** Reads the known_hosts files of a server. Throws a BackoutError when one exists but cannot be read. */
export const loadHostKeyVerifier = async (settings: SshSettings): Promise<HostKeyVerifier> => {
	const entries = (
		await Promise.all(settings.knownHosts.map(async (file) => parseKnownHosts(await readText(file), file)))
	).flat();
	const revoked = await revokedKeys(settings.revokedHostKeys);
	const name = settings.hostKeyAlias ?? knownHostName(settings.hostname, settings.port);
	return {
		algorithms: hostKeyAlgorithms(entries, name),
		judge: (blob) => {
			if (revoked.has(blob.toString('base64'))) {
				return revokedError(settings, blob, settings.revokedHostKeys ?? '');
			}
			const verdict = judge(entries, name, blob);
			if (verdict.kind === 'ok') {
				return undefined;
			}
			// ssh(1) does the same: a host that is unknown with its port, but known without it by this very key, is known.
			if (verdict.kind === 'unknown' && settings.hostKeyAlias === undefined && settings.port !== 22) {
				const withoutPort = judge(entries, knownHostName(settings.hostname, 22), blob);
				if (withoutPort.kind === 'ok') {
					return undefined;
				}
				if (withoutPort.kind === 'revoked') {
					return explain(settings, name, blob, withoutPort);
				}
			}
			return explain(settings, name, blob, verdict);
		},
	};
};

const named = (settings: SshSettings): string => `${settings.isJump ? 'the jump host ' : ''}${address(settings)}`;

/** True when ssh would not save a key, as with `UserKnownHostsFile /dev/null`. */
const forgets = (settings: SshSettings): boolean => settings.knownHosts.every((file) => file === '/dev/null');

const keep = (settings: SshSettings): string =>
	forgets(settings)
		? ` ssh is configured to keep no host keys (UserKnownHostsFile): name a file as \`knownHosts\` of the target, and add the key to it.`
		: '';

const place = (entry: KnownHost): string => `${entry.file} line ${entry.line}`;

const presented = (blob: Buffer): string => `${keyType(blob)} ${fingerprint(blob)}`;

const knownFingerprint = (entry: KnownHost): string => fingerprint(Buffer.from(entry.key, 'base64'));

/** Returns the `ssh` command that reaches the same server and asks about its key. */
export const sshCommand = (settings: SshSettings): string => {
	const { user, host } = parseDestination(settings.destination);
	// ssh must ask, whatever its configuration says.
	const asking = settings.laxity === undefined ? [] : ['-o', 'StrictHostKeyChecking=ask'];
	return ['ssh', ...asking, ...settings.commandOptions, user === undefined ? host : `${user}@${host}`].join(' ');
};

const keyFile: Readonly<Record<string, string>> = {
	'ssh-ed25519': 'ed25519',
	'ssh-rsa': 'rsa',
	'ecdsa-sha2-nistp256': 'ecdsa',
	'ecdsa-sha2-nistp384': 'ecdsa',
	'ecdsa-sha2-nistp521': 'ecdsa',
};

const compare = (blob: Buffer): string =>
	`on the host's own console, \`ssh-keygen -lf /etc/ssh/ssh_host_${keyFile[keyType(blob)] ?? 'ed25519'}_key.pub\` must show this fingerprint`;

const revokedError = (settings: SshSettings, blob: Buffer, where: string): BackoutError =>
	new BackoutError(
		'untrusted',
		`the key that ${named(settings)} presented is revoked by ${where}: ${presented(blob)}`,
		{
			host: settings.destination,
			next: 'Do not connect. Ask whoever runs the host which key it has now.',
		},
	);

const explain = (
	settings: SshSettings,
	name: string,
	blob: Buffer,
	verdict: Exclude<HostKeyVerdict, { kind: 'ok' }>,
): BackoutError => {
	const who = named(settings);
	const host = settings.destination;
	const lax =
		settings.laxity === undefined
			? ''
			: ` (${settings.laxity} in the configuration of ssh is ignored: host keys are always checked)`;
	const refuse = (message: string, next: string) => new BackoutError('untrusted', message + lax, { host, next });
	switch (verdict.kind) {
		case 'unknown':
			return refuse(
				`the host key of ${who} is not known: ${presented(blob)}`,
				`Compare: ${compare(blob)}.${keep(settings) || ` Then run \`${sshCommand(settings)}\` and answer yes to the same fingerprint.`}`,
			);
		case 'changed':
			return refuse(
				`the host key of ${who} HAS CHANGED: it presented ${presented(blob)}, but ${place(verdict.known)} has ${knownFingerprint(verdict.known)}. Somebody may be between you and the host, or it was set up anew`,
				`Ask whoever runs the host. Only if it was set up anew: \`ssh-keygen -R '${name}' -f ${verdict.known.file}\`, then \`${sshCommand(settings)}\`; ${compare(blob)}.`,
			);
		case 'revoked':
			return revokedError(settings, blob, place(verdict.known));
		case 'other-type':
			return refuse(
				`${who} presented a host key of another type than the known one: ${presented(blob)}, but ${verdict.known.map((entry) => `${place(entry)} has ${entry.type} ${knownFingerprint(entry)}`).join(', ')}`,
				`Compare: ${compare(blob)}. Then run \`${sshCommand(settings)}\` and answer yes to the same fingerprint.`,
			);
		case 'ca-only':
			return new BeyondSsh2(
				'a host certificate',
				refuse(
					`${who} is known only through a certificate authority (${place(verdict.known)}), and host certificates are not supported here. It presented ${presented(blob)}`,
					`Compare: ${compare(blob)}. Then add the plain key: \`ssh-keyscan ${settings.port === 22 ? '' : `-p ${settings.port} `}${settings.hostname} >> ${settings.knownHosts[0] ?? '~/.ssh/known_hosts'}\`.`,
				),
			);
	}
};
