import type { utils } from 'ssh2';

/** What is needed of ssh2's `utils`. */
export type KeyMaker = Pick<typeof utils, 'generateKeyPairSync' | 'parseKey'>;

/**
 * An Ed25519 key pair in OpenSSH's format. One in two hundred that ssh2 1.17 makes cannot be read, not even by itself: it
 * leaves out the zero bytes that a public key begins with (`lib/keygen.js`, "Remove leading zero bytes"). Such a pair is
 * thrown away and another one made.
 */
export const makeKeyPair = (maker: KeyMaker): ReturnType<KeyMaker['generateKeyPairSync']> => {
	const pair = maker.generateKeyPairSync('ed25519');
	return maker.parseKey(pair.private) instanceof Error ? makeKeyPair(maker) : pair;
};
