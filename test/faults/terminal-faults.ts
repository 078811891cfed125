import type { Situation } from './fault.ts';

/** The visible signs of the faults in terminal.lab.test.ts. */
export const terminalFaults: readonly { readonly name: string; readonly says: Readonly<Record<Situation, string>> }[] =
	[
		{
			name: 'window of 1×1 and back',
			says: {
				idle: '`too small`; then the complete dashboard again',
				confirming: 'the confirmation closes and ignores keys; then the plan is made again and asks again',
				running: 'the run continues; then its screen with the whole output',
			},
		},
		{
			name: 'terminal that stops reading',
			says: {
				idle: 'when it reads again, it shows the current state',
				confirming: 'the confirmation stays open, the link is up',
				running:
					'the run does not wait for the terminal; then the end of the output and the verdict; the link is never reported as lost',
			},
		},
		{
			name: 'two operators at once',
			says: {
				idle: '`◆ locked by ana@laptop: drill` in the header; `r`, then Enter shows the run from its first byte to the verdict',
				confirming: 'refused, with who holds the lock, since when, for which procedure and why; nothing was started',
				running: 'no difference',
			},
		},
	];
