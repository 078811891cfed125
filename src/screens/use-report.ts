import { useRef } from 'react';
import { bytes } from '../components/figures.ts';
import type { Actions } from '../stores/workspace.ts';
import { type Navigation, useNavigation } from './navigation.ts';

/** Writes the report of a run to a file, and says where, or why not. */
export const writeReport = async (
	run: string,
	actions: Pick<Actions, 'saveReport'>,
	{ tell, open }: Pick<Navigation, 'tell' | 'open'>,
): Promise<void> => {
	tell('Writing the report …');
	try {
		const { file, bytes: count } = await actions.saveReport(run);
		tell(`Wrote the report, ${bytes(count)}, to ${file}`);
	} catch (error) {
		open({ kind: 'error', error, doing: 'writing the report' });
	}
};

/** Returns the action of a key that writes a run's report: one at a time. */
export const useReport = (actions: Pick<Actions, 'saveReport'>): ((run: string) => void) => {
	const navigation = useNavigation();
	const writing = useRef(false);
	return (run) => {
		if (!writing.current) {
			writing.current = true;
			void writeReport(run, actions, navigation).finally(() => {
				writing.current = false;
			});
		}
	};
};
