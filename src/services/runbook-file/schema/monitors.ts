import * as z from 'zod';
import * as parts from '../../../runbook/schema/parts.ts';
import { monitorKinds } from '../../monitors/monitor-kinds.ts';

const { duration, expectation, mapping, removable, text, through, url } = parts;

const health = mapping('health monitor', {
	name: text().describe('Shown beside the state'),
	url: url().describe('The address that answers when the service is well'),
	through: through(),
	interval: duration().prefault('5s').describe('Time between two looks'),
	timeout: duration().prefault('5s').describe('How long one look may take'),
	expect: expectation(),
}).describe('An HTTP endpoint that is asked again and again');

const others: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(monitorKinds).map(([name, kind]) => [
		kind.key ?? name,
		kind.always ? kind.schema(parts).prefault({}).describe(kind.about) : removable(kind.schema(parts), kind.about),
	]),
);

export const monitors = mapping('list of monitors', {
	health: z.array(health).default([]).describe('HTTP endpoints that are asked again and again'),
	...others,
});
