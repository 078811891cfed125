import { startEngine, stopEngine } from '../lab/docker-engine.ts';
import type { LabInfo } from '../lab/index.ts';
import { layout } from '../lab/layout.ts';
import { runningPid } from '../lab/processes.ts';
import type { Fault } from './fault.ts';

const signalEngine = (info: LabInfo, signal: NodeJS.Signals) => {
	const pid = runningPid(layout(info.dir).dockerPid, 'dockerd');
	if (pid !== null) {
		process.kill(pid, signal);
	}
};

/** The screen while Docker does not respond. */
const withoutDocker = {
	idle: {
		says: 'the containers keep their last state, marked `◔ stale` with age and reason; the verdict is *unknown*; the link is up',
		during: [/◔ stale/, '● link up', /unknown/],
		never: [/link lost/],
		after: ['1 ok', /the check passes/],
	},
	confirming: {
		says: 'the same in the header; the confirmation stays open',
		during: [/unknown|not reached|does not answer|failed/],
		never: [/link lost/],
		after: ['Start it now?'],
	},
	running: {
		says: 'the run continues, because its steps do not need Docker; then `Steps done, verifying`, and never *verified* until Docker is back; then the verdict',
		during: ['Running'],
		onceOpen: ['Steps done', /unknown/],
		never: [/Done and verified/, /link lost/],
		after: ['Done and verified'],
	},
} satisfies Pick<Fault, 'idle' | 'confirming' | 'running'>;

/** Faults of the Docker engine: all programs of a host suffer them together. */
export const dockerFaults: readonly Fault[] = [
	{
		name: 'dockerd hung',
		inject: ({ info }) => signalEngine(info, 'SIGSTOP'),
		heal: ({ info }) => signalEngine(info, 'SIGCONT'),
		...withoutDocker,
	},
	{
		name: 'dockerd stopped, started again',
		inject: ({ info }) => stopEngine(layout(info.dir)),
		heal: ({ info }) => startEngine(layout(info.dir)),
		...withoutDocker,
	},
];
