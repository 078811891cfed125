/**
 * An engine's POSIX sh, for scripts that run on its host. Callers use only the functions named here. It runs in dash, bash and busybox's
 * sh, and reads the environment of `DeploymentIdentity`.
 */
export interface EngineShell {
	/**
	 * Functions for every script of a runbook. One of them, `enter_folder`, changes to the deployment's directory, and fails if the
	 * directory is not on the host. Needs the function `git` (git-as-owner.sh). Another, `running_images`, prints the ids of the images that
	 * the deployment's instances run, one a line; fails if the engine does not say.
	 */
	readonly scriptFunctions: string;
	/**
	 * `scriptFunctions`, and functions for the steps of a run only. One is `ground_holds`: it succeeds while the plan's ground
	 * (`plan_ground`) is unchanged.
	 */
	readonly stepFunctions: string;
	/**
	 * Programs by name that precede the host's in the PATH of a step. They mark what a step starts inside containers with the variable
	 * `backout_step`, so that a cancel finds it.
	 */
	readonly stepPrograms: Readonly<Record<string, string>>;
	/**
	 * Function of a guard on the host, which follows `stepFunctions`. `list_watched` prints the instances of the deployment, a line each,
	 * with these fields separated by tabs: service, name, id, status, health, exit code, restarts, restart policy, the times of creation, of
	 * the last start and of the last end; and for an instance that was restarted, seconds since its last start, and on average from one
	 * start to the next. A missing field is `-`. Statuses and policies are Docker's words. Fails if the engine does not answer.
	 * A second function, `watched_specs`, prints what is deployed, a line for each service, if the engine replaces an instance that has
	 * crashed by another one.
	 */
	readonly watched: string;
	/**
	 * Name of a function for the check `converged` of a guard on the host, one of `stepFunctions`. Its arguments are the services that do not
	 * count. Says in its last line whether the others are what they should be: exits 0, 1, or 75 when the engine does not say. Undefined for
	 * an engine that changes no service by itself.
	 */
	readonly converged?: string;
	/**
	 * A program that prints what has begun inside of instances in the last seconds (its argument) and still runs, whoever began it: a sentence a
	 * line. Reads, in the plan's environment, and starts nothing. Undefined for an engine that cannot tell.
	 */
	readonly leftInside?: string;
	/** A script that prints what a plan rests on, which the plan keeps as `plan_ground`. Comes after `scriptFunctions`. */
	readonly printGround: string;
	/**
	 * A script that prints what on the host may deploy by itself, one a line, in words: what it is, then what shows it. Comes after
	 * `scriptFunctions`. Reads, and starts nothing.
	 */
	readonly redeployers: string;
	/**
	 * A program for an engine whose deployment can be changed by way of several hosts. `take RUN START STATE` takes a lock that all of them
	 * see: exits 3 when a run on another host has it, and prints that run as the file `owner` names it, with the host and `heard` or
	 * `unheard` after its start, and in a third line what to do; exits 1, with the reason, when it cannot be taken. `free RUN` gives it
	 * back, also what a `take` that failed may have been given. Works in the folder of a run.
	 */
	readonly sharedLock?: string;
	/**
	 * A script that deletes the shared lock of the run `lost_run`. Refuses (`refused`, a tab, why, a tab, what to do) when that run does not have
	 * it, and while its host is heard of.
	 */
	readonly giveUpLock?: string;
	/** How long that script looks whether the lock is still renewed, s. Default: not at all. */
	readonly giveUpLockLooks?: number;
	/** A script that exits 0 when the host has enough space for a run, and says how much there is. Reads `wanted`, in KiB, and `inodes`. */
	readonly diskSpace: string;
	/** Commands that free disk space, separated by `; `. */
	readonly freeSpace: string;
	readonly restorePoint: RestorePointShell;
	readonly undo: UndoShell;
}

/** The shell that saves the engine's part of a restore point in `$restore_dir`, and deletes it again. */
export interface RestorePointShell {
	/** The contents of the engine's part, in words for the plan. */
	readonly words: {
		/** A list, in the middle of a sentence: all of it. */
		readonly all: string;
		/** A sentence without its full stop: what `note_containers` notes. */
		readonly noted: string;
		/** A list, in the middle of a sentence: what `keep_files` and `pin_images` save later. */
		readonly later: string;
	};
	/**
	 * Functions of the step that saves a restore point. They follow `stepFunctions` and the runner's own functions, which record what is
	 * saved (`keep`, `miss`, `fact`, `keep_file`):
	 *
	 * - `keep_files` saves the files that say what should run.
	 * - `note_containers` notes what runs, without waiting for anything slow: `containers`, a line per instance, and `containers.json`,
	 *   which `Engine.readKept` reads. Fails if there are no images to keep.
	 * - `pin_images` keeps the images of the noted containers; `keep_images` does both.
	 */
	readonly keep: string;
	/**
	 * `pin_verified` keeps the images that run after a verification that passed, in the restore point `$restore_dir` of run `$run_id`, and
	 * prints a line for each: SERVICE TAB IMAGE. Follows `scriptFunctions`. Undefined for an engine whose images are not on this host.
	 */
	readonly verified?: string;
	/**
	 * `drop_images RUN` deletes what a run's restore point keeps outside its folder, and adds what is left to `left`;
	 * `runs_with_images` prints the runs that kept any, one per line. Neither needs other functions.
	 */
	readonly drop: string;
	/** `image_ids` prints the ids of all images on the host. Needs no other functions. */
	readonly list: string;
}

/** A precondition of an undo. */
export interface UndoLook {
	readonly id: string;
	readonly title: string;
	/** A call of a function from `UndoShell.looks`: exits 0, or prints why not. */
	readonly call: string;
	/** True when the undo's own steps make it untrue, so it is not checked again when a run continues. */
	readonly once?: boolean;
}

/** A step of an undo. */
export interface UndoStep {
	readonly id: string;
	readonly title: string;
	/** The step in words, for the plan. */
	readonly summary: string;
	readonly script: string;
	readonly timeoutSeconds: number;
}

/**
 * The shell that restores the engine's part of a restore point. All of it reads the environment of undo-state.sh and of
 * `KeptDeployment`. Whatever is neither git nor a file is the engine's to restore.
 */
export interface UndoShell {
	/** Read-only functions, placed before undo-state.sh; the steps and everything below may call them. */
	readonly state: string;
	/**
	 * `service_differences` prints the differences from the restore point, one per line. Fails, with the reason as its last line, if the
	 * engine does not say what is there. Reads `from_containers`, which may be empty.
	 */
	readonly differences: string;
	/** Functions for the preconditions. */
	readonly looks: string;
	readonly preconditions: {
		/** Preconditions that come before those of git and files. */
		readonly first: readonly UndoLook[];
		/** Preconditions that come after those of git and files. */
		readonly last: readonly UndoLook[];
	};
	/** Stops the services in `from_interrupts`, before undo scripts of the run work on their data. */
	readonly stop: UndoStep;
	/** Steps after git and files are restored; the last one compares everything with the restore point, and fails with the differences. */
	readonly steps: readonly UndoStep[];
}
