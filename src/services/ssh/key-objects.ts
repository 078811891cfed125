import type { KeyObject } from 'node:crypto';

type Crypto = typeof import('node:crypto');
/** Functions of node:crypto with which a library encrypts, decrypts and authenticates each packet. The key is the second argument. */
const perPacket = ['createCipheriv', 'createDecipheriv', 'createHmac'] as const;

/**
 * Loads a CommonJS library so that the keys it passes to Node as buffers arrive as KeyObjects, one for each buffer.
 *
 * For every buffer Node 24 finds out again that it is no KeyObject, by an exception within `isKeyObject` (lib/internal/crypto/keys.js):
 * with a cipher object for each packet, as in ssh2, that was three quarters of the cost of a small packet.
 */
export const withKeyObjects = async <T>(load: () => Promise<T>): Promise<T> => {
	const crypto = process.getBuiltinModule('node:crypto') as { -readonly [Name in keyof Crypto]: Crypto[Name] };
	const known = new WeakMap<Uint8Array, KeyObject>();
	const toKeyObject = (key: unknown): unknown => {
		if (!(key instanceof Uint8Array) || key.length === 0) {
			return key;
		}
		const object = known.get(key) ?? crypto.createSecretKey(key);
		known.set(key, object);
		return object;
	};
	const originals = perPacket.map((name) => [name, crypto[name]] as const);
	for (const [name, original] of originals) {
		const make = original as (...args: unknown[]) => unknown;
		Object.assign(crypto, {
			[name]: (kind: unknown, key: unknown, ...rest: unknown[]) => make(kind, toKeyObject(key), ...rest),
		});
	}
	try {
		// The library takes the functions from node:crypto while it is loaded.
		return await load();
	} finally {
		Object.assign(crypto, Object.fromEntries(originals));
	}
};
