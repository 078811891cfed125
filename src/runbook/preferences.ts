/** Themes for the screen and for printed output. */
export const themeNames = ['dark', 'light', 'high-contrast', 'colour-blind'] as const;
export type ThemeName = (typeof themeNames)[number];

/** Defaults for the config's `notify`. */
export const defaultNotify = { bell: true, terminal: true, desktop: false, afterMs: 10_000, lockHeldMs: 1_800_000 };
