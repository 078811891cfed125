/** Words that mark a secret anywhere in a name, also run together: `DBPASSWORD`, `slackTokenOld`. */
const anywhere =
	/password|passwd|passphrase|passcode|secret|token|apikey|privatekey|accesskey|encryptionkey|signingkey|masterkey|credential|totp|webhook/;

/** Words in names of secrets: `BASIC_AUTH`, `dsn`, but not "author" or "authority". */
const asWord =
	/^(?:.*auth(?!or(?!i[sz])).*|.*dsn|pwd|(?:db|user|admin|root)?pass|pin|otp|creds?|cookies?|salt|seed|mnemonic|jwt|psk|bearer)$/;

/** Names with these before "key" are not secrets. */
const openKeys: ReadonlySet<string> = new Set(['public', 'primary', 'foreign', 'host', 'sort', 'partition', 'config']);

const wordsOf = (name: string): readonly string[] =>
	name
		.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((word) => word !== '');

/** True when the name alone shows that the value is secret, whatever surrounds the word: `OLD_PASSWORD_2`. */
export const isPlainlySecret = (name: string): boolean =>
	anywhere.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));

/** True when a setting's name suggests that its value is secret. In doubt, true. */
export const isSecretName = (name: string): boolean => {
	if (isPlainlySecret(name)) {
		return true;
	}
	const words = wordsOf(name);
	const before = words.at(-2);
	return (
		words.some((word) => asWord.test(word)) || (words.at(-1) === 'key' && before !== undefined && !openKeys.has(before))
	);
};
