import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { useClock, useComputedText } from '../../components/use-readable.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import type { FollowedRun, Workspace } from '../../stores/workspace.ts';
import { verdictLine } from '../dashboard/checks-rows.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import { ScrollPanel } from '../scroll-panel.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { evidenceRows } from './evidence-rows.ts';
import { shownChecks } from './shown-checks.ts';

const nothing = createStore(undefined);

/** The evidence of the checks: of a run, or the current one. It stays live while it is shown. */
export const ChecksScreen = ({
	workspace,
	size,
	notice,
	covered,
	followed,
	check,
}: {
	readonly workspace: Workspace;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
	readonly followed: FollowedRun | undefined;
	/** The check that is shown first. */
	readonly check: string | undefined;
}) => {
	const navigation = useNavigation();
	const clock = useClock();
	const { verification: standing } = workspace.readings;
	const own: Readable<unknown> = followed?.verification ?? nothing;
	const run: Readable<unknown> = followed?.run ?? nothing;
	const rect = bodyOf(size);
	const shown = () => shownChecks(followed, standing.get());
	const title = useComputedText([own, run, standing], () => shown().title);
	const evidence = (now: number) => evidenceRows(shown().verification, now, rect.width);
	useBindings([
		{ keys: ['R'], label: 'refresh', run: () => workspace.actions.refresh() },
		{ keys: ['esc', 'q', 'enter'], label: 'back', run: navigation.back },
	]);
	return (
		<ScreenFrame workspace={workspace} size={size} notice={notice} covered={covered}>
			<ScrollPanel
				rect={rect}
				title={title}
				summary={(now) => verdictLine(shown().verification, now, false)}
				sources={[own, run, standing]}
				rows={(now) => evidence(now).rows}
				start={check === undefined ? 0 : evidence(clock.get()).starts.get(check)}
				stops={{ what: 'check', rows: () => [...evidence(clock.get()).starts.values()] }}
				active
			/>
		</ScreenFrame>
	);
};
