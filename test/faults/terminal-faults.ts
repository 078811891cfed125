import type { Situation } from './fault.ts';

/** What is seen of the faults in terminal.lab.test.ts. */
export const terminalFaults: readonly { readonly name: string; readonly says: Readonly<Record<Situation, string>> }[] =
	[
		{
			name: 'window of 1×1 and back',
			says: {
				idle: '`too small`; then the dashboard, whole',
				confirming: 'the question is withdrawn and takes no key; then the plan, made anew, which asks again',
				running: 'the run goes on; then its screen with the whole output',
			},
		},
		{
			name: 'terminal that stops reading',
			says: {
				idle: 'when it reads again: how things stand then',
				confirming: 'the question stays, the link is up',
				running: 'the host does not wait; then the end of the output and the verdict; never a lost link',
			},
		},
		{
			name: 'two operators at once',
			says: {
				idle: '`◆ locked by ana@laptop: drill` in the header; `r`, Enter watches the run from its first byte to the verdict',
				confirming: 'refused: locked by whom, since when, what, why; nothing was started',
				running: 'as if alone',
			},
		},
	];
