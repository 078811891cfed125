import { useState } from 'react';
import { duration } from '../../components/format-time.ts';
import { type Line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { panelRows, type Rect } from '../../components/panel.ts';
import { useComputedText, useReadable } from '../../components/use-readable.ts';
import type { Verification } from '../../runbook/check.ts';
import { ownCommand } from '../../runbook/own-command.ts';
import type { Readable } from '../../stores/store.ts';
import type { FollowedRun, Workspace } from '../../stores/workspace.ts';
import { evidenceRows } from '../checks/evidence-rows.ts';
import { shownChecks } from '../checks/shown-checks.ts';
import { checksRows, settleLine, verdictLine } from '../dashboard/checks-rows.ts';
import { useContent } from '../dashboard/content.ts';
import { ContainersPanel, ReadingPanel } from '../dashboard/panels.tsx';
import { SeparatorRule } from '../dashboard/separator.tsx';
import { FollowedPane, useFollowedView } from '../followed-pane.tsx';
import { ChoiceDialog } from '../overlays/choice-dialog.tsx';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import { ScrollPanel } from '../scroll-panel.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { afterRunRows, nextStep } from './after-run.ts';
import { layoutRun } from './layout.ts';
import { stepRows, stepsSummary } from './step-rows.ts';
import { useRunKeys } from './use-run-keys.ts';
import { verdictHeadline } from './verdict-headline.ts';
import { verdictRows } from './verdict-rows.ts';

export interface RunScreenProps {
	readonly workspace: Workspace;
	readonly followed: FollowedRun;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
	/** Stops following; the run keeps running. */
	readonly onDetach: () => void;
}

/** A run in progress: its steps, its output, the checks after it, and what is known for certain about it. */
export const RunScreen = ({ workspace, followed, size, notice, covered, onDetach }: RunScreenProps) => {
	const [full, setFull] = useState(false);
	const [asking, setAsking] = useState(false);
	const view = useFollowedView(followed);
	const content = useContent(workspace, size.columns);
	const run = useReadable(followed.run);
	const facts = () => ({
		run: followed.run.get(),
		following: followed.following.get(),
		verification: followed.verification.get(),
	});
	const { alerts, suggestion } = workspace.readings;
	const sources = [followed.run, followed.following, followed.verification, alerts, suggestion];
	const next = () => nextStep(facts(), suggestion.get(), workspace.procedures);
	const contacts = () => ({ links: workspace.links, alerts: alerts.get().value });
	const said = (now: number) =>
		verdictRows(
			verdictHeadline(facts(), now),
			followed.run.get(),
			contacts(),
			now,
			size.columns,
			afterRunRows(facts(), next(), size),
		);
	const suggested = useComputedText(sources, () => next()?.procedure?.id ?? '');
	const height = useComputedText(sources, (now) => String(said(now).length));
	const layout = layoutRun({
		...size,
		steps: run.steps.length,
		checks: Math.max(run.plan.verification.checks.length, followed.verification.get()?.checks.length ?? 0),
		containers: content.containers,
		health: content.health,
		verdict: Number(height),
		full,
	});
	const onAskDetach = () => setAsking(true);
	useRunKeys({ workspace, followed, suggested, full, setFull, onAskDetach, onDetach });
	return (
		<ScreenFrame
			workspace={workspace}
			size={size}
			notice={notice}
			paneTop={run.steps.length === 0 ? undefined : layout.output.y}
			covered={covered || asking}
		>
			<DynamicBlock rect={layout.verdict} sources={sources} rows={said} />
			{layout.steps && (
				<DynamicBlock
					rect={layout.steps}
					sources={[followed.run, followed.following]}
					rows={(now) => {
						const rect = layout.steps ?? layout.verdict;
						const state = followed.run.get();
						const isLost = followed.following.get().status === 'lost';
						return panelRows(
							{ title: 'Steps', summary: stepsSummary(state, now, isLost), focused: false },
							stepRows(state, now, { width: rect.width, height: rect.height - 1 }, isLost),
							rect,
						);
					}}
				/>
			)}
			{layout.checks && <RunChecks workspace={workspace} followed={followed} rect={layout.checks} />}
			{layout.containers && <ContainersPanel workspace={workspace} rect={layout.containers} numbered={false} />}
			{layout.health && <ReadingPanel id="health" workspace={workspace} rect={layout.health} numbered={false} />}
			{layout.separator && <SeparatorRule separator={layout.separator} />}
			{run.steps.length === 0 ? (
				<VerificationEvidence
					workspace={workspace}
					followed={followed}
					rect={layout.output}
					active={!(covered || asking)}
				/>
			) : (
				view && (
					<FollowedPane
						followed={followed}
						view={view}
						actions={workspace.actions}
						rect={layout.output}
						focused
						covered={covered || asking}
					/>
				)
			)}
			{asking && (
				<ChoiceDialog
					area={bodyOf(size)}
					title="The run keeps running on the host"
					text={[
						'Detaching stops showing it here and nothing else.',
						'To see it again: r, then Enter; or, from a shell:',
						ownCommand(['attach', run.id], run.plan.target),
					]}
					choices={[
						{ label: 'Stay', run: () => setAsking(false) },
						{ key: 'd', label: 'Detach', run: onDetach },
					]}
				/>
			)}
		</ScreenFrame>
	);
};

/** Says for how long the checks have been running, or that they are over. */
const sinceLine = (shown: Verification | undefined, now: number): Line =>
	shown === undefined
		? []
		: [span(shown.final ? 'it is over' : `begun ${duration(Math.max(0, now - shown.startedAt))} ago`, 'muted')];

/** Lists the question and the answer of each check: a verification without steps has no output. */
const VerificationEvidence = ({
	workspace,
	followed,
	rect,
	active,
}: {
	readonly workspace: Workspace;
	readonly followed: FollowedRun;
	readonly rect: Rect;
	readonly active: boolean;
}) => {
	const { verification: standing } = workspace.readings;
	const shown = () => shownChecks(followed, standing.get()).verification;
	return (
		<ScrollPanel
			rect={rect}
			title="What the checks asked, and what came"
			summary={(now) => sinceLine(shown(), now)}
			sources={[followed.verification, followed.run, standing]}
			rows={(now) => evidenceRows(shown(), now, rect.width).rows}
			active={active}
		/>
	);
};

/** The checks after the steps; before that the current ones. */
const RunChecks = ({
	workspace,
	followed,
	rect,
}: {
	readonly workspace: Workspace;
	readonly followed: FollowedRun;
	readonly rect: Rect;
}) => {
	const { verification: standing } = workspace.readings;
	return (
		<DynamicBlock
			rect={rect}
			sources={[followed.verification, followed.run, standing]}
			rows={(now) => {
				const { title, verification: shown } = shownChecks(followed, standing.get());
				const settling = shown === undefined ? [] : settleLine(shown, now);
				return panelRows(
					{
						title,
						summary: settling.length > 0 ? settling : verdictLine(shown, now, false),
						focused: false,
					},
					checksRows(shown, now, { width: rect.width, height: rect.height - 1 }),
					rect,
				);
			}}
		/>
	);
};
