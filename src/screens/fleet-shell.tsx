import { useEffect, useMemo, useState } from 'react';
import { useReadable } from '../components/use-readable.ts';
import type { Fleet } from '../stores/fleet.ts';
import { staleWhenLost } from '../stores/stale-when-lost.ts';
import { useAppearanceCommands, useMouseKey } from './appearance-commands.ts';
import { CompareScreen } from './compare/compare-screen.tsx';
import { TooSmall } from './dashboard/dashboard.tsx';
import { smallest } from './dashboard/layout.ts';
import { fleetCommands } from './fleet-commands.ts';
import { ChoiceDialog } from './overlays/choice-dialog.tsx';
import { Help } from './overlays/help.tsx';
import { Palette } from './overlays/palette.tsx';
import { QuestionDialog } from './overlays/question-dialog.tsx';
import { bodyOf } from './screen-frame.tsx';
import { TargetsScreen } from './targets/targets-screen.tsx';
import { useNotice } from './use-notice.ts';
import { useOverlayKeys } from './use-overlay-keys.ts';
import { useScreenSize } from './use-screen-size.ts';

/** The view of several targets: all of them, or two side by side. */
export type FleetPlace =
	| { readonly kind: 'targets'; readonly from?: string }
	| { readonly kind: 'compare'; readonly pair: readonly [string, string]; readonly from?: string };

export interface FleetShellProps {
	readonly fleet: Fleet;
	readonly place: FleetPlace;
	readonly onTarget: (name: string) => void;
	readonly onPlace: (place: FleetPlace) => void;
	readonly onExit: (code: number) => void;
}

/** The screens of several targets, and the dialogs over them. Read-only: actions on a target are on its own screens. */
export const FleetShell = ({ fleet, place, onTarget, onPlace, onExit }: FleetShellProps) => {
	const size = useScreenSize();
	const notice = useNotice();
	const [overlay, setOverlay] = useState<'leave' | 'palette' | 'help'>();
	const question = useReadable(fleet.question);
	const bindings = useOverlayKeys(overlay !== undefined, ({ kind }) => setOverlay(kind), undefined);
	const look = useAppearanceCommands({ tell: notice.tell });
	useMouseKey(notice.tell);
	const { from } = place;
	const toTargets = () => onPlace({ kind: 'targets', ...(from !== undefined && { from }) });
	const compare = (left: string, right: string) =>
		onPlace({ kind: 'compare', pair: [left, right], ...(from !== undefined && { from }) });
	const pairText = place.kind === 'compare' ? place.pair.join('\n') : '';
	const pair = useMemo(() => {
		const [left, right] = pairText.split('\n');
		return left === undefined || right === undefined
			? undefined
			: ([staleWhenLost(fleet.open(left)), staleWhenLost(fleet.open(right))] as const);
	}, [fleet, pairText]);
	const all = useMemo(() => (pair === undefined ? fleet.openAll().map(staleWhenLost) : []), [fleet, pair]);
	useEffect(() => {
		const ends = all.map(({ target, notice: own }) => own.subscribe(() => notice.tell(`${target.name}: ${own.get()}`)));
		return () => {
			for (const end of ends) {
				end();
			}
		};
	}, [all]);
	if (size.columns < smallest.columns || size.rows < smallest.rows) {
		return <TooSmall size={size} onQuit={() => onExit(0)} />;
	}
	const close = () => setOverlay(undefined);
	const asked = overlay === 'leave' ? undefined : question;
	const area = bodyOf(size);
	const shared = { size, notice: notice.said, covered: overlay !== undefined || asked !== undefined, onOpen: onTarget };
	return (
		<>
			{pair === undefined ? (
				<TargetsScreen
					{...shared}
					workspaces={all}
					from={from}
					onCompare={compare}
					onTell={notice.tell}
					onBack={from === undefined ? undefined : () => onTarget(from)}
					onQuit={() => onExit(0)}
				/>
			) : (
				<CompareScreen {...shared} pair={pair} onTargets={toTargets} onBack={toTargets} />
			)}
			{asked && <QuestionDialog key={`${asked.host} ${asked.prompt}`} area={area} question={asked} />}
			{asked === undefined && overlay === 'help' && <Help area={area} bindings={bindings} onClose={close} />}
			{asked === undefined && overlay === 'palette' && (
				<Palette
					area={area}
					initial=""
					commands={[
						...fleetCommands(fleet.targets, from, { target: onTarget, targets: toTargets, compare }),
						...look,
						{ name: 'help', about: 'all keys', run: () => setOverlay('help') },
						{ name: 'quit', about: 'leave; runs continue on the host', run: () => setOverlay('leave') },
					]}
					onClose={close}
				/>
			)}
			{overlay === 'leave' && (
				<ChoiceDialog
					area={area}
					title="Leave?"
					text={['Quitting does not stop anything that is running.']}
					choices={[
						{ label: 'Stay', run: close },
						{ key: 'q', label: 'Quit', run: () => onExit(0) },
					]}
				/>
			)}
		</>
	);
};
