import { useRef } from 'react';
import type { LiveBinding } from '../components/keymap/bindings.ts';
import { useBindings, useLiveBindings } from '../components/keymap/keymap-provider.tsx';
import { useSuspendKey } from '../components/use-suspend.ts';

/** Binds the keys that work on every screen. Returns what help explains: the keys before anything was opened over the screen. */
export const useOverlayKeys = (
	overlaid: boolean,
	open: (overlay: { readonly kind: 'leave' | 'palette' | 'help' }) => void,
	onTargets: (() => void) | undefined,
	/** True when its key is shown: with one target it only says so. */
	severalTargets = true,
): readonly LiveBinding[] => {
	const live = useLiveBindings();
	const before = useRef(live);
	if (!overlaid) {
		before.current = live;
	}
	useBindings(
		[
			{ keys: ['ctrl-c'], label: 'leave', group: 'Always', run: () => open({ kind: 'leave' }) },
			{ keys: [':'], label: 'go to', group: 'Everywhere', run: () => open({ kind: 'palette' }) },
			{
				keys: ['T'],
				label: 'targets',
				hidden: !severalTargets,
				group: 'Everywhere',
				when: onTargets !== undefined,
				run: () => onTargets?.(),
			},
			{ keys: ['?'], label: 'help', group: 'Everywhere', run: () => open({ kind: 'help' }) },
		],
		{ layer: 'global' },
	);
	useSuspendKey(process);
	return before.current;
};
