import { useState } from 'react';
import { centred, Dialog } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { moved, windowStart } from '../../components/scroll.ts';
import { selectedRow } from '../../components/table.ts';

/** Chooses the services whose logs are shown together. */
export const ServicesDialog = ({
	area,
	services,
	chosen,
	onChoose,
	onClose,
}: {
	readonly area: Rect;
	readonly services: readonly string[];
	readonly chosen: readonly string[];
	readonly onChoose: (services: readonly string[]) => void;
	readonly onClose: () => void;
}) => {
	const [checked, setChecked] = useState<readonly string[]>(chosen);
	const [selected, setSelected] = useState(chosen[0] ?? services[0]);
	const room = Math.max(1, Math.min(services.length, area.height - 5));
	const at = Math.max(0, services.indexOf(selected ?? ''));
	const from = windowStart(services.length, at, room);
	const toggle = () => {
		if (selected !== undefined) {
			setChecked(checked.includes(selected) ? checked.filter((each) => each !== selected) : [...checked, selected]);
		}
	};
	const apply = () => {
		// In the order of the list, whatever the order of choosing; with no choice, the one under the cursor.
		const all = services.filter((service) => checked.includes(service));
		onChoose(all.length > 0 ? all : selected === undefined ? [] : [selected]);
	};
	useBindings(
		[
			{ keys: ['enter'], label: 'show', run: apply },
			{ keys: ['space'], label: 'check', run: toggle },
			{
				keys: ['a'],
				label: checked.length === services.length ? 'none' : 'all',
				run: () => setChecked(checked.length === services.length ? [] : services),
			},
			{ keys: ['esc', 'q'], label: 'close', run: onClose },
			{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => setSelected(moved(services, selected, 1)) },
			{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => setSelected(moved(services, selected, -1)) },
		],
		{ layer: 'dialog', modal: true },
	);
	const rows: Line[] = [
		...services.slice(from, from + room).map((service): Line => {
			const row: Line = [
				span(service === selected ? '› ' : '  '),
				span(checked.includes(service) ? '[x] ' : '[ ] ', 'accent'),
				span(service),
			];
			return service === selected ? selectedRow(row) : row;
		}),
		[],
		line('Space checks, a all, Enter shows them', 'muted'),
	];
	return <Dialog rect={centred(area, 48, rows.length + 2)} title="Logs of which services?" rows={rows} />;
};
