import type { Cell, Fault } from './fault.ts';

/** What is said while there is no link, in each situation; `why` is the reason that the header gives. */
const lostLink = (why: RegExp): Pick<Fault, 'idle' | 'confirming' | 'running'> => {
	const header = new RegExp(`✗ link lost.*${why.source}|✗ link lost`);
	const idle: Cell = {
		says: '`✗ link lost, reconnecting in 2s (try 2), heard just now: reason`; readings stay, marked stale; then `● link up` by itself',
		during: [header, /◔ stale/],
		never: [/● link up/],
		after: ['● link up', 'all 5 ok'],
	};
	return {
		idle,
		confirming: {
			...idle,
			says: 'the same in the header; the question stays, nothing starts; it can be answered when the link is up again',
			during: [header],
			after: ['● link up'],
		},
		running: {
			says: '`Outcome unknown: link lost, the run goes on on the host`, how to attach; then the missed output and the verdict',
			during: [/Outcome unknown: link lost, the run goes on on the host/, 'backout attach'],
			never: [/Failed|Done and verified|Cancelled/],
			after: ['● link up', 'Done and verified'],
		},
	};
};

/** Faults of the link; each has a way to the host of its own. */
export const linkFaults: readonly Fault[] = [
	{
		name: 'link reset',
		inject: ({ proxy }) => {
			proxy.refuse = true;
			proxy.reset();
		},
		heal: ({ proxy }) => {
			proxy.refuse = false;
		},
		...lostLink(/reset|connection was lost/),
	},
	{
		name: "sshd's session killed",
		inject: async ({ sshd, proxy }) => {
			proxy.refuse = true;
			sshd.killSessions();
		},
		heal: ({ proxy }) => {
			proxy.refuse = false;
		},
		...lostLink(/connection was lost/),
	},
	{
		name: 'sshd restarted',
		inject: ({ sshd }) => sshd.stop(),
		heal: ({ sshd }) => sshd.start(),
		...lostLink(/connection was lost/),
	},
	{
		name: 'black hole',
		inject: ({ proxy }) => {
			proxy.blackHole = true;
		},
		heal: ({ proxy }) => {
			proxy.reset();
			proxy.blackHole = false;
		},
		...lostLink(/nothing was heard/),
	},
];
