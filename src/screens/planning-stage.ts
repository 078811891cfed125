import { createContext, useContext, useEffect } from 'react';
import type { PlanningStage } from '../stores/onboarding-hints.ts';
import { createStore, type Store } from '../stores/store.ts';

export type StageStore = Store<PlanningStage | undefined>;

const StageContext = createContext<StageStore>(createStore<PlanningStage | undefined>(undefined));

/** Provides where the screens of a procedure note what they ask, for the guide. */
export const StageProvider = StageContext.Provider;

/** Notes what the screen of a procedure asks for now; undefined changes nothing. */
export const usePlanningStage = (stage: PlanningStage | undefined): void => {
	const store = useContext(StageContext);
	useEffect(() => {
		if (stage === undefined) {
			return;
		}
		store.set(stage);
		return () => store.set(undefined);
	}, [store, stage]);
};
