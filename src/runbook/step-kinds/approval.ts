import { defineStepKind } from './step-kind.ts';

/** The wait for another operator's approval. It comes from `approve` of the procedure, and has no key of its own. */
export const approval = defineStepKind({
	about: 'the approval of another operator',
	supervised: 'approval',
	// Its id and title say it.
	label: '',
	keys: () => ({}),
	build: () => ({ script: '', timeoutMs: 0 }),
	limit: ({ timeoutSeconds }, duration) => `lapses after ${duration(timeoutSeconds * 1000)}`,
	estimate: () => 'unknown',
});
