import { createContext, useContext } from 'react';
import type { WaitsFor } from '../runbook/run.ts';
import type { FollowedRun } from '../stores/workspace.ts';

/** A screen that can be on top. The dashboard is below all of them. */
export type Route =
	/** With `inputs`, these are not asked for. */
	| { readonly kind: 'procedure'; readonly procedure: string; readonly inputs?: Readonly<Record<string, string>> }
	/** The undo of a run; `title` is the run's. */
	| { readonly kind: 'undo'; readonly run: string; readonly title: string }
	/** A retry of an unfinished run; `title` is the run's. */
	| { readonly kind: 'retry'; readonly run: string; readonly title: string }
	| { readonly kind: 'run'; readonly run: FollowedRun }
	/** The evidence of checks: those of a run, or the current ones; at one of them. */
	| { readonly kind: 'checks'; readonly run?: FollowedRun; readonly check?: string }
	| { readonly kind: 'runs' }
	/** What was deployed, whoever did it. */
	| { readonly kind: 'history' }
	/** One container, by its name. */
	| { readonly kind: 'container'; readonly name: string }
	/** The logs of services, together. */
	| { readonly kind: 'logs'; readonly services: readonly string[] };

/** An overlay on a screen. */
export type Overlay =
	| { readonly kind: 'help' }
	| { readonly kind: 'palette'; readonly text?: string }
	/** The choice of a theme. */
	| { readonly kind: 'theme' }
	/** The command for another terminal. */
	| { readonly kind: 'terminal' }
	/** The question on ctrl-c and when quitting. */
	| { readonly kind: 'leave' }
	| { readonly kind: 'cancel'; readonly run: string; readonly title: string }
	/** The result of cancelling a run. */
	| {
			readonly kind: 'cancelled';
			readonly run: string;
			readonly title: string;
			readonly lines: readonly string[];
			readonly undoable: boolean;
	  }
	/** A manual step that a run waits at, for the operator to answer. */
	| { readonly kind: 'answer'; readonly run: string; readonly waits: WaitsFor }
	| { readonly kind: 'error'; readonly error: unknown; readonly doing: string };

/** Functions with which screens lead to each other. */
export interface Navigation {
	/** Puts a screen on top. */
	go(place: Route): void;
	/** Replaces the screen on top. */
	replace(place: Route): void;
	/** Goes one level back; does nothing at the dashboard. */
	back(): void;
	/** Goes to the dashboard. */
	home(): void;
	open(overlay: Overlay): void;
	close(): void;
	/** Shows a notice in the last row until the next key or for a while. */
	tell(text: string): void;
	/** Attaches to a run of the journal and shows it. */
	attach(run: string): void;
	/** Goes to the dashboard of a target, possibly another one. */
	toTarget(name: string): void;
	/** Goes to the page with all targets. */
	toTargets(): void;
	/** Shows two targets side by side. */
	compare(left: string, right: string): void;
	/** Ends the program if nothing is in progress here; otherwise asks. */
	leave(): void;
	/** Ends the program. Runs keep running on the host. */
	quit(): void;
}

const NavigationContext = createContext<Navigation | undefined>(undefined);

export const NavigationProvider = NavigationContext.Provider;

/** Throws outside a `NavigationProvider`. */
export const useNavigation = (): Navigation => {
	const navigation = useContext(NavigationContext);
	if (navigation === undefined) {
		throw new Error('useNavigation is used outside a NavigationProvider');
	}
	return navigation;
};
