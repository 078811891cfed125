import { useState } from 'react';
import { StaticBlock } from '../../components/live-block.tsx';
import type { Rect } from '../../components/panel.ts';
import { WaitingFor } from '../../components/spinner.tsx';
import { BackoutError } from '../../runbook/errors.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { usePlanningStage } from '../planning-stage.ts';
import { useTask } from '../use-task.ts';
import { Pending, Problem } from './pending.tsx';
import { planPage } from './plan-rows.ts';
import { PlanView } from './plan-view.tsx';

/** Makes a plan, shows it, asks for the confirmation, starts it and opens its run. Leaving it aborts the making. */
export const PlanAndStart = ({
	workspace,
	rect,
	title,
	task,
	make,
	onAgain,
	onBack,
}: {
	readonly workspace: Workspace;
	readonly rect: Rect;
	readonly title: string;
	/** A key for the input of the plan: another key, another plan. */
	readonly task: string;
	readonly make: (signal: AbortSignal, allowed: readonly string[]) => Promise<Plan>;
	readonly onAgain: () => void;
	readonly onBack: () => void;
}) => {
	const navigation = useNavigation();
	const [allowed, setAllowed] = useState<readonly string[]>([]);
	const plan = useTask<Plan>(`${task} ${JSON.stringify(allowed)}`, (signal) => make(signal, allowed));
	const [starting, setStarting] = useState<{ readonly since: number; readonly unknown?: string }>();
	/** True when it is unknown whether the run was started. */
	const [doubt, setDoubt] = useState(false);
	usePlanningStage(starting === undefined ? undefined : 'starting');
	const start = (made: Plan, reason: string) => {
		const since = Date.now();
		setStarting({ since });
		const onUnknown = (run: string, why: string) =>
			setStarting({ since, unknown: `Unknown whether run ${run} was started: ${why}. Asking the host …` });
		workspace.actions.start(made, reason, onUnknown).then(
			(run) => navigation.replace({ kind: 'run', run }),
			(error: unknown) => {
				setStarting(undefined);
				setDoubt(error instanceof BackoutError && error.code === 'outcome-unknown');
				navigation.open({ kind: 'error', error, doing: `starting ${made.title}` });
			},
		);
	};
	if (starting !== undefined) {
		const top = { ...rect, height: Math.min(rect.height, starting.unknown === undefined ? 3 : 5) };
		const below = { ...rect, y: rect.y + top.height, height: rect.height - top.height };
		return (
			<>
				<WaitingFor
					rect={top}
					what={`Starting ${title} on ${workspace.target.name}`}
					since={starting.since}
					hint={starting.unknown}
				/>
				{plan.status === 'done' && below.height > 0 && (
					<StaticBlock rect={below} rows={planPage(plan.value, { width: below.width, height: below.height })} />
				)}
			</>
		);
	}
	if (plan.status === 'failed') {
		return (
			<Problem
				rect={rect}
				error={plan.error}
				doing="making the plan"
				target={workspace.target.name}
				onAgain={onAgain}
				onBack={onBack}
			/>
		);
	}
	if (plan.status === 'under-way') {
		return (
			<Pending
				rect={rect}
				what={`Making the plan of ${title}; nothing is changed`}
				since={plan.since}
				onBack={onBack}
			/>
		);
	}
	return (
		<PlanView
			workspace={workspace}
			rect={rect}
			plan={plan.value}
			doubt={doubt}
			onStart={(reason) => start(plan.value, reason)}
			onAllow={(names) => setAllowed([...allowed, ...names])}
			onRemake={onAgain}
			onBack={onBack}
		/>
	);
};
