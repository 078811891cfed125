/** What a key does, and how help describes it. */
export interface Binding {
	/** Names of keys as `keysOf` gives them: `j`, `enter`, `ctrl-d`, `pageUp`. */
	readonly keys: readonly string[];
	/** What it does, for help and hints: a verb. */
	readonly label: string;
	/** The heading it stands under in help. */
	readonly group?: string;
	/** Works, but is not shown. */
	readonly hidden?: boolean;
	/** False: the key is as if unbound. True unless given. */
	readonly when?: boolean;
	run(key: string): void;
}

/** From the bottom to the top: a key goes to the highest layer that has it. */
export const LAYERS = ['global', 'screen', 'panel', 'dialog', 'prompt'] as const;
export type LayerName = (typeof LAYERS)[number];

export interface LayerOptions {
	/** `screen` unless given. In the same layer, the one that was opened last is higher. */
	readonly layer?: LayerName;
	/** Keys that it does not have go no further, except to `global` bindings with ctrl. */
	readonly modal?: boolean;
	/** Off: as if not there. Turned on again, it counts as just opened. */
	readonly active?: boolean;
	/** Keys typed less than this many ms after it opened are dropped: a confirmation's guard against fast fingers. */
	readonly guardMs?: number;
	/**
	 * Whether keys that came in one piece with the key that opened it are for it. Not so for screens, dialogs and
	 * prompts unless given: what was typed before they were seen never answers them.
	 */
	readonly typeAhead?: boolean;
	/** Makes it a text layer: what is typed or pasted there, without line ends. Printable keys are text before they are bindings. */
	readonly onText?: (text: string) => void;
}

/** A binding as help and hints show it. */
export interface LiveBinding {
	readonly keys: readonly string[];
	readonly label: string;
	readonly group: string;
	readonly layer: LayerName;
}
