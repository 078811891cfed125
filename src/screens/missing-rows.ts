import { type Line, line } from '../components/line.ts';
import type { MissingHost } from '../runbook/missing-host.ts';

/** Says which hosts of the target have runs that are not in the list below. */
export const missingRows = (missing: readonly MissingHost[]): readonly Line[] =>
	missing.map(({ host, reason }) => line(` ▲ The runs of ${host} are missing: ${reason}`, 'warn'));
