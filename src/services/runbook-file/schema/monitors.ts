import * as z from 'zod';
import * as parts from '../../../runbook/schema/parts.ts';
import { listMonitorKinds, monitorKinds } from '../../monitors/monitor-kinds.ts';

const { mapping, removable } = parts;

const lists: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(listMonitorKinds).map(([name, kind]) => [
		name,
		z.array(kind.schema(parts)).default([]).describe(kind.about),
	]),
);

const others: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(monitorKinds).map(([name, kind]) => [
		kind.key ?? name,
		kind.always ? kind.schema(parts).prefault({}).describe(kind.about) : removable(kind.schema(parts), kind.about),
	]),
);

export const monitors = mapping('list of monitors', {
	...lists,
	...others,
});
