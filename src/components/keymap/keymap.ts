import { createStore, type Readable } from '../../stores/store.ts';
import { textOf } from '../../terminal/keys.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import { type Binding, LAYERS, type LayerOptions, type LiveBinding } from './bindings.ts';

/** A component's registration; `current` returns its bindings and options as of the last commit. */
export interface LayerSource {
	current(): { readonly bindings: readonly Binding[]; readonly options: LayerOptions };
}

export interface Keymap {
	/** Opens a layer; returns a function that closes it. */
	open(source: LayerSource): () => void;
	/** Must be called when the bindings of a layer may have changed. */
	refresh(): void;
	/** Takes keys that arrived in one event, at `time` (ms of `performance.now`). */
	type(keys: readonly string[], time: number): void;
	paste(text: string, time: number): void;
	/** The bindings that a key would reach now, from the top layer down. */
	readonly live: Readable<readonly LiveBinding[]>;
	/** The number of keys so far; it changes before a key does anything. */
	readonly pressed: Readable<number>;
}

interface Layer {
	readonly source: LayerSource;
	readonly order: number;
	readonly openedAt: number;
}

interface Typed {
	readonly keys: string[];
	/** The time when they arrived, ms. */
	readonly time: number;
}

const rank = (layer: Layer) => LAYERS.indexOf(layer.source.current().options.layer ?? 'screen');

/**
 * Dispatches keys to layers of bindings. Keys that arrived in one piece are handled one by one, with a turn of the event loop in
 * between, so that each meets the screen that the one before it has made.
 */
export const createKeymap = (now: () => number = () => performance.now()): Keymap => new LayeredKeymap(now);

const bindingsOf = (layer: Layer) => layer.source.current().bindings.filter((binding) => binding.when !== false);

/**
 * True when keys were typed before the layer opened: they cannot be an answer to it, whether they are in the same piece or still waiting.
 */
const isTooEarly = (layer: Layer, time: number): boolean => {
	const { options } = layer.source.current();
	const name = options.layer ?? 'screen';
	const age = time - layer.openedAt;
	const ahead = options.typeAhead ?? (name === 'global' || name === 'panel');
	return (!ahead && age <= 0) || (options.guardMs !== undefined && age < options.guardMs);
};

class LayeredKeymap implements Keymap {
	readonly live = createStore<readonly LiveBinding[]>([], (a, b) => JSON.stringify(a) === JSON.stringify(b));
	readonly pressed = createStore(0);
	readonly #now: () => number;
	readonly #queue: Typed[] = [];
	#layers: readonly Layer[] = [];
	#opened = 0;
	#stale = false;
	#draining = false;

	constructor(now: () => number) {
		this.#now = now;
	}

	open(source: LayerSource): () => void {
		const layer = { source, order: ++this.#opened, openedAt: this.#now() };
		this.#layers = [...this.#layers, layer];
		return () => {
			this.#layers = this.#layers.filter((each) => each !== layer);
		};
	}

	refresh(): void {
		// Later, since this is called within React's commit, where no listener that renders may be called.
		if (!this.#stale) {
			this.#stale = true;
			queueMicrotask(() => this.#list());
		}
	}

	type(keys: readonly string[], time: number): void {
		this.#queue.push({ keys: [...keys], time });
		if (!this.#draining) {
			this.#draining = true;
			this.#drain();
		}
	}

	paste(text: string, time: number): void {
		const top = this.#ordered()[0];
		const onText = top?.source.current().options.onText;
		// A paste is text and nothing else: it presses no key, whatever it contains. Keys still waiting go first.
		if (top && onText && this.#queue.length === 0 && !isTooEarly(top, time)) {
			onText(sanitiseText(text.replace(/[\r\n]+$/, '').replace(/[\r\n]+/g, ' ')));
		}
	}

	#ordered(): readonly Layer[] {
		return [...this.#layers].sort((a, b) => rank(b) - rank(a) || b.order - a.order);
	}

	#drain(): void {
		const typed = this.#queue[0];
		const key = typed?.keys.shift();
		if (!typed || key === undefined) {
			this.#queue.shift();
			this.#draining = this.#queue.length > 0;
			if (this.#draining) {
				this.#drain();
			}
			return;
		}
		// The next key waits until the changes of this one are committed.
		setImmediate(() => this.#drain());
		this.#dispatch(key, typed.time);
	}

	#dispatch(key: string, time: number): void {
		this.pressed.update((count) => count + 1);
		let blocked = false;
		for (const layer of this.#ordered()) {
			const { options } = layer.source.current();
			const isGlobal = options.layer === 'global';
			if (blocked && !(isGlobal && key.startsWith('ctrl-'))) {
				continue;
			}
			if (!isGlobal && isTooEarly(layer, time)) {
				return;
			}
			const text = textOf(key);
			if (options.onText && text !== undefined) {
				options.onText(text);
				return;
			}
			const binding = bindingsOf(layer).find((each) => each.keys.includes(key));
			if (binding) {
				binding.run(key);
				return;
			}
			blocked ||= Boolean(options.modal || options.onText);
		}
	}

	/** True while a layer drops keys because it has just opened; at the end of that time the bindings are listed again. */
	#waitsForGuard(layer: Layer): boolean {
		const { guardMs = 0 } = layer.source.current().options;
		const left = guardMs - (this.#now() - layer.openedAt);
		if (guardMs === 0 || left <= 0) {
			return false;
		}
		setTimeout(() => this.refresh(), Math.ceil(left)).unref();
		return true;
	}

	/** Lists the bindings that a key would reach. */
	#list(): void {
		this.#stale = false;
		const reachable: LiveBinding[] = [];
		let blocked = false;
		for (const layer of this.#ordered()) {
			const { options } = layer.source.current();
			// Nothing is offered that would be dropped.
			const isGuarded = this.#waitsForGuard(layer);
			for (const { keys, label, group = '', hidden } of isGuarded ? [] : bindingsOf(layer)) {
				const reached = !blocked || (options.layer === 'global' && keys.some((key) => key.startsWith('ctrl-')));
				if (reached && !hidden) {
					reachable.push({ keys, label, group, layer: options.layer ?? 'screen' });
				}
			}
			blocked ||= Boolean(options.modal || options.onText);
		}
		this.live.set(reachable);
	}
}
