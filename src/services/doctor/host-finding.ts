import type { Finding } from '../../runbook/finding.ts';

/** Returns a finding about the host; `fix` is the remedy, if there is one. */
export const hostFinding = (
	id: string,
	title: string,
	state: Finding['state'],
	found: string,
	fix?: string,
): Finding => ({
	id,
	where: 'host',
	title,
	state,
	found,
	...(fix !== undefined && { fix }),
});
