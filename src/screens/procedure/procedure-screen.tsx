import { useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { StillBlock } from '../../components/live-block.tsx';
import { panelRows, type Rect } from '../../components/panel.ts';
import { Waiting } from '../../components/waiting.tsx';
import type { InputOffer, Plan } from '../../runbook/plan.ts';
import type { Readable } from '../../stores/store.ts';
import type { ProcedureSummary, Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { errorRows } from '../overlays/error-dialog.tsx';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { useTask } from '../use-task.ts';
import { ChoiceList } from './choice-list.tsx';
import { PlanView } from './plan-view.tsx';

export interface ProcedureScreenProps {
	readonly workspace: Workspace;
	readonly procedure: ProcedureSummary;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
}

/** From a procedure to its run: its inputs one by one, the plan, the confirmation. Leaving it aborts what is under way. */
export const ProcedureScreen = ({ workspace, procedure, size, notice }: ProcedureScreenProps) => {
	const navigation = useNavigation();
	const [attempt, setAttempt] = useState(0);
	const [values, setValues] = useState<Readonly<Record<string, string>>>({});
	const [at, setAt] = useState(0);
	const asks = procedure.inputs.length > 0;
	const offers = useTask<readonly InputOffer[]>(`${procedure.id} ${attempt}`, async (signal) =>
		asks ? workspace.actions.inputs(procedure.id, signal) : [],
	);
	const list = offers.status === 'done' ? offers.value : undefined;
	const chosen = list !== undefined && at >= list.length;
	const plan = useTask<Plan>(chosen ? `${JSON.stringify(values)} ${attempt}` : undefined, (signal) =>
		workspace.actions.plan(procedure.id, values, signal),
	);
	const [starting, setStarting] = useState<number>();
	const start = (made: Plan, reason: string) => {
		setStarting(Date.now());
		workspace.actions.start(made, reason).then(
			(run) => navigation.replace({ kind: 'run', run }),
			(error: unknown) => {
				setStarting(undefined);
				navigation.open({ kind: 'error', error, doing: `starting ${made.title}` });
			},
		);
	};
	const back = () => (at === 0 ? navigation.back() : setAt(at - 1));
	const again = () => setAttempt(attempt + 1);
	const rect = bodyOf(size);
	const offer = list?.[at];
	const shown = () => {
		if (starting !== undefined) {
			return <Waiting rect={rect} what={`Starting ${procedure.title} on ${workspace.target.name}`} since={starting} />;
		}
		if (offers.status === 'failed') {
			return <Problem rect={rect} error={offers.error} doing="reading the choices" onAgain={again} onBack={back} />;
		}
		if (offers.status === 'under-way') {
			return (
				<Pending
					rect={rect}
					what={`Reading what there is to choose from for ${procedure.title}`}
					since={offers.since}
					onBack={navigation.back}
				/>
			);
		}
		if (offer !== undefined) {
			return (
				<ChoiceList
					key={offer.name}
					rect={rect}
					offer={offer}
					purpose={`${procedure.title}: choosing changes nothing, the plan comes next.`}
					step={offers.value.length > 1 ? `, input ${at + 1} of ${offers.value.length}` : ''}
					before={values[offer.name]}
					onChoose={(value) => {
						setValues({ ...values, [offer.name]: value });
						setAt(at + 1);
					}}
					onBack={back}
				/>
			);
		}
		if (plan.status === 'failed') {
			return <Problem rect={rect} error={plan.error} doing="making the plan" onAgain={again} onBack={back} />;
		}
		if (plan.status === 'under-way') {
			return (
				<Pending
					rect={rect}
					what={`Making the plan of ${procedure.title}; nothing is changed`}
					since={plan.since}
					onBack={back}
				/>
			);
		}
		return (
			<PlanView
				workspace={workspace}
				rect={rect}
				plan={plan.value}
				onStart={(reason) => start(plan.value, reason)}
				onRemake={again}
				onBack={back}
			/>
		);
	};
	return (
		<ScreenFrame workspace={workspace} size={size} notice={notice} covered>
			{shown()}
		</ScreenFrame>
	);
};

const Pending = ({
	rect,
	what,
	since,
	onBack,
}: {
	readonly rect: Rect;
	readonly what: string;
	readonly since: number;
	readonly onBack: () => void;
}) => {
	useBindings([{ keys: ['esc', 'q'], label: 'back', run: onBack }]);
	return <Waiting rect={rect} what={what} since={since} />;
};

const Problem = ({
	rect,
	error,
	doing,
	onAgain,
	onBack,
}: {
	readonly rect: Rect;
	readonly error: unknown;
	readonly doing: string;
	readonly onAgain: () => void;
	readonly onBack: () => void;
}) => {
	useBindings([
		{ keys: ['R', 'enter'], label: 'try again', run: onAgain },
		{ keys: ['esc', 'q'], label: 'back', run: onBack },
	]);
	const rows = errorRows(error, doing, rect.width - 4).map((row) => [{ text: '  ', tone: 'plain' as const }, ...row]);
	return (
		<StillBlock rect={rect} rows={panelRows({ title: 'That did not work', focused: false }, [[], ...rows], rect)} />
	);
};
