import { useBindings } from '../components/keymap/keymap-provider.tsx';
import { useMouse } from '../components/mouse/use-mouse.ts';
import { useTheme } from '../components/theme-context.tsx';
import { type ThemeName, themeNames } from '../runbook/preferences.ts';
import type { Navigation } from './navigation.ts';
import type { Command } from './overlays/palette.tsx';

const useMouseSwitch = (tell: Navigation['tell']) => {
	const mouse = useMouse();
	return (on = !mouse.on.get()) => {
		mouse.set(on);
		tell(
			on
				? 'Mouse on: the wheel scrolls, a click selects and starts nothing. Most terminals select text with Shift held.'
				: 'Mouse off.',
		);
	};
};

/** Applies a theme, and says how to keep it for the next time. */
export const useThemeSwitch = (tell: Navigation['tell']) => {
	const { choose } = useTheme();
	return (name: ThemeName) => {
		choose(name);
		tell(`Theme ${name}. To keep it: theme: ${name} in the config, or BACKOUT_THEME.`);
	};
};

/** Binds the key that turns the mouse on and off. */
export const useMouseKey = (tell: Navigation['tell']): void => {
	const turn = useMouseSwitch(tell);
	useBindings([{ keys: ['M'], label: 'mouse on or off', group: 'Program', run: () => turn() }], {
		layer: 'global',
	});
};

/** Returns the commands that change the look of the screen, and nothing else. */
export const useAppearanceCommands = ({ tell }: Pick<Navigation, 'tell'>): Command[] => {
	const theme = useTheme();
	const keepTheme = useThemeSwitch(tell);
	const turnMouse = useMouseSwitch(tell);
	const mouse = ['on', 'off'].map((word) => ({
		name: `mouse ${word}`,
		about: word === 'on' ? 'wheel scrolls, a click selects' : 'the terminal selects text',
		run: () => turnMouse(word === 'on'),
	}));
	const themes = themeNames.map((name) => ({
		name: `theme ${name}`,
		about: name === theme.name ? 'current' : 'colours',
		run: () => keepTheme(name),
	}));
	return [...themes, ...mouse];
};
