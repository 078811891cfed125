import { useState } from 'react';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { PlanAndStart } from './plan-and-start.tsx';

/**
 * Follow-ups of a run: its undo (`undo`), or a retry from the step that it did not get past (`retry`). The plan, the confirmation and
 * the run are as for a procedure, without inputs.
 */
export const RunOnScreen = ({
	kind,
	workspace,
	run,
	title,
	size,
	notice,
}: {
	readonly kind: 'undo' | 'retry';
	readonly workspace: Workspace;
	readonly run: string;
	/** Title of that run. */
	readonly title: string;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
}) => {
	const navigation = useNavigation();
	const [attempt, setAttempt] = useState(0);
	return (
		<ScreenFrame workspace={workspace} size={size} notice={notice} covered>
			<PlanAndStart
				workspace={workspace}
				rect={bodyOf(size)}
				title={kind === 'undo' ? `Undo ${title}` : `${title} again`}
				task={`${run} ${attempt}`}
				make={(signal, allowed) =>
					kind === 'undo'
						? workspace.actions.undoPlan(run, signal, allowed)
						: workspace.actions.retryPlan(run, signal, allowed)
				}
				onAgain={() => setAttempt(attempt + 1)}
				onBack={navigation.back}
			/>
		</ScreenFrame>
	);
};
