import crypto from 'node:crypto';
import { expect, test } from 'vitest';
import { withKeyObjects } from '../../src/services/ssh/key-objects.ts';

const iv = Buffer.alloc(12);

const gcm = (taken: Pick<typeof crypto, 'createCipheriv'>, key: Buffer): string => {
	const cipher = taken.createCipheriv('aes-128-gcm', key, iv);
	return Buffer.concat([cipher.update('text'), cipher.final(), cipher.getAuthTag()]).toString('hex');
};

test('what is taken while it loads enciphers and authenticates as ever, with one key object for each key', async () => {
	const { createCipheriv, createHmac, createSecretKey } = crypto;
	const made: unknown[] = [];
	crypto.createSecretKey = ((...args: Parameters<typeof createSecretKey>) => {
		made.push(args[0]);
		return createSecretKey(...args);
	}) as typeof createSecretKey;
	try {
		const taken = await withKeyObjects(async () => ({ ...crypto }));
		const [a, b] = [crypto.randomBytes(16), crypto.randomBytes(16)];
		for (const key of [a, b, a, b]) {
			expect(gcm(taken, key)).toBe(gcm({ createCipheriv }, key));
			expect(taken.createHmac('sha256', key).update('x').digest('hex')).toBe(
				createHmac('sha256', key).update('x').digest('hex'),
			);
		}
		expect(made).toEqual([a, b]);
	} finally {
		crypto.createSecretKey = createSecretKey;
	}
});

test('afterwards node:crypto is as it was, also where loading fails', async () => {
	const before = { ...crypto };
	await withKeyObjects(async () => {});
	await expect(withKeyObjects(() => Promise.reject(new Error('no such library')))).rejects.toThrow('no such library');
	expect({ ...crypto }).toEqual(before);
});
