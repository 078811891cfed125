/**
 * The POSIX sh of an engine, for scripts that run on its host. Whoever uses it knows the functions that are named here, and nothing else
 * of it. It runs in dash, bash and busybox's sh, and reads the environment of `DeploymentIdentity`.
 */
export interface EngineShell {
	/**
	 * The functions that every script of a runbook may call. One of them is `enter_folder`: it changes to the deployment's directory, and
	 * is false where that is not on the host. Wants the function `git` (git-as-owner.sh).
	 */
	readonly scriptFunctions: string;
	/** Those, and what only a step of a run may call. One is `ground_holds`: whether what was planned for is still so (`plan_ground`). */
	readonly stepFunctions: string;
	/** A script that prints what a plan rests on: the plan keeps it as `plan_ground`. Comes after `scriptFunctions`. */
	readonly printGround: string;
	/** A script that exits 0 where the host has room for a run, and says how much. Reads `wanted`, in KiB, and `inodes`. */
	readonly diskSpace: string;
}
