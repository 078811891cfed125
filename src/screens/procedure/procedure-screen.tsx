import { useState } from 'react';
import type { InputOffer } from '../../runbook/plan.ts';
import type { Readable } from '../../stores/store.ts';
import type { ProcedureSummary, Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { useTask } from '../use-task.ts';
import { ChoiceList } from './choice-list.tsx';
import { Pending, Problem } from './pending.tsx';
import { PlanAndStart } from './plan-and-start.tsx';

export interface ProcedureScreenProps {
	readonly workspace: Workspace;
	readonly procedure: ProcedureSummary;
	/** Values that are chosen already, by the names of their inputs. */
	readonly inputs?: Readonly<Record<string, string>>;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
}

/** From a procedure to its run: its inputs one by one, the plan, the confirmation. Leaving it aborts what is under way. */
export const ProcedureScreen = ({ workspace, procedure, inputs = {}, size, notice }: ProcedureScreenProps) => {
	const navigation = useNavigation();
	const [attempt, setAttempt] = useState(0);
	const [values, setValues] = useState<Readonly<Record<string, string>>>(inputs);
	const [at, setAt] = useState(0);
	const asked = (name: string) => inputs[name] === undefined;
	const asks = procedure.inputs.some(asked);
	const offers = useTask<readonly InputOffer[]>(`${procedure.id} ${attempt}`, async (signal) =>
		asks ? (await workspace.actions.inputs(procedure.id, signal)).filter(({ name }) => asked(name)) : [],
	);
	const list = offers.status === 'done' ? offers.value : undefined;
	const back = () => (at === 0 ? navigation.back() : setAt(at - 1));
	const again = () => setAttempt(attempt + 1);
	const rect = bodyOf(size);
	const offer = list?.[at];
	const shown = () => {
		if (offers.status === 'failed') {
			return (
				<Problem
					rect={rect}
					error={offers.error}
					doing="reading the choices"
					target={workspace.target.name}
					onAgain={again}
					onBack={back}
				/>
			);
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
					step={{ at: at + 1, of: offers.value.length }}
					before={values[offer.name]}
					read={
						procedure.previewed?.includes(offer.name)
							? (value, signal) => workspace.actions.choicePreviews(procedure.id, { input: offer.name, value }, signal)
							: undefined
					}
					onChoose={(value) => {
						setValues({ ...values, [offer.name]: value });
						setAt(at + 1);
					}}
					onBack={back}
				/>
			);
		}
		return (
			<PlanAndStart
				workspace={workspace}
				rect={rect}
				title={procedure.title}
				task={`${JSON.stringify(values)} ${attempt}`}
				make={(signal, allowed) => workspace.actions.plan(procedure.id, values, signal, allowed)}
				onAgain={again}
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
