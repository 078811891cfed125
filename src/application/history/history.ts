import { blockOf } from '../../runbook/block.ts';
import type { CheckState } from '../../runbook/check.ts';
import { type HeadMove, historyOf, type WholeHistory } from '../../runbook/history.ts';
import { readBlocks } from '../../services/runner/blocked/blocks.ts';
import { runReadOnlyScript } from '../../services/runner/client/read-only-script.ts';
import type { Session } from '../fleet/session.ts';
import { listRunsEverywhere } from '../runs/runs-elsewhere.ts';
import script from './read-history.sh';

/** The output of `read-history.sh`. */
interface Printed {
	readonly moves: readonly HeadMove[];
	readonly deployedBy: ReadonlyMap<string, string>;
	readonly verdicts: ReadonlyMap<string, CheckState>;
}

const parse = (text: string): Printed => {
	const moves: HeadMove[] = [];
	const deployedBy = new Map<string, string>();
	const verdicts = new Map<string, CheckState>();
	for (const [kind, first = '', second = '', by = '', how = '', subject = ''] of text
		.split('\n')
		.map((line) => line.split('\t'))) {
		if (kind === 'move' && /^\d+$/.test(second)) {
			moves.push({ commit: first, at: Number(second) * 1000, by, how, subject });
		} else if (kind === 'run') {
			deployedBy.set(first, second);
		} else if (kind === 'verdict') {
			verdicts.set(first, second === 'good' ? 'passed' : 'failed');
		}
	}
	return { moves, deployedBy, verdicts };
};

/**
 * Returns what was deployed, whoever did it, newest first: from the journals of all hosts of the target, the reflog of the one that is asked,
 * and the containers that exist. Changes nothing. Throws what reading the host and its engine throws: without the containers, what is deployed now would be wrong.
 */
export const readHistory = async (session: Session, signal?: AbortSignal): Promise<WholeHistory> => {
	const { host, target, instances } = session;
	const [printed, { runs, missing }, containers, blocks] = await Promise.all([
		runReadOnlyScript(session, script, { purpose: 'read what was deployed', signal, maxBytes: 1024 * 1024 }),
		listRunsEverywhere(session, signal),
		instances.takeAll(signal),
		readBlocks(host, target, signal),
	]);
	const { procedures } = target.runbook;
	const readOnly = new Set(procedures.filter(({ risk }) => risk === 'read-only').map(({ id }) => id));
	const deploying = procedures.filter(({ expects }) => expects !== undefined).map(({ id }) => id);
	const deployments = historyOf({
		...parse(printed.stdout),
		containers,
		runs: runs.filter(({ procedure }) => !readOnly.has(procedure)),
		deploying: new Set(['undo', 'with-lock', ...deploying]),
	});
	return {
		deployments: deployments.map((one) =>
			blockOf(blocks, { commit: one.commit, images: one.images.map(({ imageId }) => imageId) }) === undefined
				? one
				: { ...one, blocked: true },
		),
		missing,
	};
};
