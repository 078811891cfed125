import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Verification } from '../../runbook/check.ts';
import { digestOf, isReference } from '../../runbook/image-id.ts';
import { changes } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import { markCommit } from '../../services/runner/known-good/commits.ts';
import { markImage } from '../../services/runner/known-good/images.ts';
import type { Session } from '../fleet/session.ts';
import { listJournal } from './journal.ts';

/** Removes figures, which differ from one check to the next: `3 error lines since the start 12 s ago`. */
const withoutFigures = (text: string): string => text.replaceAll(/\d+(\.\d+)?/g, '#');

/** True when every failed check had failed before the run, for the same reason. */
export const failedBefore = (run: Pick<Run, 'readings'>, { checks }: Pick<Verification, 'checks'>): boolean => {
	const before = capturedAt(run.readings, 'before')?.seen ?? [];
	const failed = checks.filter(({ state }) => state === 'failed');
	return (
		failed.length > 0 &&
		failed.every(({ title, reason }) =>
			before.some(
				({ what, state, said }) =>
					what === `check ${title}` && state === 'down' && withoutFigures(said) === withoutFigures(reason),
			),
		)
	);
};

/** Describes an event between the run's last step and its verification; undefined when none was seen. */
const cameBetween = async (session: Session, run: Run, signal?: AbortSignal): Promise<string | undefined> => {
	const { instances, target } = session;
	const { endedAt } = run;
	if (endedAt === undefined) {
		return undefined;
	}
	const [journal, all] = await Promise.all([listJournal(session, signal), instances.takeAll(signal)]);
	const readOnly = new Set(target.runbook.procedures.filter(({ risk }) => risk === 'read-only').map(({ id }) => id));
	const other = journal.find(
		({ id, startedAt, procedure }) => id !== run.id && startedAt >= endedAt && !readOnly.has(procedure),
	);
	if (other !== undefined) {
		return `run ${other.id} happened in between`;
	}
	// The supervisor records the end in whole seconds.
	const newer = all.find(({ createdAt }) => createdAt > endedAt + 1000);
	return newer === undefined ? undefined : `${newer.service} was recreated after the run had ended`;
};

/**
 * Returns the reason why a failed verification says nothing about the run's version; undefined when it does. A question that cannot be
 * answered counts as no reason.
 */
export const whyNotCondemned = async (
	session: Session,
	run: Run,
	verification: Verification,
	signal?: AbortSignal,
): Promise<string | undefined> => {
	if (verification.verdict !== 'failed' || run.plan.expects === undefined) {
		return undefined;
	}
	if (failedBefore(run, verification)) {
		return 'the same checks had failed before the run';
	}
	return changes(run.plan) ? await cameBetween(session, run, signal).catch(() => undefined) : undefined;
};

/**
 * Records the verification's verdict on the host, for the commit and the images that are proven to be deployed. Without proof nothing is
 * recorded.
 */
export const noteVerdict = async (
	{ host, target }: Session,
	run: Run,
	{ verdict, proven }: Pick<Verification, 'verdict' | 'proven'>,
	at: number,
): Promise<void> => {
	const { expects } = run.plan;
	if (expects === undefined || proven === undefined || verdict === 'unknown') {
		return;
	}
	// Restored, and not well: neither good nor bad for the version.
	if (run.plan.verification.notWellBefore !== undefined) {
		return;
	}
	const word = { verdict, run: run.id, at };
	if (proven.commit !== undefined) {
		await markCommit(host, target, { commit: proven.commit, ...word });
	}
	for (const { service, image, ofCommit } of proven.images) {
		// An image without a commit that was not the run's subject, such as a database's, was not judged.
		if (ofCommit || service === expects.service) {
			// A name without a digest may stand for another image tomorrow.
			const id = isReference(image) ? digestOf(image) : image;
			if (id === undefined) {
				continue;
			}
			await markImage(host, target, { image: id, commit: ofCommit ? proven.commit : undefined, ...word });
		}
	}
};
