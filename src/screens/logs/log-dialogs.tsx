import type { Rect } from '../../components/panel.ts';
import type { FollowedLogs, LogSince } from '../../stores/followed-logs.ts';
import { ChoiceDialog } from '../overlays/choice-dialog.tsx';
import { ServicesDialog } from './services-dialog.tsx';
import { SinceDialog } from './since-dialog.tsx';

export type LogDialog = 'since' | 'services' | 'save';

/** The lines to read. */
export interface LogRequest {
	readonly services: readonly string[];
	readonly since: LogSince;
}

export interface LogDialogsProps {
	readonly dialog: LogDialog;
	readonly area: Rect;
	readonly logs: FollowedLogs;
	/** All services that may be chosen. */
	readonly services: readonly string[];
	readonly onRequest: (change: Partial<LogRequest>) => void;
	readonly onSave: (which: 'all' | 'filtered') => void;
	readonly onClose: () => void;
}

/** The dialogs of the log screen: which lines to read, and which to save. */
export const LogDialogs = ({ dialog, area, logs, services, onRequest, onSave, onClose }: LogDialogsProps) => {
	switch (dialog) {
		case 'since':
			return (
				<SinceDialog
					area={area}
					now={logs.since}
					onSince={(since) => {
						onClose();
						onRequest({ since });
					}}
					onClose={onClose}
				/>
			);
		case 'services':
			return (
				<ServicesDialog
					area={area}
					services={[...new Set([...services, ...logs.services])].sort()}
					chosen={logs.services}
					onChoose={(chosen) => {
						onClose();
						if (chosen.length > 0 && chosen.join(' ') !== logs.services.join(' ')) {
							onRequest({ services: chosen });
						}
					}}
					onClose={onClose}
				/>
			);
		case 'save': {
			const save = (which: 'all' | 'filtered') => () => {
				onClose();
				onSave(which);
			};
			return (
				<ChoiceDialog
					area={area}
					title="Save which lines?"
					text={['Into a new file in the folder backout was started in, readable by its owner only.']}
					choices={[
						{ label: 'Save nothing', run: onClose },
						{ key: 'm', label: 'The lines that match', run: save('filtered') },
						{ key: 'a', label: 'All lines in memory', run: save('all') },
					]}
				/>
			);
		}
	}
};
