import type { Rect } from '../../components/panel.ts';
import type { LogSince } from '../../stores/followed-logs.ts';
import { ChoiceDialog } from '../overlays/choice-dialog.tsx';
import { sinceLabel } from './log-labels.ts';

const minute = 60_000;
const choices: readonly { readonly key: string; readonly label: string; readonly since: LogSince }[] = [
	{ key: 'n', label: 'The newest 2,000 lines of each', since: 'newest' },
	{ key: '1', label: 'Since 10 minutes ago', since: { agoMs: 10 * minute } },
	{ key: '2', label: 'Since an hour ago', since: { agoMs: 60 * minute } },
	{ key: '3', label: 'Since 24 hours ago', since: { agoMs: 24 * 60 * minute } },
	{ key: 's', label: 'Since the start of the service', since: 'start' },
	{ key: 'a', label: 'All that there is', since: 'all' },
];

/** Chooses the start of the logs. */
export const SinceDialog = ({
	area,
	now,
	onSince,
	onClose,
}: {
	readonly area: Rect;
	readonly now: LogSince;
	readonly onSince: (since: LogSince) => void;
	readonly onClose: () => void;
}) => (
	<ChoiceDialog
		area={area}
		title="Since when?"
		text={['At most 60,000 lines are read at once, the newest; older ones follow when you scroll up to them.']}
		choices={[
			{ label: `As it is: ${sinceLabel(now)}`, run: onClose },
			...choices.map(({ key, label, since }) => ({ key, label, run: () => onSince(since) })),
		]}
	/>
);
