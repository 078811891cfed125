import { useRef } from 'react';
import type { Binding } from '../components/keymap/bindings.ts';
import { useBindings } from '../components/keymap/keymap-provider.tsx';

/** Takes what is typed as a filter, until Enter keeps it or Esc clears it. What it looks like is the list's business. */
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
	/** What Esc does instead of clearing. */
	readonly onCancel?: () => void;
	readonly labels?: { readonly enter: string; readonly esc: string };
	/** Other keys that work meanwhile. */
	readonly more?: readonly Binding[];
}) => {
	// Keys of one piece come faster than renders: each reads what the one before has left.
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
