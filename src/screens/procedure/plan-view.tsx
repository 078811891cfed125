import { useMemo, useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span, wrap } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import type { Rect } from '../../components/panel.ts';
import { useClock, useComputedText, useReadable } from '../../components/use-readable.ts';
import { isBlockName } from '../../runbook/block.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { FoldPanel } from '../folds/fold-panel.tsx';
import { useNavigation } from '../navigation.ts';
import { usePlanningStage } from '../planning-stage.ts';
import { AllowLosses, lossesOfPlan } from './allow-losses.tsx';
import { Confirm } from './confirm.tsx';
import { planFolds } from './plan-rows.ts';
import { refusal } from './refusal.ts';

/** The plan in full, and below it how to continue. */
export const PlanView = ({
	workspace,
	rect,
	plan,
	doubt,
	onStart,
	onAllow,
	onRemake,
	onBack,
}: {
	readonly workspace: Workspace;
	readonly rect: Rect;
	readonly plan: Plan;
	/** True when it was started once already, and it is unknown whether that run is running. */
	readonly doubt: boolean;
	readonly onStart: (reason: string) => void;
	/** Called when the losses were named and accepted: the plan is made again. */
	readonly onAllow: (names: readonly string[]) => void;
	readonly onRemake: () => void;
	readonly onBack: () => void;
}) => {
	const [asking, setAsking] = useState<'start' | 'losses'>();
	const [refused, setRefused] = useState(false);
	// The typed reason is kept when the confirmation is opened again.
	const [typed, setTyped] = useState('');
	const clock = useClock();
	const navigation = useNavigation();
	const { lock } = workspace.readings;
	const holder = useReadable(lock);
	const readReason = () => refusal(plan, workspace.target, lock.get(), clock.get());
	const isRefused = useComputedText([lock], () => (readReason() === undefined ? '' : 'refused')) !== '';
	const asked = plan.risk === 'destructive' ? 'confirm-by-name' : 'confirm';
	usePlanningStage(asking === 'start' ? asked : isRefused ? 'refused' : 'plan');
	const next = () => {
		if (plan.risk === 'read-only') {
			onStart('');
		} else {
			setAsking('start');
		}
	};
	useBindings(
		[
			{ keys: ['enter'], label: plan.risk === 'read-only' ? 'start' : 'confirm', when: !isRefused, run: next },
			// Pressed anyway, it says why nothing happens.
			{ keys: ['enter'], label: 'refused', hidden: true, when: isRefused, run: () => setRefused(true) },
			{ keys: ['r'], label: 'runs', when: doubt, run: () => navigation.go({ kind: 'runs' }) },
			{ keys: ['R'], label: 'rebuild plan', run: onRemake },
			{
				keys: ['L'],
				label: lossesOfPlan(plan).every(isBlockName) ? 'allow the blocked version' : 'allow what would be lost',
				when: lossesOfPlan(plan).length > 0,
				run: () => setAsking('losses'),
			},
			{
				keys: ['a'],
				label: 'watch the run that has the lock',
				when: holder !== undefined && plan.risk !== 'read-only',
				run: () => holder !== undefined && navigation.attach(holder.run),
			},
			{ keys: ['esc', 'q'], label: 'back', run: onBack },
		],
		{ layer: 'screen' },
	);
	const below = () => nextRows(plan, readReason(), refused, doubt, rect);
	const height = Number(useComputedText([lock], () => String(below().length)));
	const body = { ...rect, height: rect.height - height };
	const folds = useMemo(
		() => planFolds(plan, { width: rect.width, height: rect.height - 2, library: workspace.stepLibrary }),
		[plan, rect.width, rect.height, workspace],
	);
	const start = isRefused || plan.steps.length === 0 ? 'head' : `step ${plan.steps[0]?.id}`;
	return (
		<>
			<FoldPanel rect={body} title={`Plan: ${plan.title}`} folds={folds} start={start} active={asking === undefined} />
			<DynamicBlock rect={{ ...rect, y: rect.y + body.height, height }} sources={[lock]} rows={below} />
			{asking === 'losses' && (
				<AllowLosses
					area={body}
					plan={plan}
					onCancel={() => setAsking(undefined)}
					onAllow={(names) => {
						setAsking(undefined);
						onAllow(names);
					}}
				/>
			)}
			{asking === 'start' && (
				<Confirm
					area={body}
					plan={plan}
					reason={typed}
					onReason={setTyped}
					onCancel={() => setAsking(undefined)}
					onStart={(reason) => {
						setAsking(undefined);
						onStart(reason);
					}}
				/>
			)}
		</>
	);
};

const mostReasonRows = 4;

/** Returns the rows below a plan: the full reason of a refusal, or the action of Enter. */
const nextRows = (
	plan: Plan,
	reason: string | undefined,
	refused: boolean,
	doubt: boolean,
	{ width, height }: Rect,
): Line[] => {
	if (reason !== undefined) {
		const allow = lossesOfPlan(plan).length > 0 ? ' L allows it by name.' : '';
		return wrap(`✗ Refused: ${reason} Nothing was changed.${allow}`, width - 2)
			.slice(0, Math.min(mostReasonRows, Math.max(1, height - 8)))
			.map((row) => line(` ${row}`, refused ? 'alarm' : 'bad'));
	}
	if (plan.risk === 'read-only') {
		return [[span(' Enter starts it; it only looks.', 'strong')]];
	}
	return [
		[
			doubt
				? span(' It may be running already: check the runs (r) first. ', 'doubt')
				: span(' Nothing has changed yet. ', 'strong'),
			span(
				plan.risk === 'disruptive' ? 'Press Enter, then y to start.' : 'Enter asks for the target’s name and a reason.',
			),
		],
	];
};
