import type { Masked } from '../../runbook/masked.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { blockedFunctions } from '../../services/runner/blocked/blocks.ts';
import { runReadOnlyScript, type ScriptPlace } from '../../services/runner/client/read-only-script.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import script from './deployed-again.sh';

/** Says which blocked version is deployed now, since when, and why; undefined if none is, or the host cannot say. */
export const deployedBlock = async (place: ScriptPlace, signal: AbortSignal): Promise<Masked<string> | undefined> => {
	const options = { purpose: 'say whether a blocked version is deployed', signal };
	const { stdout } = await runReadOnlyScript(place, `${blockedFunctions}\n${script}`, options);
	const words = sanitiseText(stdout.replaceAll(/\s+/g, ' ')).trim();
	return words === '' ? undefined : maskSecrets(words);
};
