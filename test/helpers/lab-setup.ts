import { ensureLab, labAvailable, labRuns, stopLab } from '../lab/index.ts';

/**
 * Brings the lab up before the tests that share it. One that was up already stays up; one that was not is taken down
 * again. Where there can be no lab, the tests say so themselves and are skipped, unless BACKOUT_LAB=required.
 */
export const setup = async (): Promise<() => Promise<void>> => {
	const { ok, reason } = await labAvailable();
	if (!ok) {
		if (process.env.BACKOUT_LAB === 'required') {
			throw new Error(`the lab is required, but it is not available: ${reason}`);
		}
		process.stdout.write(`The tests that need the lab are skipped: ${reason}\n`);
		return async () => {};
	}
	const ran = await labRuns().catch(() => ({ docker: false }));
	await ensureLab((line) => process.stdout.write(`lab: ${line}\n`));
	return ran.docker ? async () => {} : () => stopLab();
};

export default setup;
