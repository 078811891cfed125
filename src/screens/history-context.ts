import { createContext, useContext } from 'react';
import type { History } from '../stores/history.ts';

const HistoryContext = createContext<History | undefined>(undefined);

/** Gives the screens of a target what was read of it so far. */
export const HistoryProvider = HistoryContext.Provider;

/** Undefined outside of a target's screens. */
export const useHistory = (): History | undefined => useContext(HistoryContext);
