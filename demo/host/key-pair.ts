import type { utils } from 'ssh2';

/** The parts of ssh2's `utils` that are used. */
export type KeyMaker = Pick<typeof utils, 'generateKeyPairSync' | 'parseKey'>;

/**
 * Creates an Ed25519 key pair in OpenSSH's format. One in two hundred from ssh2 1.17 cannot be read, not even by itself: it drops the
 * zero bytes at the start of a public key (`lib/keygen.js`, "Remove leading zero bytes"). Such a pair is discarded and another one
 * created.
 */
export const makeKeyPair = (maker: KeyMaker): ReturnType<KeyMaker['generateKeyPairSync']> => {
	const pair = maker.generateKeyPairSync('ed25519');
	return maker.parseKey(pair.private) instanceof Error ? makeKeyPair(maker) : pair;
};
