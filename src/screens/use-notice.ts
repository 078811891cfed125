import { useEffect, useMemo, useRef } from 'react';
import { createStore, type Readable } from '../stores/store.ts';

const noticeMs = 8000;

/** What was just said, for a while. */
export const useNotice = (): { readonly said: Readable<string>; readonly tell: (text: string) => void } => {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const said = useMemo(() => createStore(''), []);
	useEffect(() => () => clearTimeout(timer.current), []);
	const tell = (text: string) => {
		clearTimeout(timer.current);
		said.set(text);
		if (text !== '') {
			timer.current = setTimeout(() => said.set(''), noticeMs);
		}
	};
	return { said, tell };
};
