import type { CheckDefinition } from '../../runbook/runbook.ts';
import { certificate } from './certificate.ts';
import type { CheckKind } from './check-kind.ts';
import { containers } from './containers.ts';
import { converged } from './converged.ts';
import { http } from './http.ts';
import { logErrors } from './log-errors.ts';
import { logState } from './log-state.ts';
import { metrics } from './metrics.ts';
import { query } from './query.ts';
import { running } from './running.ts';
import { script } from './script.ts';
import { stopped } from './stopped.ts';
import { tcp } from './tcp.ts';

/** Every kind of check, by its name in runbooks. To add one, add a file here and a line below. */
export const checkKinds: Readonly<Record<string, CheckKind>> = {
	containers,
	converged,
	http,
	'log-state': logState,
	'log-errors': logErrors,
	metrics,
	query,
	stopped,
	running,
	tcp,
	certificate,
	script,
};

/** Returns a check's kind. Throws for one that is not in the table: no loaded runbook has such a check. */
export const checkKindOf = ({ kind }: Pick<CheckDefinition, 'kind'>): CheckKind => {
	const found = checkKinds[kind];
	if (found === undefined) {
		throw new Error(`there is no check of kind ${kind}`);
	}
	return found;
};
