import script from './git-as-owner.sh';

/**
 * POSIX sh: a function `git` for scripts. As root in somebody else's work tree git refuses ("dubious ownership"), and
 * objects or refs that root writes would break the owner's next commit or pull: so it runs git as the owner of
 * `$directory`, where runuser can; otherwise git runs as it is. With `git_timeout` set (seconds, as a number or as
 * timeout(1) takes it) git is ended when it takes longer; `timeout git` would pass the function by.
 *
 * Wants `directory`. The owner is found at the first use: a script without git pays nothing.
 */
export const gitAsOwner: string = script;
