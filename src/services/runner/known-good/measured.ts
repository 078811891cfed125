import type { Host } from '../../host/host.ts';
import type { StateOptions } from '../host/state-folder.ts';
import { appendLines, readMarkLines } from './registry.ts';

/** A value that a check measured in a verification. */
export interface MeasuredValue {
	/** Id of the check. */
	readonly check: string;
	readonly value: number;
	/** ms since the epoch, by the clock of the machine that verified. */
	readonly at: number;
	/** Id of the run that was verified; undefined: it was no run. */
	readonly run: string | undefined;
}

/** Stands in a line where no run was verified. */
const noRun = '-';

/** Reads the newest value of each check, by its id. Creates nothing on the host. */
export const readMeasured = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<ReadonlyMap<string, MeasuredValue>> => {
	const values = new Map<string, MeasuredValue>();
	for (const [check = '', , at, run = '', text = ''] of await readMarkLines(host, options, 'measured', signal)) {
		const value = Number(text);
		if (check !== '' && text !== '' && Number.isFinite(value)) {
			values.set(check, { check, value, at: Number(at), run: run === noRun ? undefined : run });
		}
	}
	return values;
};

/** Keeps what checks have measured in a verification that passed: later ones are compared with it. */
export const keepMeasured = async (
	host: Host,
	options: StateOptions,
	measured: readonly MeasuredValue[],
	signal?: AbortSignal,
): Promise<void> => {
	const lines = measured.map(({ check, value, at, run }) => [check, 'good', at, run ?? noRun, value].join(' '));
	if (lines.length > 0) {
		await appendLines(host, options, 'measured', lines, signal);
	}
};
