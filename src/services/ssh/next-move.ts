/** What the operator can do after a login was rejected. */
export const nextAfterRefusal = (facts: {
	/** The key that would have needed somebody to ask. */
	readonly locked: string | undefined;
	readonly user: string;
	/** What the server said. */
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
