import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import type { Rect } from '../../components/panel.ts';
import { ownCommand } from '../../runbook/own-command.ts';
import type { DashboardModel } from '../dashboard/model.ts';
import { useNavigation } from '../navigation.ts';
import { ChoiceDialog } from './choice-dialog.tsx';

/** Asks whether to quit, and says that a run that is followed keeps running. */
export const LeaveDialog = ({ area, model }: { readonly area: Rect; readonly model: DashboardModel }) => {
	const navigation = useNavigation();
	const { run } = model.state.get();
	const going = run?.run.get().state === 'running' ? run : undefined;
	useBindings([{ keys: ['ctrl-c'], label: 'quit', hidden: true, when: going === undefined, run: navigation.quit }], {
		layer: 'dialog',
	});
	if (going === undefined) {
		return (
			<ChoiceDialog
				area={area}
				title="Leave?"
				text={['Quitting does not stop anything that is running.']}
				choices={[
					{ label: 'Stay', run: navigation.close },
					{ key: 'q', label: 'Quit', run: navigation.quit },
				]}
			/>
		);
	}
	return (
		<ChoiceDialog
			area={area}
			title="Leave?"
			text={[
				`Run ${going.id} keeps running on the host. Reattach with:`,
				ownCommand(['attach', going.id], going.run.get().plan.target),
			]}
			choices={[
				{ label: 'Stay', run: navigation.close },
				{ key: 'q', label: 'Detach and quit', run: navigation.quit },
				{
					key: 'c',
					label: 'Cancel the run … (asks again)',
					run: () => navigation.open({ kind: 'cancel', run: going.id, title: going.run.get().plan.title }),
				},
			]}
		/>
	);
};
