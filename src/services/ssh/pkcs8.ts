/** The label of a private key in PKCS#8 without a passphrase (RFC 7468, 10). */
const plainLabel = '-----BEGIN PRIVATE KEY-----';

/**
 * Converts an RSA or ECDSA private key in PKCS#8, as `openssl genpkey` writes it, into the form that ssh2 reads: PKCS#1 or SEC 1.
 * Returns everything else unchanged.
 */
export const fromPkcs8 = (data: Buffer): Buffer | string => {
	if (!data.includes(plainLabel)) {
		return data;
	}
	try {
		const key = process.getBuiltinModule('node:crypto').createPrivateKey(data);
		switch (key.asymmetricKeyType) {
			case 'rsa':
				return key.export({ type: 'pkcs1', format: 'pem' });
			case 'ec':
				return key.export({ type: 'sec1', format: 'pem' });
			default:
				return data;
		}
	} catch {
		// ssh2 will report what is wrong with it.
		return data;
	}
};
