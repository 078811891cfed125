import { useRef } from 'react';
import { bytes, plural } from '../components/figures.ts';
import { useBindings } from '../components/keymap/keymap-provider.tsx';
import { useClipboard } from '../components/use-clipboard.ts';
import type { PaneView } from '../stores/pane-view.ts';
import type { Actions } from '../stores/workspace.ts';
import type { Followed } from './followed-pane.tsx';
import { useNavigation } from './navigation.ts';

/** More characters than any terminal's clipboard takes; longer output is not put together to be thrown away. */
const mostCharacters = 80_000;

/** All lines in memory as one text; undefined when that is far too long to copy. */
const wholeText = ({ buffer, text }: PaneView): string | undefined => {
	const lines: string[] = [];
	let characters = 0;
	for (let line = buffer.firstLine; line < buffer.lineCount; line++) {
		const shown = text(line) ?? '';
		characters += shown.length + 1;
		if (characters > mostCharacters) {
			return undefined;
		}
		lines.push(shown);
	}
	return lines.join('\n');
};

/** The keys by which output leaves the screen: into a file, or onto the clipboard. They say what they did. */
export const useOutputKeys = (followed: Followed, view: PaneView, actions: Actions, active: boolean): void => {
	const { tell, open } = useNavigation();
	const copyText = useClipboard();
	const saving = useRef(false);
	const { buffer } = view;

	const save = () => {
		if (saving.current) {
			return;
		}
		if (buffer.lineCount === 0) {
			tell('There is no output yet: nothing was saved.');
			return;
		}
		saving.current = true;
		tell('Saving the output …');
		const dropped = 'service' in followed ? buffer.firstLine : 0;
		const saved = 'service' in followed ? actions.saveLog(followed) : actions.saveOutput(followed.id);
		saved
			.then(
				({ file, bytes: count }) =>
					tell(
						`Saved ${bytes(count)} to ${file}${dropped === 0 ? '' : `, without the oldest ${plural(dropped, 'line')}`}`,
					),
				(error: unknown) => open({ kind: 'error', error, doing: 'saving the output' }),
			)
			.finally(() => {
				saving.current = false;
			});
	};
	const copy = () => {
		if (buffer.lineCount === 0) {
			tell('There is no output yet: nothing was copied.');
			return;
		}
		const whole = wholeText(view);
		if (whole !== undefined && copyText(whole)) {
			tell(`Sent all of it, ${plural(buffer.lineCount - buffer.firstLine, 'line')}, to the terminal’s clipboard.`);
			return;
		}
		const shown = view.shown();
		tell(
			copyText(shown.join('\n'))
				? `Sent the ${plural(shown.length, 'visible line')} to the terminal’s clipboard; Ctrl-S saves all.`
				: 'Even the visible lines are too long for a clipboard: Ctrl-S saves all.',
		);
	};
	useBindings(
		[
			{ keys: ['ctrl-s'], label: 'save to a file', group: 'Output', run: save },
			{ keys: ['c'], label: 'copy', group: 'Output', run: copy },
		],
		{ layer: 'panel', active },
	);
};
