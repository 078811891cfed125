import { defineStepKind } from './step-kind.ts';

const defaultMs = 300_000;

/** A script that runs to its end. */
export const run = defineStepKind({
	about: 'a script',
	supervised: 'run',
	label: '',
	keys: ({ script, text }) => ({
		run: script().optional().describe('A POSIX sh script; variables and inputs are environment variables'),
		script: text().optional().describe('Name of a script of this runbook'),
	}),
	build: (entry, scriptOf) => ({ script: scriptOf(entry), timeoutMs: entry.timeout ?? defaultMs }),
	estimate: () => 'from-history',
});
