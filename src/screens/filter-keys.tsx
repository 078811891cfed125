import { useRef } from 'react';
import type { Binding } from '../components/keymap/bindings.ts';
import { useBindings } from '../components/keymap/keymap-provider.tsx';

/** Takes typed text as a filter, until Enter keeps it or Esc clears it. The list displays it. */
export const FilterKeys = ({
	text,
	onText,
	onEnd,
	onCancel = () => {
		onText('');
		onEnd();
	},
	labels = { enter: 'keep filter', esc: 'clear filter' },
	more = [],
}: {
	readonly text: string;
	readonly onText: (text: string) => void;
	readonly onEnd: () => void;
	/** Replaces clearing as the action of Esc. */
	readonly onCancel?: () => void;
	readonly labels?: { readonly enter: string; readonly esc: string };
	/** Other keys that work meanwhile. */
	readonly more?: readonly Binding[];
}) => {
	// Keys of one piece arrive faster than renders, so each reads the state that the one before has left.
	const latest = useRef(text);
	latest.current = text;
	const change = (next: string) => {
		latest.current = next;
		onText(next);
	};
	useBindings(
		[
			...more,
			{ keys: ['enter'], label: labels.enter, run: onEnd },
			{ keys: ['esc'], label: labels.esc, run: onCancel },
			{
				keys: ['backspace'],
				label: 'rub out',
				hidden: true,
				run: () => (latest.current === '' ? onCancel() : change([...latest.current].slice(0, -1).join(''))),
			},
			{ keys: ['ctrl-u'], label: 'empty', hidden: true, run: () => change('') },
		],
		{ layer: 'prompt', typeAhead: true, onText: (typed) => change(latest.current + typed) },
	);
	return null;
};
