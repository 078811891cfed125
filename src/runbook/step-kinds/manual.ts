import { defineStepKind } from './step-kind.ts';

const defaultMs = 86_400_000;

/** A step that an operator does and confirms. */
export const manual = defineStepKind({
	about: 'what the operator does',
	supervised: 'manual',
	label: 'manual',
	keys: ({ text }) => ({
		manual: text()
			.optional()
			.describe('Task for the operator; the run waits on the host until somebody confirms that it is done'),
	}),
	build: ({ manual = '', timeout }) => ({ script: '', text: manual.trim(), timeoutMs: timeout ?? defaultMs }),
	// One person's time for it does not predict the next one's.
	estimate: () => 'unknown',
});
