import { useInput, usePaste } from 'ink';
import {
	createContext,
	type ReactNode,
	useContext,
	useEffect,
	useInsertionEffect,
	useMemo,
	useRef,
	useSyncExternalStore,
} from 'react';
import { keysOf } from '../../terminal/keys.ts';
import type { Binding, LayerOptions, LiveBinding } from './bindings.ts';
import { createKeymap, type Keymap } from './keymap.ts';

const KeymapContext = createContext<Keymap | undefined>(undefined);

/** Reads the keyboard for all components inside it; nothing else does. */
export const KeymapProvider = ({ children }: { readonly children: ReactNode }) => {
	const keymap = useMemo(() => createKeymap(), []);
	useInput((input, key) => keymap.type(keysOf(input, key), performance.now()));
	usePaste((text) => keymap.paste(text, performance.now()));
	return <KeymapContext value={keymap}>{children}</KeymapContext>;
};

/** Returns the keymap of the app. Throws outside a `KeymapProvider`. */
const useKeymap = (): Keymap => {
	const keymap = useContext(KeymapContext);
	if (!keymap) {
		throw new Error('useKeymap is used outside a KeymapProvider');
	}
	return keymap;
};

/**
 * Binds keys while the component is mounted and `active`. The bindings may be new objects at every render; the layer counts as opened when
 * the component was mounted or last became active.
 */
export const useBindings = (bindings: readonly Binding[], options: LayerOptions = {}): void => {
	const keymap = useKeymap();
	const latest = useRef({ bindings, options });
	const active = options.active !== false;
	// Insertion effects run within the commit, so no key arrives between what is shown and what keys do.
	useInsertionEffect(() => {
		latest.current = { bindings, options };
		keymap.refresh();
	});
	useInsertionEffect(() => {
		if (!active) {
			return;
		}
		const close = keymap.open({ current: () => latest.current });
		keymap.refresh();
		return () => {
			close();
			keymap.refresh();
		};
	}, [keymap, active]);
};

/** Calls back before each key does anything. */
export const useEachKey = (before: () => void): void => {
	const { pressed } = useKeymap();
	const latest = useRef(before);
	latest.current = before;
	useEffect(() => pressed.subscribe(() => latest.current()), [pressed]);
};

/** Returns the bindings that keys reach now, for help and hints. */
export const useLiveBindings = (): readonly LiveBinding[] => {
	const { live } = useKeymap();
	return useSyncExternalStore(live.subscribe, live.get);
};
