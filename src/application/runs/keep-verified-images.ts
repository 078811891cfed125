import { changes } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { assertWritable } from '../../services/host/read-only.ts';
import { runScript } from '../../services/host/run-script.ts';
import { scriptEnvironment } from '../../services/runner/client/read-only-script.ts';
import { gitAsOwner } from '../../services/runner/host/git-as-owner.ts';
import onDisk from '../../services/runner/host/on-disk.sh';
import { locateState, stateValues } from '../../services/runner/host/state-folder.ts';
import keepScript from '../../services/runner/known-good/keep-verified.sh';
import type { Session } from '../fleet/session.ts';

/**
 * Keeps on the host the images that run after a verification that passed, with the restore point of the run: no prune takes them as long as
 * that is kept. A failure is only written to the debug log: the verdict does not depend on it.
 */
export const keepVerifiedImages = async (session: Session, run: Run): Promise<void> => {
	const { host, target, engine } = session;
	const { verified } = engine.shell.restorePoint;
	if (verified === undefined || run.verified?.verdict !== 'passed' || !changes(run.plan)) {
		return;
	}
	try {
		assertWritable(host, 'keeping images');
		const deployment = await engine.deployment({});
		await runScript(host, keepScript, {
			purpose: 'keep the images that were verified',
			prelude: [locateState, onDisk, gitAsOwner, engine.shell.scriptFunctions, verified],
			environment: scriptEnvironment(target, deployment),
			variables: { ...stateValues(target), id: run.id },
			timeoutMs: 60_000,
		});
	} catch (error) {
		debugLog()?.write('verified-images', { run: run.id, failed: String(error) });
	}
};
