import type { Dispatch, SetStateAction } from 'react';
import type { FollowedRun, Workspace } from '../stores/workspace.ts';
import type { DashboardModel } from './dashboard/model.ts';
import type { FleetPlace } from './fleet-shell.tsx';
import type { Navigation, Overlay, Route } from './navigation.ts';

export interface NavigatorOptions {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly setStack: Dispatch<SetStateAction<readonly Route[]>>;
	readonly setOverlay: (overlay: Overlay | undefined) => void;
	readonly tell: (text: string) => void;
	readonly onTarget: (name: string) => void;
	readonly onFleet: (place: FleetPlace) => void;
	readonly onExit: (code: number) => void;
}

/** True when a followed run is running, or being verified. */
const isUnderWay = (run: FollowedRun | undefined): boolean =>
	run !== undefined && (run.run.get().state === 'running' || run.verification.get()?.final === false);

/** Creates the navigation between the screens of one target, and to other targets. */
export const createNavigator = (options: NavigatorOptions): Navigation => {
	const { workspace, model, setStack, setOverlay, tell, onTarget, onFleet, onExit } = options;
	const { name } = workspace.target;
	const show = (place: Route, below: (now: readonly Route[]) => readonly Route[]) => {
		if (place.kind === 'run') {
			model.followRun(place.run);
		}
		setStack((now) => [...below(now).filter(({ kind }) => kind !== place.kind), place]);
	};
	const go = (place: Route) => show(place, (now) => now);
	return {
		go,
		replace: (place) => show(place, (now) => now.slice(0, -1)),
		back: () => setStack((now) => now.slice(0, -1)),
		home: () => setStack([]),
		open: setOverlay,
		close: () => setOverlay(undefined),
		tell,
		attach: (id) => {
			const { run } = model.state.get();
			if (run?.id === id) {
				go({ kind: 'run', run });
				return;
			}
			tell(`Attaching to ${id} …`);
			workspace.actions.attach(id).then(
				(followed) => {
					tell('');
					go({ kind: 'run', run: followed });
				},
				(error: unknown) => setOverlay({ kind: 'error', error, doing: `attaching to run ${id}` }),
			);
		},
		toTarget: (next) => (next === name ? setStack([]) : onTarget(next)),
		toTargets: () => onFleet({ kind: 'targets', from: name }),
		compare: (left, right) => onFleet({ kind: 'compare', pair: [left, right], from: name }),
		leave: () => (isUnderWay(model.state.get().run) ? setOverlay({ kind: 'leave' }) : onExit(0)),
		quit: () => onExit(0),
	};
};
