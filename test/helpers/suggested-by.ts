import { diagnose } from '../../src/runbook/diagnose.ts';
import { unread } from '../../src/runbook/reading.ts';

type Look = Parameters<typeof diagnose>[1];

/** Returns what is suggested by these containers and by the failed check `converged`, and by nothing else: nothing else was read. */
export const suggestedBy = (
	suggestions: Parameters<typeof diagnose>[0],
	containers: NonNullable<Look['containers']['value']>,
	check: Omit<NonNullable<Look['verification']>['checks'][number], 'id' | 'title' | 'at'>,
) => {
	const now = Date.now();
	return diagnose(suggestions, {
		containers: { value: containers, state: 'down', at: now, maxAgeMs: 10_000 },
		verification: {
			verdict: 'failed',
			final: false,
			checks: [{ id: 'converged', title: 'Converged', at: now, ...check }],
			startedAt: now,
			settleSeconds: 30,
			reason: '',
		},
		health: [],
		logErrors: unread(0),
		commit: unread(0),
		now,
	});
};
