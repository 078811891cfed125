import { plural } from '../../components/figures.ts';
import type { LinePattern } from '../../stores/line-pattern.ts';
import type { LogView } from '../../stores/log-view.ts';
import type { Found } from '../../stores/log-view-state.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { useSaving } from '../use-output-keys.ts';

/** The operator's actions on the logs of the screen; each reports its result in one line. */
export interface LogActions {
	toError(step: 1 | -1): void;
	toMatch(step: 1 | -1): void;
	toMark(): void;
	/** Called with the text of a prompt. */
	onPattern(prompt: 'search' | 'filter', pattern: LinePattern | undefined): void;
	save(which: 'all' | 'filtered'): void;
}

export const useLogActions = (workspace: Workspace, view: LogView): LogActions => {
	const { tell } = useNavigation();
	const saveOutput = useSaving();
	const report = (looked: Promise<Found>, nothing: string) => {
		void looked.then((found) => {
			if (found === 'nothing') {
				tell(nothing);
			} else if (found === 'too slow') {
				tell('This expression takes too long for a single line: it was given up.');
			}
		});
	};
	const noMatch = (text: string) => `Nothing matches /${text} in the lines that are in memory.`;
	return {
		toError: (step) => {
			const { filter } = view.state.get();
			const none =
				filter === undefined ? 'No line in memory is an error.' : 'None of the lines that match is an error.';
			report(view.toError(step), none);
		},
		toMatch: (step) => report(view.toMatch(step), noMatch(view.state.get().search?.text ?? '')),
		toMark: () => {
			if (!view.toMark()) {
				tell('Nothing is marked: m marks a line.');
			}
		},
		onPattern: (prompt, pattern) => {
			if (prompt === 'filter') {
				view.filter(pattern);
			} else {
				report(view.search(pattern), noMatch(pattern?.text ?? ''));
			}
		},
		save: (which) => {
			const { services, lines: held } = view.logs;
			const { lines, bytes } = view.saved(which);
			if (lines === 0) {
				tell('There is no line yet: nothing was saved.');
				return;
			}
			const { dropped } = held;
			saveOutput(
				() => workspace.actions.saveLines(services.length > 2 ? 'logs' : services.join('+'), bytes()),
				[
					which === 'filtered' ? ', the lines that match only' : '',
					dropped === 0 ? '' : `, without the oldest ${plural(dropped, 'line')}`,
				].join(''),
			);
		},
	};
};
