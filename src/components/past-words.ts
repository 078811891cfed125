import type { StepExpectation } from '../runbook/plan.ts';
import { took } from './time-words.ts';

/** What a step took before: `took 12s the last time`, `took about 12s the last 3 times`. */
export const pastWords = ({ ms, runs }: StepExpectation): string =>
	runs === 1 ? `took ${took(ms)} the last time` : `took about ${took(ms)} the last ${runs} times`;
