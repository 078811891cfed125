import { Box, Text } from 'ink';
import SelectInput from 'ink-select-input';
import { useState } from 'react';
import { centred, Dialog } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { line } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { useTheme } from '../../components/theme-context.tsx';
import { type ThemeName, themeNames } from '../../runbook/preferences.ts';

const about: Readonly<Record<ThemeName, string>> = {
	dark: "the terminal's own colours",
	light: 'for a light background',
	'high-contrast': 'bright on black, nothing faint',
	'colour-blind': 'blue, yellow and orange',
};

const items = themeNames.map((name, index) => ({
	key: name,
	value: name,
	label: `${index + 1}  ${name.padEnd(15)}${about[name]}`,
}));

/** Chooses a theme: the screen shows the highlighted one. Esc restores the last one. */
export const ThemeDialog = ({
	area,
	onChosen,
	onClose,
}: {
	readonly area: Rect;
	readonly onChosen: (name: ThemeName) => void;
	readonly onClose: () => void;
}) => {
	const { name, choose } = useTheme();
	const [before] = useState(name);
	const rect = centred(area, 60, items.length + 4);
	const leave = () => {
		choose(before);
		onClose();
	};
	useBindings([{ keys: ['esc', 'q'], label: 'cancel', run: leave }], { layer: 'dialog', modal: true });
	return (
		<>
			<Dialog
				rect={rect}
				title="Theme"
				rows={[...Array.from({ length: items.length + 1 }, () => []), line('Enter apply, Esc cancel', 'muted')]}
			/>
			<Box position="absolute" left={rect.x + 2} top={rect.y + 1} width={rect.width - 4} height={items.length}>
				<SelectInput
					items={items}
					initialIndex={themeNames.indexOf(before)}
					itemComponent={ThemeItem}
					onHighlight={({ value }) => choose(value)}
					onSelect={({ value }) => onChosen(value)}
				/>
			</Box>
		</>
	);
};

const ThemeItem = ({ label, isSelected = false }: { readonly label: string; readonly isSelected?: boolean }) => (
	<Text inverse={isSelected} wrap="truncate-end">
		{label}
	</Text>
);
