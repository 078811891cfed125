import { useBindings } from '../components/keymap/keymap-provider.tsx';

/** Takes what is typed as a filter, until Enter keeps it or Esc clears it. What it looks like is the list's business. */
export const FilterKeys = ({
	text,
	onText,
	onEnd,
}: {
	readonly text: string;
	readonly onText: (text: string) => void;
	readonly onEnd: () => void;
}) => {
	useBindings(
		[
			{ keys: ['enter'], label: 'keep filter', run: onEnd },
			{
				keys: ['esc'],
				label: 'clear filter',
				run: () => {
					onText('');
					onEnd();
				},
			},
			{
				keys: ['backspace'],
				label: 'rub out',
				hidden: true,
				run: () => (text === '' ? onEnd() : onText([...text].slice(0, -1).join(''))),
			},
			{ keys: ['ctrl-u'], label: 'empty', hidden: true, run: () => onText('') },
		],
		{ layer: 'prompt', typeAhead: true, onText: (typed) => onText(text + typed) },
	);
	return null;
};
