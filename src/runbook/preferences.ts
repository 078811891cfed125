/** The themes of the screen and of what commands print. */
export const themeNames = ['dark', 'light', 'high-contrast', 'colour-blind'] as const;
export type ThemeName = (typeof themeNames)[number];

/** How the operator is told that a run has ended, or waits for him. */
export interface NotifyPreferences {
	readonly bell: boolean;
	/** By the terminal, where it can (OSC 9, OSC 777). */
	readonly terminal: boolean;
	/** By the desktop: notify-send, osascript. */
	readonly desktop: boolean;
	/** A URL that gets every one as JSON. */
	readonly webhook?: string;
	/** Bell, terminal and desktop only after so long a wait, ms: who has just begun it still looks. */
	readonly afterMs: number;
}

export const defaultNotify: NotifyPreferences = { bell: true, terminal: true, desktop: false, afterMs: 10_000 };
