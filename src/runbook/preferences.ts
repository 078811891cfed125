/** The themes of the screen and of what commands print. */
export const themeNames = ['dark', 'light', 'high-contrast', 'colour-blind'] as const;
export type ThemeName = (typeof themeNames)[number];

/** What holds where the config says nothing of `notify`. */
export const defaultNotify = { bell: true, terminal: true, desktop: false, afterMs: 10_000 };
