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
	/**
	 * Programs by name that come before those of the host in the PATH of a step. They mark what a step starts outside of the host's
	 * processes, in containers, with the variable `backout_step`, so that a cancel finds it.
	 */
	readonly stepPrograms: Readonly<Record<string, string>>;
	/** A script that prints what a plan rests on: the plan keeps it as `plan_ground`. Comes after `scriptFunctions`. */
	readonly printGround: string;
	/** A script that exits 0 where the host has room for a run, and says how much. Reads `wanted`, in KiB, and `inodes`. */
	readonly diskSpace: string;
	/** Commands that free some of it, with `; ` between them. */
	readonly freeSpace: string;
	readonly restorePoint: RestorePointShell;
	readonly undo: UndoShell;
}

/** What saves the engine's part of a restore point in `$restore_dir`, and deletes it again. */
export interface RestorePointShell {
	/**
	 * Functions of the step that saves a restore point; they come after those of `stepFunctions` and of the runner, which say what is kept
	 * (`keep`, `miss`, `fact`, `keep_file`):
	 *
	 * - `keep_files` keeps the files that say what should run.
	 * - `note_containers` notes what runs, without waiting for anything slow: `containers`, a line an instance, and `containers.json`, which
	 *   `Engine.readKept` reads. False where there is nothing to keep images of.
	 * - `pin_images` keeps the images of what was noted; `keep_images` does both.
	 */
	readonly keep: string;
	/**
	 * `drop_images RUN` deletes what a run's restore point keeps outside of its folder, and adds what is left to `left`;
	 * `runs_with_images` prints the runs that have kept any, a line each. Neither needs anything.
	 */
	readonly drop: string;
	/** `image_ids` prints the ids of all images on the host. Needs nothing. */
	readonly list: string;
}

/** A precondition of an undo. */
export interface UndoLook {
	readonly id: string;
	readonly title: string;
	/** A call of a function of `UndoShell.looks`: exits 0, or prints why not. */
	readonly call: string;
	/** The steps of the undo end it: it is not checked again when a run continues. */
	readonly once?: boolean;
}

/** A step of an undo. */
export interface UndoStep {
	readonly id: string;
	readonly title: string;
	/** In words that the plan shows. */
	readonly summary: string;
	readonly script: string;
	readonly timeoutSeconds: number;
}

/**
 * What puts the engine's part of a restore point back. All of it reads the environment of undo-state.sh and that of
 * `KeptDeployment`. What does not touch git or files is the engine's.
 */
export interface UndoShell {
	/** Functions that only look, before undo-state.sh; the steps and all that follows here may call them. */
	readonly state: string;
	/**
	 * `service_differences` prints what is not as it was, a line each. Fails, with the reason as its last line, where the engine does not
	 * say what is there. Reads `from_containers`, which may be empty.
	 */
	readonly differences: string;
	/** Functions that the preconditions call. */
	readonly looks: string;
	readonly preconditions: {
		/** Before those of git and files. */
		readonly first: readonly UndoLook[];
		/** After them. */
		readonly last: readonly UndoLook[];
	};
	/** Stops the services in `from_interrupts`, before undo scripts of the run work on their data. */
	readonly stop: UndoStep;
	/** What comes after git and files are back; the last one compares everything with the restore point, and fails with what differs. */
	readonly steps: readonly UndoStep[];
}
