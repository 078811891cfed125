import { useEffect, useMemo, useRef } from 'react';
import { createStore, type Readable } from '../stores/store.ts';

/** How long a notice stays, ms: for as long as it takes to read it, for it covers the keys. */
const noticeMs = (text: string): number => Math.max(3000, 60 * text.length);

/** What was just said, for a while. */
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
