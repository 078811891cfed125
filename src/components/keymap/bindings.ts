/** The action of a key, and its description in help. */
export interface Binding {
	/** Names of keys as `keysOf` returns them: `j`, `enter`, `ctrl-d`, `pageUp`. */
	readonly keys: readonly string[];
	/** The action, for help and hints: a verb. */
	readonly label: string;
	/** The heading in help. */
	readonly group?: string;
	/** True when it works, but is not shown. */
	readonly hidden?: boolean;
	/** False: the key is as if unbound. Default true. */
	readonly when?: boolean;
	run(key: string): void;
}

/** Layers from bottom to top: a key goes to the highest layer that has it. */
export const LAYERS = ['global', 'screen', 'panel', 'dialog', 'prompt'] as const;
export type LayerName = (typeof LAYERS)[number];

export interface LayerOptions {
	/** Default `screen`. In the same layer, the one that was opened last is higher. */
	readonly layer?: LayerName;
	/** True: keys that it does not have go no further, except to `global` bindings with ctrl. */
	readonly modal?: boolean;
	/** False: as if it did not exist. Turned on again, it counts as just opened. */
	readonly active?: boolean;
	/** Keys typed within this time after it opened are dropped, ms: protects a confirmation against fast fingers. */
	readonly guardMs?: number;
	/**
	 * True: keys that came in one piece with the key that opened it are for it. Default false for screens, dialogs and prompts: keys
	 * typed before these were visible never answer them.
	 */
	readonly typeAhead?: boolean;
	/** Makes it a text layer: receives what is typed or pasted there, without line ends. Printable keys are text before they are bindings. */
	readonly onText?: (text: string) => void;
}

/** A binding as help and hints show it. */
export interface LiveBinding {
	readonly keys: readonly string[];
	readonly label: string;
	readonly group: string;
	readonly layer: LayerName;
}
