import { useIsScreenReaderEnabled } from 'ink';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import type { ThemeName } from '../runbook/preferences.ts';
import type { TextStyle } from './paint.ts';
import { type Depth, paletteOf } from './theme.ts';

/** The theme of the screen. */
export interface Theme extends TextStyle {
	readonly name: ThemeName;
	/** True when there are colours. */
	readonly coloured: boolean;
	choose(name: ThemeName): void;
}

const make = (name: ThemeName, depth: Depth, links: boolean, choose: Theme['choose']): Theme => ({
	name,
	links,
	palette: paletteOf(name, depth),
	coloured: depth !== 'none',
	choose,
});

const ThemeContext = createContext<Theme>(make('dark', 'sixteen', false, () => {}));

/** Provides the theme, and lets it be changed while the screen is shown. */
export const ThemeProvider = ({
	initial,
	depth,
	links,
	children,
}: {
	readonly initial: ThemeName;
	readonly depth: Depth;
	readonly links: boolean;
	readonly children: ReactNode;
}) => {
	const [name, setName] = useState(initial);
	const spoken = useIsScreenReaderEnabled();
	const theme = useMemo(() => ({ ...make(name, depth, links, setName), spoken }), [name, depth, links, spoken]);
	return <ThemeContext value={theme}>{children}</ThemeContext>;
};

export const useTheme = (): Theme => useContext(ThemeContext);
