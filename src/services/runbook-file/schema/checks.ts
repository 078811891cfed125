import * as z from 'zod';
import * as parts from '../../../runbook/schema/parts.ts';
import { checkKinds } from '../../checks/check-kinds.ts';

const { mapping, text } = parts;

const kinds = Object.entries(checkKinds).map(([name, kind]) =>
	mapping(`check "${name}"`, {
		kind: z.literal(name).describe(kind.about),
		title: text().optional().describe('Shown beside the result; default: the id'),
		...kind.keys(parts),
	}),
);
const [first, ...others] = kinds as [(typeof kinds)[number], ...typeof kinds];

export const check = z
	.discriminatedUnion('kind', [first, ...others], {
		error: (issue) =>
			issue.code === 'invalid_union' ? `a check's kind is one of: ${Object.keys(checkKinds).join(', ')}` : undefined,
	})
	.describe('One check: what must be true for the service to count as healthy');
