import type { Situation } from './fault.ts';

/** The visible signs of the faults in host.lab.test.ts. */
export const hostFaults: readonly { readonly name: string; readonly says: Readonly<Record<Situation, string>> }[] = [
	{
		name: "host's disk full",
		says: {
			idle: '`✗ Disk █████████ 100%`, down',
			confirming: 'refused: not enough space for a run; nothing was changed, and the lock is free',
			running:
				'the run finishes, because space for its records was reserved; if there is no space for the verdict, the next operator who attaches verifies',
		},
	},
	{
		name: "run's folder deleted",
		says: {
			idle: 'nothing; the next time the journal is read, the runs are no longer in it',
			confirming: 'nothing; the folder is created again when the run is started',
			running:
				'`Outcome unknown: the run is no longer on the host`, even while a step is running; no further step starts, and the lock is free',
		},
	},
	{
		name: 'Compose file that no longer parses',
		says: {
			idle: 'the containers check is unknown and says `the Compose file cannot be read`; nothing passes',
			confirming:
				'refused with the error from Compose, because preconditions are checked again before the first step; nothing was changed',
			running: 'the run continues, because its steps do not need the file; then the verdict, with the same reason',
		},
	},
	{
		name: "host's clock moved an hour, forward or back",
		says: {
			idle: 'nothing; ages use the clock of this machine, corrected by the time that Docker reports',
			confirming: 'nothing',
			running: 'the run continues; its waits use the uptime of the host, and end neither early nor late',
		},
	},
];
