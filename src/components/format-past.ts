import type { StepExpectation } from '../runbook/plan.ts';
import { formatTook } from './format-time.ts';

/** Describes a step's earlier durations: `took 12s the last time`, `took about 12s the last 3 times`. */
export const formatPast = ({ ms, runs }: StepExpectation): string =>
	runs === 1 ? `took ${formatTook(ms)} the last time` : `took about ${formatTook(ms)} the last ${runs} times`;
