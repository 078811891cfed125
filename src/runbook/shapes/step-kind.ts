import * as z from 'zod';
import { type StepKind, stepKinds } from '../step-kinds/index.ts';
import type { StepKindDefinition } from '../step-kinds/step-kind.ts';

const names = Object.keys(stepKinds) as [StepKind, ...StepKind[]];
const abouts = Object.values<StepKindDefinition>(stepKinds).map(({ about }) => about);
const listed = `${abouts.slice(0, -1).join(', ')}, or ${abouts.at(-1)}`;

/** The kind of a step. */
export const stepKind = z.enum(names).describe(listed.charAt(0).toUpperCase() + listed.slice(1));
