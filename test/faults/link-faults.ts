import type { Cell, Fault } from './fault.ts';
import { eventually } from './patience.ts';

/** A round trip of 280 ms and more. */
const slow = /● link up ([3-9]\d\d ms|280 ms|[1-9][\d.]* s)/;

/** Texts while there is no link, in each situation; `why` is the reason in the header. */
const lostLink = (why: RegExp): Pick<Fault, 'idle' | 'confirming' | 'running'> => {
	const header = new RegExp(`✗ link lost.*${why.source}|✗ link lost`);
	const idle: Cell = {
		says: '`✗ link lost, reconnecting in 2s (try 2), heard just now: reason`; readings remain, marked stale; then `● link up` automatically',
		during: [header, /◔ stale/],
		never: [/● link up/],
		after: ['● link up', '1 ok'],
	};
	return {
		idle,
		confirming: {
			...idle,
			says: 'the same in the header; the confirmation stays open and nothing starts; it can be answered when the link is up again',
			during: [header],
			after: ['● link up'],
		},
		running: {
			says: '`Outcome unknown: link lost, the run is probably still going on`, and how to attach; then the missed output and the verdict',
			during: [
				/Outcome unknown: link lost, the run is probably still going on/,
				/from another terminal:\s+\S.* attach/,
			],
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
	{
		name: 'stall of 8 s',
		// It ends by itself; the connection may or may not survive it.
		inject: ({ proxy }) => {
			proxy.stalled = true;
			setTimeout(() => {
				proxy.stalled = false;
			}, 8000);
		},
		heal: ({ proxy }) => eventually('the stall is over', () => !proxy.stalled),
		idle: {
			says: '`▲ link silent: nothing heard from the host` after 4 s, with the time since then; `● link up` when data arrives again. Nothing is lost',
			during: [/▲ link silent|✗ link lost/],
			after: ['● link up', '1 ok'],
		},
		confirming: {
			says: 'the same in the header; the confirmation stays open',
			during: [/▲ link silent|✗ link lost/],
			after: ['● link up'],
		},
		running: {
			says: 'the same in the header; the run continues, and its output of that time arrives at once',
			during: [/▲ link silent|✗ link lost/],
			never: [/Failed|Cancelled/],
			after: ['● link up', 'Done and verified'],
		},
	},
	{
		name: 'slow link: 20 kB/s, 300 ms',
		inject: ({ proxy }) => {
			proxy.delayMs = 150;
			proxy.rate = 20_000;
		},
		heal: ({ proxy }) => {
			proxy.delayMs = 0;
			proxy.rate = 0;
		},
		idle: {
			says: '`● link up` with its round trip, `700 ms`; readings may be stale, with their age',
			during: [slow],
			never: [/link lost/],
			after: ['● link up', '1 ok'],
		},
		confirming: {
			says: 'the same',
			during: [slow],
			never: [/link lost/],
			after: ['● link up'],
		},
		running: {
			says: 'the whole output arrives, as fast as the link allows; the link is never reported as lost',
			during: [slow],
			onceOpen: ['three: the end', 'Done and verified'],
			never: [/link lost/],
			after: ['Done and verified'],
		},
	},
];
