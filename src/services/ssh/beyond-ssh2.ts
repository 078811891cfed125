import { access } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { type BackoutError, messageOf } from '../../runbook/errors.ts';
import { readFile } from '../files/read-file.ts';
import { BeyondSsh2 } from './errors.ts';
import type { Hop, Way } from './resolve.ts';

const isThere = (path: string): Promise<boolean> =>
	new Promise((resolve) => {
		access(path, (error) => resolve(error === null));
	});

const keyTypeIn = (path: string): Promise<string> =>
	readFile(`${path}.pub`, 'utf8').then(
		(text) => text.split(' ')[0] ?? '',
		() => '',
	);

const firstOf = async (
	paths: readonly string[],
	fits: (path: string) => Promise<boolean>,
): Promise<string | undefined> => {
	const found = await Promise.all(paths.map(fits));
	return paths.find((_, index) => found[index]);
};

/**
 * Keywords that ssh2 has nothing for, and that ssh prints only if they are set: without them the host may be out of reach, or the login
 * refused.
 */
const beyondKeywords = ['KnownHostsCommand', 'PKCS11Provider', 'BindAddress', 'BindInterface'] as const;

/** Names the setting that forbids keys; undefined if keys may be offered. ssh2 offers them first, and a server allows few tries. */
const forbidsKeys = (dump: Hop['dump']): string | undefined => {
	const preferred = dump?.get('preferredauthentications')?.[0];
	if (/^(no|false)$/.test(dump?.get('pubkeyauthentication')?.[0] ?? '')) {
		return 'PubkeyAuthentication no';
	}
	return preferred === undefined || preferred.split(',').includes('publickey')
		? undefined
		: `PreferredAuthentications ${preferred}`;
};

/** Names something that a server's configuration requires and ssh2 cannot do; undefined if ssh2 can do everything. */
const beyondOf = async ({ settings, dump }: Hop): Promise<string | undefined> => {
	const keyword = beyondKeywords.find((name) => (dump?.get(name.toLowerCase())?.[0] ?? 'none') !== 'none');
	const beyond = keyword === undefined ? forbidsKeys(dump) : `a ${keyword}`;
	if (beyond !== undefined) {
		return beyond;
	}
	const paths = settings.identityFiles.map(({ path }) => path);
	const named = dump?.get('certificatefile')?.find((path) => path !== 'none');
	const certificate =
		named ??
		(await firstOf(
			paths.map((path) => `${path}-cert.pub`),
			isThere,
		));
	if (certificate !== undefined) {
		return `the certificate ${certificate}`;
	}
	const chosen = settings.identityFiles.filter(({ configured }) => configured).map(({ path }) => path);
	const hardware = await firstOf(chosen, async (path) => (await keyTypeIn(path)).startsWith('sk-'));
	return hardware === undefined ? undefined : `the hardware key ${hardware}`;
};

/**
 * Finds something that only the system's OpenSSH can do for this way to a host, as the end of "because of …"; undefined if ssh2 can do
 * everything. Reads files; contacts nothing.
 */
export const findBeyondSsh2 = async (way: Way): Promise<string | undefined> =>
	way.beyondSsh2 ?? (await Promise.all(way.hops.map(beyondOf))).find((found) => found !== undefined);

/** The request for an agent's keys, and its response (draft-miller-ssh-agent, 4.4). */
const agentMessage = { request: Buffer.from([0, 0, 0, 1, 11]), answer: 12 } as const;

/** Time limit for agents, ms. */
const agentMs = 3000;

/** Returns the types of an agent's keys, such as `ssh-ed25519`. Empty if the agent does not respond. */
const agentKeyTypes = (path: string): Promise<readonly string[]> =>
	new Promise((resolve) => {
		let bytes = Buffer.alloc(0);
		const socket = connect({ path });
		const settle = (types: readonly string[]) => {
			clearTimeout(timer);
			socket.destroy();
			resolve(types);
		};
		const timer = setTimeout(() => settle([]), agentMs);
		socket.on('error', () => settle([]));
		socket.on('close', () => settle([]));
		socket.on('data', (piece: Buffer) => {
			bytes = Buffer.concat([bytes, piece]);
			if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
				settle(typesIn(bytes));
			}
		});
		socket.write(agentMessage.request);
	});

const typesIn = (answer: Buffer): readonly string[] => {
	const types: string[] = [];
	try {
		if (answer[4] !== agentMessage.answer) {
			return [];
		}
		let at = 9;
		for (let left = answer.readUInt32BE(5); left > 0; left--) {
			const length = answer.readUInt32BE(at);
			const nameLength = answer.readUInt32BE(at + 4);
			types.push(answer.subarray(at + 8, at + 8 + nameLength).toString('latin1'));
			at += 4 + length;
			at += 4 + answer.readUInt32BE(at);
		}
	} catch {
		// A malformed response counts as far as it could be read.
	}
	return types;
};

/** True when a Kerberos ticket may exist (kerberos(7)). */
const hasTicket = async (env: NodeJS.ProcessEnv): Promise<boolean> =>
	env.KRB5CCNAME !== undefined || isThere(`/tmp/krb5cc_${userInfo().uid}`);

/**
 * Finds something that OpenSSH could still do after ssh2 was rejected: it supports host certificates, revocation lists, agents with
 * hardware keys and certificates, Kerberos, and more algorithms. Returns it as the end of "because of …"; undefined if OpenSSH would be
 * rejected too.
 */
export const whatOpensshCouldDo = async (
	error: BackoutError,
	way: Way,
	env: NodeJS.ProcessEnv,
): Promise<string | undefined> => {
	if (error instanceof BeyondSsh2) {
		return error.beyond;
	}
	// Names of what they share none of: key exchange algorithm, host key format, C->S cipher, S->C MAC.
	if (/no matching .*(algorithm|format|cipher|MAC|compression)/i.test(`${error.message} ${messageOf(error.cause)}`)) {
		return 'an algorithm that the server insists on';
	}
	if (error.code !== 'untrusted' || !/rejected the login/.test(error.message)) {
		return undefined;
	}
	for (const { settings, dump } of way.hops) {
		const types = settings.agent === undefined ? [] : await agentKeyTypes(settings.agent);
		const hidden = types.find((type) => /^(sk-|webauthn-sk-)|-cert-v\d\d@/.test(type));
		if (hidden !== undefined) {
			return `a key of the agent (${hidden})`;
		}
		if (dump?.get('gssapiauthentication')?.[0] === 'yes' && (await hasTicket(env))) {
			return 'a Kerberos ticket';
		}
		if (dump?.get('hostbasedauthentication')?.[0] === 'yes') {
			return 'HostbasedAuthentication';
		}
	}
	return undefined;
};
