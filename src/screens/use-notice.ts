import { useEffect, useMemo, useRef } from 'react';
import { useEachKey } from '../components/keymap/keymap-provider.tsx';
import { createStore, type Readable } from '../stores/store.ts';

/** Returns how long a notice stays, ms: as long as reading takes, since it covers the keys. */
const noticeMs = (text: string): number => Math.max(3000, 60 * text.length);

/** Minimum time for which a notice stays, whatever is pressed: keys that are held down come on, ms. */
const leastMs = 700;

/** Keeps the current notice for a while, or until the next key. */
export const useNotice = (): { readonly said: Readable<string>; readonly tell: (text: string) => void } => {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const said = useMemo(() => createStore(''), []);
	const since = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const tell = (text: string) => {
		clearTimeout(timer.current);
		said.set(text);
		since.current = performance.now();
		if (text !== '') {
			timer.current = setTimeout(() => said.set(''), noticeMs(text));
		}
	};
	useEachKey(() => {
		if (said.get() !== '' && performance.now() - since.current > leastMs) {
			tell('');
		}
	});
	return { said, tell };
};
