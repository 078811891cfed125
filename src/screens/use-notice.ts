import { useEffect, useMemo, useRef } from 'react';
import { createStore, type Readable } from '../stores/store.ts';

/** Returns how long a notice stays, ms: as long as reading takes, since it covers the keys. */
const noticeMs = (text: string): number => Math.max(3000, 60 * text.length);

/** Keeps the current notice for a while. */
export const useNotice = (): { readonly said: Readable<string>; readonly tell: (text: string) => void } => {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const said = useMemo(() => createStore(''), []);
	useEffect(() => () => clearTimeout(timer.current), []);
	const tell = (text: string) => {
		clearTimeout(timer.current);
		said.set(text);
		if (text !== '') {
			timer.current = setTimeout(() => said.set(''), noticeMs(text));
		}
	};
	return { said, tell };
};
