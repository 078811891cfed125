import type { LiveBinding } from '../../components/keymap/bindings.ts';
import type { TargetChoice } from '../../stores/fleet.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useAppearanceCommands, useThemeSwitch } from '../appearance-commands.ts';
import { commandsFor, typedCommand } from '../commands.ts';
import type { DashboardModel } from '../dashboard/model.ts';
import { type Overlay, useNavigation } from '../navigation.ts';
import { bodyOf } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { AnswerDialog } from './answer-dialog.tsx';
import { ChoiceDialog } from './choice-dialog.tsx';
import { ErrorDialog } from './error-dialog.tsx';
import { Help } from './help.tsx';
import { Palette } from './palette.tsx';
import { ThemeDialog } from './theme-dialog.tsx';

export interface OverlayViewProps {
	readonly overlay: Overlay;
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly targets: readonly TargetChoice[];
	readonly size: ScreenSize;
	readonly bindings: readonly LiveBinding[];
}

/** Whatever lies over the screen. */
export const OverlayView = ({ overlay, workspace, model, targets, size, bindings }: OverlayViewProps) => {
	const navigation = useNavigation();
	const looks = useAppearanceCommands(navigation);
	const keepTheme = useThemeSwitch(navigation.tell);
	const area = bodyOf(size);
	const { close } = navigation;
	switch (overlay.kind) {
		case 'help':
			return <Help area={area} bindings={bindings} onClose={close} />;
		case 'palette':
			return (
				<Palette
					area={area}
					commands={[
						...commandsFor(workspace, navigation, targets),
						{ name: 'theme', about: 'choose one by looking at it', run: () => navigation.open({ kind: 'theme' }) },
						...looks,
					]}
					typed={(text) => typedCommand(workspace, navigation, text)}
					initial={overlay.text ?? ''}
					onClose={close}
				/>
			);
		case 'theme':
			return (
				<ThemeDialog
					area={area}
					onChosen={(name) => {
						close();
						keepTheme(name);
					}}
					onClose={close}
				/>
			);
		case 'error':
			return (
				<ErrorDialog
					area={area}
					error={overlay.error}
					doing={overlay.doing}
					onClose={close}
					onAttach={navigation.attach}
				/>
			);
		case 'answer':
			return <AnswerDialog area={area} run={overlay.run} waits={overlay.waits} actions={workspace.actions} />;
		case 'cancel':
			return (
				<ChoiceDialog
					area={area}
					title={`Cancel ${overlay.title}?`}
					tone="warn"
					text={[
						`Run ${overlay.run} will be stopped on the host: the current step gets SIGTERM, then SIGKILL. What it has changed so far stays changed.`,
					]}
					choices={[
						{ label: 'Let it run', run: close },
						{
							key: 'c',
							label: 'Cancel the run',
							run: () => {
								close();
								navigation.tell(`Cancelling run ${overlay.run} …`);
								workspace.actions.cancel(overlay.run).then(
									({ lines, wayBack }) => {
										const { run, title } = overlay;
										navigation.open({ kind: 'cancelled', run, title, lines, undoable: wayBack !== undefined });
									},
									(error: unknown) => navigation.open({ kind: 'error', error, doing: `cancelling run ${overlay.run}` }),
								);
							},
						},
					]}
				/>
			);
		case 'cancelled':
			return (
				<ChoiceDialog
					area={area}
					title={`Cancelled: ${overlay.title}`}
					text={overlay.lines}
					choices={[
						{ label: 'Back', run: close },
						...(overlay.undoable
							? [
									{
										key: 'U',
										label: 'Plan the way back (undo)',
										run: () => {
											close();
											navigation.go({ kind: 'undo', run: overlay.run, title: overlay.title });
										},
									},
								]
							: []),
					]}
				/>
			);
		default: {
			const run = model.state.get().run;
			const going = run?.run.get().state === 'running' ? run : undefined;
			return (
				<ChoiceDialog
					area={area}
					title="Leave?"
					text={
						going === undefined
							? ['Quitting does not stop anything that is running.']
							: [`Run ${going.id} keeps running on the host. Reattach with: backout attach ${going.id}`]
					}
					choices={[
						{ label: 'Stay', run: close },
						{ key: 'q', label: going === undefined ? 'Quit' : 'Detach and quit', run: navigation.quit },
						...(going === undefined
							? []
							: [
									{
										key: 'c',
										label: 'Cancel the run … (asks again)',
										run: () => navigation.open({ kind: 'cancel', run: going.id, title: going.run.get().plan.title }),
									},
								]),
					]}
				/>
			);
		}
	}
};
