import type { Scenario } from '../scenario.ts';
import { event } from './event.ts';
import { firstFrame } from './first-frame.ts';
import { hotPaths } from './hot-paths.ts';
import { idle } from './idle.ts';
import { installed } from './installed.ts';
import { keys } from './keys.ts';
import { live } from './live.ts';
import { memory } from './memory.ts';
import { others } from './peers.ts';
import { plan } from './plan.ts';
import { run } from './run.ts';
import { scale } from './scale.ts';
import { targets } from './targets.ts';
import { verify } from './verify.ts';

/** Scenarios in the order of the table. */
export const scenarios: readonly Scenario[] = [
	firstFrame,
	installed,
	live,
	event,
	verify,
	keys,
	hotPaths,
	others,
	idle,
	run,
	plan,
	targets,
	scale,
	memory,
];
