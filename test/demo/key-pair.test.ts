import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeKeyPair } from '../../demo/host/key-pair.ts';

/** A key made by ssh2: a public key of 31 bytes, with the leading zero byte missing. */
const cut = {
	private: [
		'-----BEGIN OPENSSH PRIVATE KEY-----',
		'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMgAAAAtz',
		'c2gtZWQyNTUxOQAAAB/5BTmgLCA/U7+73a8BllllWHfw8zguJOk7OXnrui1DAAAA',
		'iM/kd6DP5HegAAAAC3NzaC1lZDI1NTE5AAAAH/kFOaAsID9Tv7vdrwGWWWVYd/Dz',
		'OC4k6Ts5eeu6LUMAAAA/sqGaqpLIR1yT3+dME/rmFeFOJqFWb9cz8x+JXt6LDij5',
		'BTmgLCA/U7+73a8BllllWHfw8zguJOk7OXnrui1DAAAAAAECAwQFBgc=',
		'-----END OPENSSH PRIVATE KEY-----',
		'',
	].join('\n'),
	public: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH/kFOaAsID9Tv7vdrwGWWWVYd/DzOC4k6Ts5eeu6LUM=',
};

test('a key pair that nothing can read is not taken', () => {
	const { generateKeyPairSync, parseKey } = ssh2.utils;
	expect(parseKey(cut.private)).toBeInstanceOf(Error);
	const good = generateKeyPairSync('ed25519', { comment: 'good' });
	const made = [cut, cut, good];
	expect(makeKeyPair({ parseKey, generateKeyPairSync: () => made.shift() ?? cut })).toBe(good);
});
