import type { Finding } from '../../runbook/finding.ts';

/** A finding about the host; `fix` says what puts it right, where something can. */
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
