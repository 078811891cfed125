import { resumeCommand } from '../../runbook/guard-run.ts';
import { withOwnCommands } from '../../runbook/own-command.ts';
import type { Target } from '../../runbook/runbook.ts';
import { slowLogin } from '../../runbook/slow-login.ts';
import { monitorConfigs } from '../../services/monitors/monitor-configs.ts';
import { stepLibrary } from '../../services/runner/client/run-folder.ts';
import { createStore } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { watchUnsentNotices } from '../runs/channel-notices.ts';
import { reportHealth } from '../runs/health-notices.ts';
import type { Notify } from '../runs/notify.ts';
import { findInterrupted, mayBeInterrupted } from '../runs/resume-guard.ts';
import type { Monitoring } from '../watching/monitoring.ts';
import { stopsOnPurpose } from '../watching/stops-on-purpose.ts';
import { watchHealth } from '../watching/watch-health.ts';
import { FollowedRuns } from './followed-runs.ts';
import { JournalPoller } from './journal-poller.ts';
import { createPrompts } from './prompts.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { workspaceActions } from './workspace-actions.ts';

/** Longest wait for a verdict to be recorded when the operator leaves, ms. */
const lastWordsMs = 2000;

export interface WorkspaceOptions extends Omit<SessionOptions, 'notify' | 'tell'> {
	readonly notify?: Notify;
	/** Called with the path of each file that was written on this machine. */
	readonly onSaved?: (file: string) => void;
}

/** Says once that the login's startup files are slow. What it gives ends that. */
const tellSlowLogin = ({ host: { link, name }, target }: Session, tell: (text: string) => void): (() => void) => {
	const stop = link.subscribe(() => {
		const { loginMs } = link.get();
		if (loginMs !== undefined) {
			stop();
			tell(withOwnCommands(`On ${name} ${slowLogin(loginMs)}. \`backout doctor\` says what to look at.`, target.name));
		}
	});
	return stop;
};

/** Tells the channels when the deployment becomes unhealthy while this dashboard is open. What it gives ends that. */
const reportsHealth = (session: Session, { readings }: Monitoring, signal: AbortSignal): (() => void) => {
	const { host, target, readOnly, channels } = session;
	return readOnly || channels === undefined
		? () => {}
		: watchHealth(readings.verification, {
				settleMs: target.runbook.verification.settleMs,
				isUp: () => host.link.get().status === 'up',
				report: (seen) => reportHealth(session, seen, signal),
			});
};

/** Says once that a guard on the host was interrupted, and how to go on with it. What it gives ends that. */
const tellInterruptedGuard = (
	session: Session,
	{ runs }: JournalPoller,
	tell: (text: string) => void,
	signal: AbortSignal,
): (() => void) => {
	let told: string | undefined;
	return runs.subscribe(() => {
		const guard = runs.get()?.find((run) => run.guard === true);
		if (guard === undefined || !mayBeInterrupted(guard) || guard.id === told) {
			return;
		}
		told = guard.id;
		findInterrupted(session, runs.get() ?? [], signal).then(
			(run) => run && tell(`A guard was interrupted: run ${run.id}. To go on with it: ${resumeCommand(run)}`),
			() => {
				told = undefined;
			},
		);
	});
};

/** A workspace that is polled at the full rate only while it is attended to. */
export interface AttendedWorkspace extends Workspace {
	attend(closely: boolean): void;
}

/**
 * Opens a target for the screen: the connection, the monitors, the journal, and the operator's actions. Returns at once; everything comes
 * up later and reports it in its store. The caller closes it.
 */
export const openWorkspace = (
	target: Target,
	{ notify, onSaved, ...options }: WorkspaceOptions = {},
): AttendedWorkspace => {
	const { ask, question } = createPrompts();
	const notices = createStore('');
	const session = openSession(target, {
		retryFirst: true,
		ask,
		...options,
		tell: notices.set,
		...(notify && { notify: (notice, waitedMs) => notify(notice, waitedMs, notices.set) }),
	});
	const { host } = session;
	const stopTelling = tellSlowLogin(session, notices.set);
	const closing = new AbortController();
	const { signal } = closing;
	watchUnsentNotices(session, signal);
	const monitoring = session.monitoring();
	const stopReporting = reportsHealth(session, monitoring, signal);
	let closely = options.lean !== true;
	const journal = new JournalPoller(session, { closely, signal });
	const stopLooking = tellInterruptedGuard(session, journal, notices.set, signal);
	const refresh = () => {
		if (host.link.get().status !== 'up') {
			host.reconnect();
		}
		monitoring.refresh();
		journal.refresh();
	};
	/** While a run is followed, everything is polled at the full rate: the readings after the run are saved with it. */
	const setRate = () => monitoring.attend(closely || followed.count > 0);
	const followed = new FollowedRuns(session, { refresh, onCount: setRate, signal });

	return {
		...description(session),
		readings: {
			link: host.link,
			...monitoring.readings,
			lock: journal.lock,
			runs: journal.runs,
			runsMissing: journal.missing,
		},
		actions: workspaceActions(session, {
			...(onSaved && { onSaved }),
			follow: (id) => followed.follow(id),
			refresh,
			refreshJournal: () => journal.refresh(),
			signal,
		}),
		question,
		notice: notices,
		attend: (next) => {
			closely = next;
			setRate();
			journal.attend(next);
		},
		close: async () => {
			journal.stop();
			stopTelling();
			stopLooking();
			stopReporting();
			closing.abort();
			monitoring.stop();
			await followed.settled(lastWordsMs);
			await session.close();
		},
	};
};

/** The part of a workspace that does not change while its target is open. */
const description = ({
	target,
	host,
	engine,
	readOnly,
}: Session): Pick<AttendedWorkspace, 'target' | 'procedures' | 'links' | 'stepLibrary'> => {
	const { log } = monitorConfigs(target.runbook);
	const stops = stopsOnPurpose(target.runbook);
	return {
		target: {
			name: target.name,
			host: host.name,
			directory: target.directory,
			project: target.project,
			readOnly,
			runbookTitle: target.runbook.title,
			...(log !== undefined && { mainService: log.service }),
			...(target.badge !== undefined && { badge: target.badge }),
		},
		procedures: target.runbook.procedures.map(
			({ id, title, group, when, risk, inputs, steps, restorePoint, previews }) => ({
				id,
				title,
				group,
				when,
				risk,
				inputs: inputs.map(({ name }) => name),
				...(inputs.length === 1 && inputs[0]?.type === 'service' && { serviceInput: inputs[0].name }),
				undoable: steps.length > 0 && restorePoint,
				previewed: previews.flatMap(({ choice }) => choice ?? []),
				...(stops.has(id) && { stops: true as const }),
			}),
		),
		links: target.runbook.links,
		stepLibrary: stepLibrary(engine.shell),
	};
};
