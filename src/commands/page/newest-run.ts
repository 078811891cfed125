import type { RunSummary } from '../../runbook/run.ts';
import type { FollowedRun, Workspace } from '../../stores/workspace.ts';

/** Time until a run that could not be followed is tried again, ms. */
const againMs = 5000;

/**
 * Returns the run that the page shows in full: the one that runs, else the newest. A run that has ended without a verdict is not followed:
 * that would verify it, for nobody. Neither is one that lives on another host of the target: only its line in the list is known here.
 */
const shownRun = (runs: readonly RunSummary[]): RunSummary | undefined => {
	const newest = runs.find(({ state }) => state === 'running') ?? runs[0];
	return newest === undefined ||
		newest.pruned !== undefined ||
		newest.node !== undefined ||
		(newest.state === 'succeeded' && newest.verdict === undefined)
		? undefined
		: newest;
};

/** Follows the newest run of a target, from one to the next. */
export class NewestRun {
	readonly #workspace: Workspace;
	readonly #onChange: () => void;
	readonly #ends: (() => void)[];
	/** The run that is followed or about to be; with its verdict, because a run is read again once it has one. */
	#wanted: { readonly id: string; readonly verdict: string | undefined } | undefined;
	#followed: FollowedRun | undefined;
	#endsOfRun: (() => void)[] = [];
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;

	/** @param onChange called whenever something of the run has changed */
	constructor(workspace: Workspace, onChange: () => void) {
		this.#workspace = workspace;
		this.#onChange = onChange;
		this.#ends = [workspace.readings.runs.subscribe(() => this.#choose())];
		this.#choose();
	}

	/** Returns the run that is being followed; undefined while there is none. */
	get(): FollowedRun | undefined {
		return this.#followed;
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		for (const end of this.#ends) {
			end();
		}
		this.#leave();
	}

	#choose(): void {
		const run = shownRun(this.#workspace.readings.runs.get() ?? []);
		if (run === undefined) {
			// It may be the run that has just ended here: then its verification is still shown.
			if (this.#workspace.readings.runs.get()?.[0]?.id !== this.#wanted?.id) {
				this.#wanted = undefined;
				this.#leave();
			}
			return;
		}
		if (run.id === this.#wanted?.id && (run.verdict === undefined || run.verdict === this.#wanted.verdict)) {
			return;
		}
		this.#wanted = { id: run.id, verdict: run.verdict };
		void this.#follow(run.id);
	}

	async #follow(id: string): Promise<void> {
		const wanted = this.#wanted;
		clearTimeout(this.#timer);
		try {
			const followed = await this.#workspace.actions.attach(id);
			if (this.#stopped || this.#wanted !== wanted) {
				followed.close();
				return;
			}
			this.#leave();
			this.#followed = followed;
			this.#endsOfRun = [followed.run, followed.following, followed.verification, followed.output.changed].map(
				(store) => store.subscribe(this.#onChange),
			);
			this.#onChange();
		} catch {
			// The link's own state says why. The run is tried again.
			if (!this.#stopped && this.#wanted === wanted) {
				this.#wanted = undefined;
				this.#timer = setTimeout(() => this.#choose(), againMs);
			}
		}
	}

	#leave(): void {
		for (const end of this.#endsOfRun) {
			end();
		}
		this.#endsOfRun = [];
		this.#followed?.close();
		this.#followed = undefined;
	}
}
