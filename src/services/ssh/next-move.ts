/** Returns what the operator can do after a login was rejected. */
export const nextAfterRefusal = (facts: {
	/** Path of a locked key, if there was nobody to ask for its passphrase. */
	readonly locked: string | undefined;
	readonly user: string;
	/** The server's message. */
	readonly detail: string | undefined;
}): string => {
	const { locked, user, detail } = facts;
	if (locked !== undefined) {
		return `Unlock the key first: \`ssh-add ${locked}\`.`;
	}
	if (detail && /too many/i.test(detail)) {
		return 'Name the right key as `identityFile` of the target, or set IdentitiesOnly for the host in ~/.ssh/config.';
	}
	return `Name the right key as \`identityFile\` of the target, load it with \`ssh-add\`, or add its public key to ~/.ssh/authorized_keys of ${user} on the host.`;
};
