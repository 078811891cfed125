import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import { createConnectionLimiter } from '../../services/ssh/connection-limiter.ts';
import { createKeyRing } from '../../services/ssh/keys.ts';
import type { Fleet } from '../../stores/fleet.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import type { PendingPrompt } from '../../stores/workspace.ts';
import { type AttendedWorkspace, openWorkspace, type WorkspaceOptions } from './workspace.ts';

interface PendingTarget {
	readonly target: string;
	readonly question: PendingPrompt;
}

/**
 * Opens the targets of a config for the screen. Keys are unlocked once for all; connections are made a few at a time, first those that are
 * attended to. The caller closes it.
 */
export const createFleet = (
	targets: readonly Target[],
	{ readOnly = false, ...options }: Omit<WorkspaceOptions, 'ask' | 'keys' | 'turn' | 'lean'> = {},
): Fleet => {
	const keys = createKeyRing();
	const turns = createConnectionLimiter();
	const opened = new Map<string, AttendedWorkspace>();
	const asked = createStore<readonly PendingTarget[]>([]);
	let attended: readonly string[] = [];

	/** Returns a target's question; else a passphrase that another one asks for, as this one may be waiting for the same key. */
	const questionOf = (name: string): Readable<PendingPrompt | undefined> => ({
		get: () => {
			const all = asked.get();
			const own = all.find(({ target }) => target === name);
			return (own ?? all.find(({ question }) => question.kind === 'passphrase'))?.question;
		},
		subscribe: asked.subscribe,
	});

	const open = (name: string): AttendedWorkspace => {
		const known = opened.get(name);
		if (known !== undefined) {
			return known;
		}
		const target = targets.find((candidate) => candidate.name === name);
		if (target === undefined) {
			throw new BackoutError('usage', `the config has no target ${JSON.stringify(name)}`);
		}
		const own = openWorkspace(target, {
			...options,
			readOnly,
			keys,
			turn: (signal) => turns.take(signal, () => attended.includes(name)),
			lean: !attended.includes(name),
		});
		own.question.subscribe(() => {
			const question = own.question.get();
			asked.update((now) => [
				...now.filter((one) => one.target !== name),
				...(question === undefined ? [] : [{ target: name, question }]),
			]);
		});
		const workspace = { ...own, question: questionOf(name) };
		opened.set(name, workspace);
		return workspace;
	};

	return {
		targets: targets.map(({ name, host, badge, readOnly: fixed }) => ({
			name,
			host,
			readOnly: fixed || readOnly,
			...(badge !== undefined && { badge }),
		})),
		open,
		openAll: () => targets.map(({ name }) => open(name)),
		attend: (names) => {
			attended = names;
			for (const [name, workspace] of opened) {
				workspace.attend(names.includes(name));
			}
			turns.hurry();
		},
		question: { get: () => asked.get()[0]?.question, subscribe: asked.subscribe },
		close: async () => {
			await Promise.all([...opened.values()].map((workspace) => workspace.close()));
		},
	};
};
