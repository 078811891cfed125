import type { Fleet } from '../../src/stores/fleet.ts';
import { createStore } from '../../src/stores/store.ts';
import type { PendingPrompt } from '../../src/stores/workspace.ts';
import type { createFakeWorkspace } from './fake-workspace.ts';

export interface FakeFleet extends Fleet {
	/** `open NAME` when a target was first opened, `attend NAMES` whenever others are looked at. */
	readonly calls: readonly string[];
	readonly asked: ReturnType<typeof createStore<PendingPrompt | undefined>>;
}

/** A fleet of made-up targets. */
export const createFakeFleet = (fakes: readonly ReturnType<typeof createFakeWorkspace>[]): FakeFleet => {
	const calls: string[] = [];
	const asked = createStore<PendingPrompt | undefined>(undefined);
	const opened = new Set<string>();
	const open = (name: string) => {
		const fake = fakes.find(({ workspace }) => workspace.target.name === name);
		if (fake === undefined) {
			throw new Error(`no target ${name}`);
		}
		if (!opened.has(name)) {
			opened.add(name);
			calls.push(`open ${name}`);
		}
		return fake.workspace;
	};
	return {
		targets: fakes.map(({ workspace: { target } }) => ({
			name: target.name,
			host: target.host,
			readOnly: target.readOnly,
			...(target.badge !== undefined && { badge: target.badge }),
		})),
		open,
		openAll: () => fakes.map(({ workspace }) => open(workspace.target.name)),
		attend: (names) => calls.push(`attend ${names.join(' ')}`.trimEnd()),
		question: asked,
		close: async () => {},
		calls,
		asked,
	};
};
