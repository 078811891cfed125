import { createFakeWorkspace, type FakeOptions } from './fake-workspace.ts';
import { checks, night } from './made-up.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

type Fake = ReturnType<typeof createFakeWorkspace>;

/** A target on which all is well. */
export const well = (name: string, target: FakeOptions['target'] = {}): Fake => {
	const fake = createFakeWorkspace({
		target: { name, host: `deploy@${name}.example`, badge: undefined, readOnly: false, ...target },
	});
	fake.stores.containers.update((reading) => ({
		...reading,
		state: 'ok',
		reason: undefined,
		value: (reading.value ?? []).map((container) => ({
			...container,
			state: 'ok' as const,
			status: 'running',
			health: container.health === undefined ? undefined : 'healthy',
			restarts: 0,
			exitCode: undefined,
		})),
	}));
	fake.stores.verification.set(checks(night, []));
	fake.stores.suggestion.set(undefined);
	return fake;
};

/** Cuts the link to a target. */
export const lost = (fake: Fake): Fake => {
	fake.stores.link.set({
		status: 'reconnecting',
		since: night - 30_000,
		heardAt: night - 30_000,
		reason: 'nothing was heard for 8 s',
		attempt: 3,
		retryAt: night + 4000,
	});
	return fake;
};

/** The lines of the list, in their order. */
export const listed = ({ terminal }: OpenedApp, ...names: readonly string[]) =>
	terminal
		.screen()
		.slice(3)
		.map((row) => names.find((name) => new RegExp(`^ . ${name} `).test(row)))
		.filter((name) => name !== undefined);

/** Opens the app on the list of its targets: one that is well, one that is lost, one beside. */
export const openTargets = (options: Parameters<typeof openApp>[0] = {}) => {
	return openApp({
		shown: { kind: 'targets' },
		others: [well('standby', { badge: 'reserve' }), lost(well('edge-1')), well('edge-2')],
		...options,
	});
};
