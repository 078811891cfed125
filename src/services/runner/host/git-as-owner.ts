import script from './git-as-owner.sh';

/**
 * POSIX sh: a function `git` for scripts. As root in another user's work tree git refuses ("dubious ownership"), and objects or refs that
 * root writes would break the owner's next commit or pull: so root runs git as the owner of `$directory`, if runuser can; other users run
 * it unchanged. With `git_timeout` (seconds, as a number or as timeout(1) takes it) git is ended when it takes longer; `timeout git` would
 * bypass the function.
 *
 * Needs `directory`. The owner is looked up at the first use: a script without git pays nothing.
 */
export const gitAsOwner: string = script;
