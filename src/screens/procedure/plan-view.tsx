import { useMemo, useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import type { Rect } from '../../components/panel.ts';
import { useClock, useReadable } from '../../components/use-readable.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { ScrollPanel } from '../scroll-panel.tsx';
import { AllowLosses, lossesOfPlan } from './allow-losses.tsx';
import { Confirm } from './confirm.tsx';
import { planRows } from './plan-rows.ts';
import { refusal } from './refusal.ts';

/** The plan in full, and below it how to go on. */
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
	/** It was started once already, and it is not known whether that run goes on. */
	readonly doubt: boolean;
	readonly onStart: (reason: string) => void;
	/** What would be lost was named, and may be: the plan is to be made again. */
	readonly onAllow: (names: readonly string[]) => void;
	readonly onRemake: () => void;
	readonly onBack: () => void;
}) => {
	const [asking, setAsking] = useState<'start' | 'losses'>();
	const [refused, setRefused] = useState(false);
	const clock = useClock();
	const navigation = useNavigation();
	const { lock } = workspace.readings;
	const holder = useReadable(lock);
	const why = () => refusal(plan, workspace.target, lock.get(), clock.get());
	const next = () => {
		if (why() !== undefined) {
			setRefused(true);
		} else if (plan.risk === 'read-only') {
			onStart('');
		} else {
			setAsking('start');
		}
	};
	useBindings(
		[
			{ keys: ['enter'], label: plan.risk === 'read-only' ? 'start' : 'confirm', run: next },
			{ keys: ['R'], label: 'rebuild plan', run: onRemake },
			{
				keys: ['L'],
				label: 'allow what would be lost',
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
	const rows = useMemo(() => planRows(plan, rect.width), [plan, rect.width]);
	const body = { ...rect, height: rect.height - 1 };
	return (
		<>
			<ScrollPanel rect={body} title={`Plan: ${plan.title}`} rows={() => rows} active={asking === undefined} />
			<DynamicBlock
				rect={{ ...rect, y: rect.y + rect.height - 1, height: 1 }}
				sources={[lock]}
				rows={() => [nextLine(plan, why(), refused, doubt)]}
			/>
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

/** The line below a plan: why it is refused, or what Enter does. */
const nextLine = (plan: Plan, reason: string | undefined, refused: boolean, doubt: boolean): Line => {
	if (reason !== undefined) {
		const allow = lossesOfPlan(plan).length > 0 ? ' L allows it by name.' : '';
		return line(` ✗ Refused: ${reason} Nothing was changed.${allow}`, refused ? 'alarm' : 'bad');
	}
	if (plan.risk === 'read-only') {
		return [span(' Enter starts it; it only looks.', 'strong')];
	}
	return [
		doubt
			? span(' It may be running already: check the runs (r) first. ', 'doubt')
			: span(' Nothing has changed yet. ', 'strong'),
		span(
			plan.risk === 'disruptive' ? 'Press Enter, then y to start.' : 'Enter asks for the target’s name and a reason.',
		),
	];
};
