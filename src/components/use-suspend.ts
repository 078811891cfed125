import { useApp } from 'ink';
import { type StoppableProcess, stopProcess } from '../terminal/suspend.ts';
import { useBindings } from './keymap/keymap-provider.tsx';

/** Binds Ctrl-Z to its usual meaning: the shell takes over until `fg`. */
export const useSuspendKey = (target: StoppableProcess): void => {
	const { suspendTerminal } = useApp();
	useBindings(
		[
			{
				keys: ['ctrl-z'],
				label: 'to the shell; fg comes back',
				group: 'Program',
				run: () => {
					// Already suspended: the key was typed twice.
					stopProcess(suspendTerminal, target).catch(() => {});
				},
			},
		],
		{ layer: 'global' },
	);
};
