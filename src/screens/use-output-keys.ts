import { useRef } from 'react';
import { bytes, plural } from '../components/figures.ts';
import type { Binding } from '../components/keymap/bindings.ts';
import { useBindings } from '../components/keymap/keymap-provider.tsx';
import { useClipboard } from '../components/use-clipboard.ts';
import type { PaneView } from '../stores/pane-view.ts';
import type { Actions, Followed, SavedFile } from '../stores/workspace.ts';
import { useNavigation } from './navigation.ts';

/** More characters than any terminal's clipboard accepts; longer output is not collected only to be dropped. */
const mostCharacters = 80_000;

/** Returns all lines in memory as one text; undefined when that is far too long to copy. */
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

/** Returns a function that saves output into a file of this machine, one at a time, and reports the result. */
export const useSaving = (): ((save: () => Promise<SavedFile>, remark?: string) => void) => {
	const { tell, open } = useNavigation();
	const saving = useRef(false);
	return (save, remark = '') => {
		if (saving.current) {
			return;
		}
		saving.current = true;
		tell('Saving the output …');
		save()
			.then(
				({ file, bytes: count }) => tell(`Saved ${bytes(count)} to ${file}${remark}`),
				(error: unknown) => open({ kind: 'error', error, doing: 'saving the output' }),
			)
			.finally(() => {
				saving.current = false;
			});
	};
};

/** Returns a function that copies output to the terminal's clipboard: all of it if that fits, else the visible part; and says which. */
export const useCopying = (view: PaneView): (() => void) => {
	const { tell } = useNavigation();
	const copyText = useClipboard();
	const { buffer } = view;
	return () => {
		if (buffer.lineCount === buffer.firstLine) {
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
};

/** Returns the keys that save and copy output. */
export const outputBindings = (save: () => void, copy: () => void): readonly Binding[] => [
	{ keys: ['ctrl-s'], label: 'save to a file', group: 'Output', run: save },
	{ keys: ['c'], label: 'copy', group: 'Output', run: copy },
];

/** Binds the keys that save output to a file, or copy it to the clipboard. They report what they did. */
export const useOutputKeys = (followed: Followed, view: PaneView, actions: Actions, active: boolean): void => {
	const { tell } = useNavigation();
	const saveOutput = useSaving();
	const copy = useCopying(view);
	const { buffer } = view;
	const save = () => {
		if (buffer.lineCount === 0) {
			tell('There is no output yet: nothing was saved.');
			return;
		}
		const dropped = 'service' in followed ? buffer.firstLine : 0;
		saveOutput(
			() => ('service' in followed ? actions.saveLog(followed) : actions.saveOutput(followed.id)),
			dropped === 0 ? '' : `, without the oldest ${plural(dropped, 'line')}`,
		);
	};
	useBindings(outputBindings(save, copy), { layer: 'panel', active });
};
