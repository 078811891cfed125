import { Box } from 'ink';
import { useState } from 'react';
import { centred, Dialog, inside } from '../../components/dialog.tsx';
import { type Line, line, span, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { TextInput } from '../../components/text-input.tsx';
import type { Answer, WaitsFor } from '../../runbook/run.ts';
import type { Actions } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { ChoiceDialog } from './choice-dialog.tsx';

type OwnAnswer = Exclude<Answer['answer'], 'approved'>;

interface AnswerDialogProps {
	readonly area: Rect;
	readonly run: string;
	readonly waits: WaitsFor;
	readonly actions: Actions;
}

/** Answers a manual step: not yet done, done, or given up; then a reason for the journal, which sends it. */
export const AnswerDialog = ({ area, run, waits, actions }: AnswerDialogProps) => {
	const navigation = useNavigation();
	const approval = waits.approval === true;
	const [answer, setAnswer] = useState<OwnAnswer>();
	const send = (reason: string) => {
		if (answer === undefined) {
			return;
		}
		navigation.close();
		navigation.tell(`Telling run ${run} …`);
		actions.answer(run, waits.number, answer, reason.trim()).then(
			() => navigation.tell(answer === 'done' ? `Run ${run} continues.` : `Run ${run} stops there.`),
			(error: unknown) => navigation.open({ kind: 'error', error, doing: `answering run ${run}` }),
		);
	};
	if (answer === undefined) {
		return (
			<ChoiceDialog
				area={area}
				title={approval ? 'Waiting for the approval of another operator' : `Waiting for you: ${waits.title}`}
				tone="warn"
				text={[
					...waits.text.split('\n'),
					...(approval ? ['That command shows the plan. You must not be who started the run.'] : []),
				]}
				choices={[
					{ label: 'Not yet: it waits on', run: navigation.close },
					approval
						? {
								key: 'd',
								label: 'I have read the plan and approve it: continue the run …',
								run: () => setAnswer('done'),
							}
						: { key: 'd', label: 'It is done: continue the run …', run: () => setAnswer('done') },
					{ key: 'g', label: 'Give up: the run stops at this step …', run: () => setAnswer('gave-up') },
				]}
			/>
		);
	}
	return <LastWord area={area} answer={answer} approval={approval} onSend={send} onBack={() => setAnswer(undefined)} />;
};

const LastWord = ({
	area,
	answer,
	approval,
	onSend,
	onBack,
}: {
	readonly area: Rect;
	readonly answer: OwnAnswer;
	readonly approval: boolean;
	readonly onSend: (reason: string) => void;
	readonly onBack: () => void;
}) => {
	const [reason, setReason] = useState('');
	const width = Math.min(72, area.width);
	const asked =
		answer === 'done'
			? `${approval ? 'It is approved' : 'It is done'}, and the run continues. A comment for the journal:`
			: 'It is given up: the run stops there. Why, for the journal:';
	const above = wrap(asked, width - 4).map((row): Line => line(row));
	const rows: Line[] = [
		...above,
		[],
		[],
		[span('Enter ', 'accent'), span('sends it, also without a word   '), span('Esc ', 'accent'), span('back')],
	];
	const rect = centred(area, width, rows.length + 2);
	const field = inside(rect);
	return (
		<>
			<Dialog
				rect={rect}
				title={answer === 'gave-up' ? 'Give up' : approval ? 'Approve' : 'Done'}
				tone="warn"
				rows={rows}
			/>
			<Box position="absolute" left={field.x} top={field.y + above.length} width={field.width} height={1}>
				<TextInput
					value={reason}
					onChange={setReason}
					onSubmit={onSend}
					onCancel={onBack}
					width={field.width}
					layer="dialog"
					guardMs={250}
					placeholder="may be empty"
				/>
			</Box>
		</>
	);
};
