import * as z from 'zod';
import { health } from '../../../runbook/schema/entries.ts';
import * as parts from '../../../runbook/schema/parts.ts';
import { monitorKinds } from '../../monitors/monitor-kinds.ts';

const { mapping, removable } = parts;

const others: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(monitorKinds).map(([name, kind]) => [
		kind.key ?? name,
		kind.always ? kind.schema(parts).prefault({}).describe(kind.about) : removable(kind.schema(parts), kind.about),
	]),
);

export const monitors = mapping('list of monitors', {
	health: z.array(health).default([]).describe('HTTP endpoints to poll'),
	...others,
});
