import { Box, Text } from 'ink';
import { span } from '../components/line.ts';
import { paint } from '../components/paint.ts';
import { useTheme } from '../components/theme-context.tsx';
import { useComputedText } from '../components/use-readable.ts';
import type { Guide, HintsSeen } from '../stores/onboarding-hints.ts';
import type { Workspace } from '../stores/workspace.ts';

/** The row under every screen in which a guide suggests what to try next. */
export const GuideLine = ({
	guide,
	workspace,
	seen,
	width,
}: {
	readonly guide: Guide;
	readonly workspace: Workspace;
	readonly seen: HintsSeen;
	readonly width: number;
}) => {
	const theme = useTheme();
	const { link, suggestion, verification, runs } = workspace.readings;
	const { run } = seen;
	const sources = [link, suggestion, verification, runs, ...(run === undefined ? [] : [run.run, run.verification])];
	const text = useComputedText(sources, () => guide(workspace, seen));
	return (
		<Box width={width} height={1}>
			<Text>{paint([[span(` ▶ ${text}`, 'accent')]], width, theme)}</Text>
		</Box>
	);
};
