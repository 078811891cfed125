import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineOf } from '../../src/application/fleet/choose-engine.ts';
import { checkPreconditions } from '../../src/application/plans/doctor-preconditions.ts';
import type { PreconditionDefinition, ProcedureDefinition, Target } from '../../src/runbook/runbook.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';

let directory: string;
beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'backout-doctor-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const writable: PreconditionDefinition = {
	id: 'backups',
	title: 'A backup can be added',
	script: '[ -d backups ] || { echo "there is no folder backups"; exit 1; }',
};
const procedure = (id: string, preconditions: readonly PreconditionDefinition[], inputs: readonly string[] = []) =>
	({ id, preconditions, inputs: inputs.map((name) => ({ name })) }) as unknown as ProcedureDefinition;

const look = async (...procedures: readonly ProcedureDefinition[]) => {
	const host = new LocalHost();
	const target = { name: 'shop', host: 'local', directory, project: 'shop', runbook: { procedures, variables: {} } };
	try {
		const place = { host, target: target as unknown as Target, engine: engineOf(host, target as unknown as Target) };
		return await checkPreconditions(place, AbortSignal.timeout(60_000));
	} finally {
		await host.close();
	}
};

test('one that is not met is said once, with its reason and each procedure that is refused for it', async () => {
	const procedures = [procedure('checklist', [writable]), procedure('restore', [writable])];
	expect(await look(...procedures)).toEqual([
		{
			id: 'precondition-backups',
			where: 'host',
			title: 'A backup can be added',
			state: 'warn',
			found: 'there is no folder backups',
			fix: 'Until then these procedures are refused: checklist, restore.',
		},
	]);
	mkdirSync(join(directory, 'backups'));
	expect(await look(...procedures)).toMatchObject([{ id: 'preconditions', state: 'ok', found: '1 of 1 met' }]);
});

test('what depends on a choice, or is made false by the steps, is left to the plan', async () => {
	const chosen: PreconditionDefinition = { id: 'exists', title: 'It exists', script: 'test -e "${image}"' };
	const once: PreconditionDefinition = { id: 'differs', title: 'It differs', script: 'false', once: true };
	expect(await look(procedure('rollback-image', [chosen, once], ['image']))).toEqual([]);
	// Without an input of that name it reads a variable of the runbook.
	expect(await look(procedure('restart', [chosen]))).toMatchObject([{ id: 'precondition-exists', state: 'warn' }]);
});

test('what cannot be looked at is unknown, and not met', async () => {
	rmSync(directory, { recursive: true });
	expect(await look(procedure('checklist', [writable]))).toMatchObject([
		{ id: 'precondition-backups', state: 'unknown' },
	]);
});
