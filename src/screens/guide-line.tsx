import { Box, Text } from 'ink';
import { span } from '../components/line.ts';
import { paint } from '../components/paint.ts';
import { useTheme } from '../components/theme-context.tsx';
import { useComputedText } from '../components/use-readable.ts';
import type { Guide, HintsSeen } from '../stores/onboarding-hints.ts';
import type { Readable } from '../stores/store.ts';
import type { Workspace } from '../stores/workspace.ts';

/** The row under every screen in which a guide suggests what to try next. */
export const GuideLine = ({
	guide,
	workspace,
	seen,
	stage,
	width,
}: {
	readonly guide: Guide;
	readonly workspace: Workspace;
	readonly seen: HintsSeen;
	/** What the screen of a procedure asks for now. */
	readonly stage: Readable<HintsSeen['stage']>;
	readonly width: number;
}) => {
	const theme = useTheme();
	const { link, suggestion, verification, runs } = workspace.readings;
	const { run } = seen;
	const sources = [
		link,
		suggestion,
		verification,
		runs,
		stage,
		...(run === undefined ? [] : [run.run, run.verification]),
	];
	const text = useComputedText(sources, () => {
		const now = stage.get();
		return guide(workspace, now === undefined ? seen : { ...seen, stage: now });
	});
	return (
		<Box width={width} height={1}>
			<Text>{paint([[span(` ▶ ${text}`, 'accent')]], width, theme)}</Text>
		</Box>
	);
};
