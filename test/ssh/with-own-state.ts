import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sshd, startSshd } from './sshd.ts';

/** The reason why no server can have a state folder of its own here; undefined when it can. */
export const ownStateMissing = (): string | undefined =>
	process.getuid?.() === 0 ? undefined : 'only root may mount a folder in the place of another';

/**
 * Starts an SSH server whose commands see a folder of its own in the place of `state`, in a mount namespace of their own: so several servers
 * of this machine keep their records apart, as several machines do.
 *
 * @param folder is for the files of all servers
 * @param name of this one, which no other has
 * @param extra lines of sshd_config
 */
export const startWithOwnState = (
	folder: string,
	state: string,
	name: string,
	extra: readonly string[],
): Promise<Sshd> => {
	const own = join(folder, name);
	mkdirSync(own, { mode: 0o700 });
	const enter = join(folder, `enter-${name}.sh`);
	writeFileSync(
		enter,
		`exec unshare --mount sh -c 'mount --bind "$0" "$1" && exec sh -c "$SSH_ORIGINAL_COMMAND"' '${own}' '${state}'\n`,
	);
	return startSshd([...extra, `ForceCommand exec sh ${enter}`]);
};
