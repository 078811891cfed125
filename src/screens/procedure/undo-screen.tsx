import { useState } from 'react';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { PlanAndStart } from './plan-and-start.tsx';

/** The way back of a run: its plan, the confirmation, the run. As for a procedure, without inputs. */
export const UndoScreen = ({
	workspace,
	run,
	title,
	size,
	notice,
}: {
	readonly workspace: Workspace;
	readonly run: string;
	/** Of the run that is undone. */
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
				title={`Undo ${title}`}
				task={`${run} ${attempt}`}
				make={(signal) => workspace.actions.undoPlan(run, signal)}
				onAgain={() => setAttempt(attempt + 1)}
				onBack={navigation.back}
			/>
		</ScreenFrame>
	);
};
