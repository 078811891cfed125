import { createContext, useContext } from 'react';
import type { WaitsFor } from '../runbook/run.ts';
import type { FollowedRun } from '../stores/workspace.ts';

/** A screen that can be on top. The dashboard is under all of them. */
export type Route =
	/** With `inputs`, these are not asked for. */
	| { readonly kind: 'procedure'; readonly procedure: string; readonly inputs?: Readonly<Record<string, string>> }
	/** The way back of a run; `title` is that of the run. */
	| { readonly kind: 'undo'; readonly run: string; readonly title: string }
	/** A run that did not get to its end, run again from there; `title` is that of the run. */
	| { readonly kind: 'retry'; readonly run: string; readonly title: string }
	| { readonly kind: 'run'; readonly run: FollowedRun }
	/** What the checks rest on: those of a run, or as they stand; at one of them. */
	| { readonly kind: 'checks'; readonly run?: FollowedRun; readonly check?: string }
	| { readonly kind: 'runs' }
	/** One container, by its name. */
	| { readonly kind: 'container'; readonly name: string }
	/** The logs of services, together. */
	| { readonly kind: 'logs'; readonly services: readonly string[] };

/** What can lie over a screen. */
export type Overlay =
	| { readonly kind: 'help' }
	| { readonly kind: 'palette'; readonly text?: string }
	/** The themes to choose from. */
	| { readonly kind: 'theme' }
	/** What ctrl-c and quitting ask. */
	| { readonly kind: 'leave' }
	| { readonly kind: 'cancel'; readonly run: string; readonly title: string }
	/** What came of cancelling a run. */
	| {
			readonly kind: 'cancelled';
			readonly run: string;
			readonly title: string;
			readonly lines: readonly string[];
			readonly undoable: boolean;
	  }
	/** What a run waits for; answered by the operator. */
	| { readonly kind: 'answer'; readonly run: string; readonly waits: WaitsFor }
	| { readonly kind: 'error'; readonly error: unknown; readonly doing: string };

/** How screens lead to each other. */
export interface Navigation {
	/** Puts a screen on top. */
	go(place: Route): void;
	/** Puts a screen in the place of the one on top. */
	replace(place: Route): void;
	/** One level back; at the dashboard nothing. */
	back(): void;
	/** Goes to the dashboard. */
	home(): void;
	open(overlay: Overlay): void;
	close(): void;
	/** Says something in the last row until the next key or for a while. */
	tell(text: string): void;
	/** Attaches to a run of the journal and shows it. */
	attach(run: string): void;
	/** Goes to the dashboard of a target, possibly another one. */
	toTarget(name: string): void;
	/** Goes to the page with all targets. */
	toTargets(): void;
	/** Shows two targets side by side. */
	compare(left: string, right: string): void;
	/** Ends the program where nothing is under way here; otherwise asks. */
	leave(): void;
	/** Ends the program. Runs go on on the host. */
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
