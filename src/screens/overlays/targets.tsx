import { Box, Text } from 'ink';
import SelectInput from 'ink-select-input';
import { cleanText } from '../../components/clean-text.ts';
import { centred, Dialog } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { line } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import type { TargetChoice } from '../target-choice.ts';

/** Chooses the target to look at. A digit switches at once: looking at another target changes nothing. */
export const Targets = ({
	area,
	targets,
	current,
	onSelect,
	onClose,
}: {
	readonly area: Rect;
	readonly targets: readonly TargetChoice[];
	readonly current: string;
	readonly onSelect: (name: string) => void;
	readonly onClose: () => void;
}) => {
	const shown = Math.min(targets.length, Math.max(1, area.height - 5));
	const rect = centred(area, 72, shown + 4);
	useBindings([{ keys: ['esc', 'q'], label: 'close', run: onClose }], { layer: 'dialog', modal: true });
	const items = targets.map(({ name, host, badge, readOnly }, index) => ({
		key: name,
		value: name,
		label: cleanText(
			[
				index < 9 ? `${index + 1}` : ' ',
				name.padEnd(14),
				host,
				badge === undefined || badge === name ? '' : badge.toUpperCase(),
				readOnly ? 'read-only' : '',
				name === current ? 'shown now' : '',
			]
				.filter((word) => word !== '')
				.join('  '),
		),
	}));
	return (
		<>
			<Dialog
				rect={rect}
				title="Targets"
				rows={[...Array.from({ length: shown + 1 }, () => []), line('Enter switches, Esc stays', 'muted')]}
			/>
			<Box position="absolute" left={rect.x + 2} top={rect.y + 1} width={rect.width - 4} height={shown}>
				<SelectInput
					items={items}
					limit={shown}
					initialIndex={Math.max(
						0,
						targets.findIndex(({ name }) => name === current),
					)}
					itemComponent={TargetItem}
					onSelect={({ value }) => onSelect(value)}
				/>
			</Box>
		</>
	);
};

const TargetItem = ({ label, isSelected = false }: { readonly label: string; readonly isSelected?: boolean }) => (
	<Text inverse={isSelected} wrap="truncate-end">
		{label}
	</Text>
);
