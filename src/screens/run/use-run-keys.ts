import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { useReadable } from '../../components/use-readable.ts';
import { onlyWatched } from '../../runbook/guard-run.ts';
import { isUnfinished, waitsFor } from '../../runbook/run.ts';
import type { FollowedRun, Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { useReport } from '../use-report.ts';

export interface RunKeys {
	readonly workspace: Workspace;
	readonly followed: FollowedRun;
	/** Id of the suggested procedure; empty: none. */
	readonly suggested: string;
	readonly full: boolean;
	readonly setFull: (full: boolean) => void;
	/** Asks whether to stop following a run that is still running. */
	readonly onAskDetach: () => void;
	readonly onDetach: () => void;
}

/** Binds the keys of a run's screen. */
export const useRunKeys = ({ workspace, followed, suggested, full, setFull, onAskDetach, onDetach }: RunKeys): void => {
	const navigation = useNavigation();
	const report = useReport(workspace.actions);
	const run = useReadable(followed.run);
	const running = run.state === 'running';
	const waits = waitsFor(run);
	useBindings(
		[
			{
				keys: ['X'],
				label: 'cancel the run',
				hidden: !running,
				run: () =>
					running
						? navigation.open({ kind: 'cancel', run: run.id, title: run.plan.title })
						: navigation.tell('This run is not in progress: there is nothing to cancel.'),
			},
			{
				keys: ['o'],
				label: 'plan what fits next',
				when: suggested !== '',
				run: () => navigation.go({ kind: 'procedure', procedure: suggested }),
			},
			{
				keys: ['U'],
				label: 'undo',
				// A run that changed nothing, or ended before its restore point, cannot be undone.
				when: !running && run.facts.restore_point !== undefined,
				run: () => navigation.go({ kind: 'undo', run: run.id, title: run.plan.title }),
			},
			{
				keys: ['A'],
				label: 'run again from there',
				when: isUnfinished(run) && !onlyWatched(run) && run.plan.steps.length > 0,
				run: () => navigation.go({ kind: 'retry', run: run.id, title: run.plan.title }),
			},
			{
				keys: ['a'],
				label: 'answer',
				when: waits !== undefined,
				run: () => waits !== undefined && navigation.open({ kind: 'answer', run: run.id, waits }),
			},
			{
				keys: ['enter'],
				label: 'evidence',
				run: () => navigation.go({ kind: 'checks', run: followed }),
			},
			{
				keys: ['f', '+'],
				label: full ? 'leave full screen' : run.steps.length === 0 ? 'full screen' : 'full output',
				run: () => setFull(!full),
			},
			{ keys: ['esc'], label: 'dashboard', run: () => (full ? setFull(false) : navigation.back()) },
			{ keys: ['q'], label: running ? 'detach' : 'close', run: () => (running ? onAskDetach() : onDetach()) },
			{
				keys: ['p'],
				label: 'report to a file',
				// A verification without steps is not a run of the journal.
				when: run.plan.steps.length > 0,
				run: () => report(run.id),
			},
			{ keys: ['r'], label: 'runs', run: () => navigation.go({ kind: 'runs' }) },
		],
		{ layer: 'screen' },
	);
};
