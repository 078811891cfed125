import type { LiveBinding } from '../../components/keymap/bindings.ts';
import { useClipboard } from '../../components/use-clipboard.ts';
import { ownCommand } from '../../runbook/own-command.ts';
import type { TargetChoice } from '../../stores/fleet.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useAppearanceCommands, useThemeSwitch } from '../appearance-commands.ts';
import { commandsFor, typedCommand } from '../commands.ts';
import type { DashboardModel } from '../dashboard/model.ts';
import { type Overlay, useNavigation } from '../navigation.ts';
import { bodyOf } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { AnswerDialog } from './answer-dialog.tsx';
import { CancelDialog, CancelledDialog } from './cancel-dialogs.tsx';
import { ErrorDialog } from './error-dialog.tsx';
import { Help } from './help.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import { Palette } from './palette.tsx';
import { TerminalDialog } from './terminal-dialog.tsx';
import { ThemeDialog } from './theme-dialog.tsx';

export interface OverlayViewProps {
	readonly overlay: Overlay;
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly targets: readonly TargetChoice[];
	readonly size: ScreenSize;
	readonly bindings: readonly LiveBinding[];
}

/** The overlay on the screen. */
export const OverlayView = ({ overlay, workspace, model, targets, size, bindings }: OverlayViewProps) => {
	const navigation = useNavigation();
	const looks = useAppearanceCommands(navigation);
	const keepTheme = useThemeSwitch(navigation.tell);
	const copy = useClipboard();
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
						{
							name: 'terminal',
							about: 'the command that prints this, for another terminal',
							run: () => {
								copy(ownCommand(['status'], workspace.target.name));
								navigation.open({ kind: 'terminal' });
							},
						},
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
		case 'terminal':
			return <TerminalDialog area={area} target={workspace.target.name} onClose={close} />;
		case 'error':
			return (
				<ErrorDialog
					area={area}
					error={overlay.error}
					doing={overlay.doing}
					target={workspace.target.name}
					onClose={close}
					onAttach={navigation.attach}
				/>
			);
		case 'answer':
			return <AnswerDialog area={area} run={overlay.run} waits={overlay.waits} actions={workspace.actions} />;
		case 'cancel':
			return <CancelDialog area={area} overlay={overlay} actions={workspace.actions} />;
		case 'cancelled':
			return <CancelledDialog area={area} overlay={overlay} target={workspace.target.name} />;
		default:
			return <LeaveDialog area={area} model={model} />;
	}
};
