import type { Situation } from './fault.ts';

/** What is seen of the faults in host.lab.test.ts. */
export const hostFaults: readonly { readonly name: string; readonly says: Readonly<Record<Situation, string>> }[] = [
	{
		name: "host's disk full",
		says: {
			idle: '`✗ Disk █████████ 100%`, down',
			confirming: 'refused: there is no room for a run; nothing was changed, and the lock is free',
			running:
				'the run goes on to its result, for its records have their room; where the verdict finds none, whoever attaches next verifies',
		},
	},
	{
		name: "run's folder deleted",
		says: {
			idle: 'nothing; the runs are gone from the journal at its next look',
			confirming: 'nothing; the folder is made again when the run is started',
			running:
				'`Outcome unknown: the host has the run no more`, also while a step goes on; no further step begins, and the lock is free',
		},
	},
	{
		name: 'Compose file that no longer parses',
		says: {
			idle: 'the check of the containers is unknown, and says `the Compose file cannot be read`; nothing passes',
			confirming:
				'refused, with what Compose says of the file: what a run needs is looked at once more; nothing was changed',
			running: 'the run goes on, for its steps do not need the file; then the verdict, with the same words',
		},
	},
	{
		name: "host's clock moved an hour, forward or back",
		says: {
			idle: 'nothing; ages are told by the clock here, corrected by what Docker says of its own',
			confirming: 'nothing',
			running: 'the run goes on; its waits are measured by the uptime of the host and neither end nor last longer',
		},
	},
];
