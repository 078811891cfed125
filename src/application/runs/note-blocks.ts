import type { Engine } from '../../engine/engine.ts';
import type { Block, Version } from '../../runbook/block.ts';
import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Verification } from '../../runbook/check.ts';
import { changes } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import { defaultBlockMs } from '../../runbook/run-limits.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { noteVerifiedDeployment, readBlocks } from '../../services/runner/blocked/blocks.ts';
import type { Session } from '../fleet/session.ts';

type Judged = Pick<Verification, 'verdict' | 'proven'>;

/** Returns the commit that is deployed after a verified run, where it is known. */
const commitAfter = ({ plan, facts }: Run, { proven }: Judged): string | undefined =>
	proven?.commit ?? plan.expects?.commit ?? facts.deployed_commit;

/** Returns the ids of the images that ran before in services that are proven to run others now. */
const imagesReplaced = (run: Run, { proven }: Judged): readonly string[] => {
	const now = new Map<string, Set<string>>();
	for (const { service, image } of proven?.images ?? []) {
		now.set(service, (now.get(service) ?? new Set()).add(image));
	}
	const before = capturedAt(run.readings, 'before')?.containers ?? [];
	const replaced = before.filter(({ service, imageId }) => imageId !== '' && now.get(service)?.has(imageId) === false);
	return [...new Set(replaced.map(({ imageId }) => imageId))];
};

/**
 * Compares the times at which images were made: `newer` or `older` when that is true of all that are deployed now and all that were replaced.
 * Builds that can be reproduced, and those that differ in a label only, have the same time.
 */
const ageOf = async (
	engine: Pick<Engine, 'image'>,
	now: readonly string[],
	replaced: readonly string[],
): Promise<'newer' | 'older' | 'unknown'> => {
	const timesOf = (ids: readonly string[]) =>
		Promise.all(ids.map(async (id) => (await engine.image(id).catch(() => undefined))?.createdAt));
	const [newTimes, oldTimes] = await Promise.all([timesOf(now), timesOf(replaced)]);
	const all = (test: (made: number, old: number) => boolean) =>
		newTimes.length > 0 &&
		newTimes.every((made) => made !== undefined && oldTimes.every((old) => old !== undefined && test(made, old)));
	return all((made, old) => made > old) ? 'newer' : all((made, old) => made < old) ? 'older' : 'unknown';
};

/** Returns the run that a run has undone. */
const undoneBy = ({ plan }: Run): string | undefined =>
	plan.environment.from_run ?? plan.inputs.find(({ name }) => name === 'from_run')?.value;

/** Returns the images of the main service that are proven to run. */
const mainImages = ({ plan }: Run, { proven }: Judged): readonly string[] =>
	(proven?.images ?? []).filter(({ service }) => service === plan.expects?.service).map(({ image }) => image);

/** True when a run has deployed again what this block is about: it has undone that rollback, or somebody has allowed the version by name. */
const isDeployedAgain = (run: Run, judged: Judged, { run: by, commit, images }: Block): boolean => {
	const now = mainImages(run, judged);
	return (
		by === undoneBy(run) ||
		(commit === undefined ? images.some((image) => now.includes(image)) : commit === commitAfter(run, judged))
	);
};

/** Returns the version that a verified run has rolled back; undefined when it has rolled back none, or that is not known. */
const rolledBack = async (
	session: Session,
	run: Run,
	judged: Judged,
	blocks: readonly Block[],
): Promise<Version | undefined> => {
	const { plan, facts } = run;
	// A failure that was there before says nothing about the version.
	if (plan.expects === undefined || judged.proven === undefined || plan.verification.notWellBefore !== undefined) {
		return undefined;
	}
	// The undo of a rollback goes on to what that had replaced.
	if (blocks.some((block) => block.run === undoneBy(run))) {
		return undefined;
	}
	const after = commitAfter(run, judged);
	const before = facts.commit ?? capturedAt(run.readings, 'before')?.commit?.hash;
	// A run that rolls back images leaves the commit as it is.
	const commit = after === undefined || before === after ? undefined : before;
	const images = imagesReplaced(run, judged);
	if (commit === undefined) {
		if (images.length === 0) {
			return undefined;
		}
		const age = await ageOf(session.engine, mainImages(run, judged), images);
		// Somebody has allowed by name what was rolled back before.
		const isAllowed = age === 'unknown' && blocks.some((block) => isDeployedAgain(run, judged, block));
		return age === 'newer' || isAllowed ? undefined : { images };
	}
	return { commit, images };
};

/** Returns the runs whose blocks end with this deployment: of what it has deployed again, and of images that newer ones have replaced. */
const endedBlocks = async (
	session: Session,
	run: Run,
	judged: Judged,
	blocks: readonly Block[],
): Promise<readonly string[]> => {
	const now = mainImages(run, judged);
	const ended = await Promise.all(
		blocks.map(async (block) => {
			const isOver =
				isDeployedAgain(run, judged, block) ||
				(block.commit === undefined && (await ageOf(session.engine, now, block.images)) === 'newer');
			return isOver ? [block.run] : [];
		}),
	);
	return ended.flat();
};

/**
 * Blocks, on the host, the version that a verified run has rolled back, and lifts the blocks of versions that were verified since, or are
 * older than what was. A failure is only written to the debug log: the verdict does not depend on it.
 */
export const noteBlocks = async (session: Session, run: Run, judged: Judged): Promise<void> => {
	const { host, target, readOnly } = session;
	const { blockMs = defaultBlockMs } = target;
	if (readOnly || judged.verdict !== 'passed' || !changes(run.plan)) {
		return;
	}
	try {
		const blocks = await readBlocks(host, target);
		const before = await rolledBack(session, run, judged, blocks);
		if (before === undefined && blocks.length === 0) {
			return;
		}
		await noteVerifiedDeployment(host, target, {
			run: run.id,
			who: run.who,
			reason: maskSecrets(run.reason),
			rolledBack: blockMs === 0 ? undefined : before,
			commit: commitAfter(run, judged),
			blockMs,
			lift: await endedBlocks(session, run, judged, blocks),
		});
	} catch (error) {
		debugLog()?.write('blocks', { run: run.id, failed: String(error) });
	}
};
