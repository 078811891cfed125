import type * as shapes from './shapes/basics.ts';
import type { Shape } from './shapes/infer.ts';

/** An operator: the name of the user, and the name of the machine where backout runs. */
export type Operator = Shape<typeof shapes.who>;
