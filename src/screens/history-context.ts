import { createContext, useContext } from 'react';
import type { History } from '../stores/history.ts';

const HistoryContext = createContext<History | undefined>(undefined);

/** Provides the history of a target's readings to its screens. */
export const HistoryProvider = HistoryContext.Provider;

/** Returns the history; undefined outside a target's screens. */
export const useHistory = (): History | undefined => useContext(HistoryContext);
