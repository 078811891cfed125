import type { TargetChoice } from '../stores/fleet.ts';
import type { Command } from './overlays/palette.tsx';

/** Returns the commands of the palette that lead to targets: to one, to all, to another beside the one that is shown. */
export const fleetCommands = (
	targets: readonly TargetChoice[],
	shown: string | undefined,
	to: {
		readonly target: (name: string) => void;
		readonly targets: () => void;
		readonly compare: (left: string, right: string) => void;
	},
): Command[] => [
	...targets.map(({ name, host }) => ({ name: `target ${name}`, about: `show ${host}`, run: () => to.target(name) })),
	{ name: 'targets', about: 'all targets at a glance', run: to.targets },
	...(shown === undefined
		? []
		: targets
				.filter(({ name }) => name !== shown)
				.map(({ name }) => ({
					name: `compare ${name}`,
					about: `beside ${shown}`,
					run: () => to.compare(shown, name),
				}))),
];
