import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One line of a known_hosts file: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
export interface KnownHost {
	readonly marker?: '@revoked' | '@cert-authority';
	/** Comma separated patterns, or one hashed name. */
	readonly hosts: string;
	readonly type: string;
	/** The public key blob, base64. */
	readonly key: string;
	readonly file: string;
	/** Line number in the file, from 1. */
	readonly line: number;
}

/** The verdict of the known_hosts files on a server's key. */
export type HostKeyVerdict =
	| { readonly kind: 'ok' }
	| { readonly kind: 'unknown' }
	| { readonly kind: 'changed'; readonly known: KnownHost }
	| { readonly kind: 'revoked'; readonly known: KnownHost }
	| { readonly kind: 'other-type'; readonly known: readonly KnownHost[] }
	| { readonly kind: 'ca-only'; readonly known: KnownHost };

/** Parses a known_hosts file. Unreadable lines are skipped, as in ssh. */
export const parseKnownHosts = (text: string, file: string): KnownHost[] => {
	const entries: KnownHost[] = [];
	for (const [index, raw] of text.split('\n').entries()) {
		const fields = raw.trim().split(/[ \t]+/);
		if (fields[0] === '' || fields[0]?.startsWith('#')) {
			continue;
		}
		const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
		if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') {
			continue;
		}
		const [hosts, type, key] = fields;
		// A number in the second field is a line of protocol 1.
		if (hosts === undefined || type === undefined || key === undefined || /^\d+$/.test(type)) {
			continue;
		}
		entries.push({ ...(marker ? { marker } : {}), hosts, type, key, file, line: index + 1 });
	}
	return entries;
};

/** Matches a pattern of ssh_config(5), PATTERNS: `*` is any run of characters, `?` exactly one. */
const matchesPattern = (pattern: string, name: string): boolean => {
	// Returns to the last `*` only, so that no pattern takes exponential time.
	let p = 0;
	let n = 0;
	let star = -1;
	let retry = 0;
	while (n < name.length) {
		if (pattern[p] === '*') {
			star = p++;
			retry = n;
		} else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
			p++;
			n++;
		} else if (star >= 0) {
			p = star + 1;
			n = ++retry;
		} else {
			return false;
		}
	}
	while (pattern[p] === '*') {
		p++;
	}
	return p === pattern.length;
};

/** True when an entry's host field includes `name` (lower case, `[host]:port` when the port is not 22). */
export const matchesHost = (hosts: string, name: string): boolean => {
	if (hosts.startsWith('|')) {
		const [, version, salt, hash] = hosts.split('|');
		if (version !== '1' || !salt || !hash) {
			return false;
		}
		const expected = Buffer.from(hash, 'base64');
		const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
		return expected.length === actual.length && timingSafeEqual(expected, actual);
	}
	let found = false;
	for (const part of hosts.toLowerCase().split(',')) {
		const negated = part.startsWith('!');
		const pattern = negated ? part.slice(1) : part;
		if (pattern !== '' && matchesPattern(pattern, name)) {
			if (negated) {
				return false;
			}
			found = true;
		}
	}
	return found;
};

/** Returns the name by which a host is looked up. */
export const knownHostName = (host: string, port: number): string =>
	port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** Returns the key type in a public key blob (RFC 4253, 6.6: its first string). Empty when the blob is malformed. */
export const keyType = (blob: Buffer): string => {
	const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
	return blob.length >= 4 + length ? blob.subarray(4, 4 + length).toString('latin1') : '';
};

/** Returns the fingerprint as `ssh-keygen -l` prints it: SHA256 and base64 without padding. */
export const fingerprint = (blob: Buffer): string =>
	`SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** Judges a presented key. A revoked key is revoked, whatever else is known; otherwise any equal key makes the host known. */
export const judge = (entries: readonly KnownHost[], name: string, blob: Buffer): HostKeyVerdict => {
	const key = blob.toString('base64');
	const type = keyType(blob);
	const here = entries.filter((entry) => matchesHost(entry.hosts, name));
	const revoked = here.find((entry) => entry.marker === '@revoked' && entry.key === key);
	if (revoked) {
		return { kind: 'revoked', known: revoked };
	}
	const plain = here.filter((entry) => entry.marker === undefined);
	if (plain.some((entry) => entry.key === key)) {
		return { kind: 'ok' };
	}
	const sameType = plain.find((entry) => entry.type === type);
	if (sameType) {
		return { kind: 'changed', known: sameType };
	}
	if (plain.length > 0) {
		return { kind: 'other-type', known: plain };
	}
	const authority = here.find((entry) => entry.marker === '@cert-authority');
	return authority ? { kind: 'ca-only', known: authority } : { kind: 'unknown' };
};

const algorithms = [
	'ssh-ed25519',
	'ecdsa-sha2-nistp256',
	'ecdsa-sha2-nistp384',
	'ecdsa-sha2-nistp521',
	'rsa-sha2-512',
	'rsa-sha2-256',
] as const;

/**
 * Returns the host key algorithms to request, those by which the host is known first: the server uses the first it supports, so a host
 * known by RSA does not present its ed25519 key. The others follow, so that a key of another type can be shown and refused.
 */
export const hostKeyAlgorithms = (entries: readonly KnownHost[], name: string): (typeof algorithms)[number][] => {
	const known = new Set(
		entries
			.filter((entry) => entry.marker === undefined && matchesHost(entry.hosts, name))
			.flatMap((entry) => (entry.type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [entry.type])),
	);
	return [...algorithms.filter((name) => known.has(name)), ...algorithms.filter((name) => !known.has(name))];
};
