import type { Engine } from '../../engine/engine.ts';
import { composeLook } from '../../engines/compose/doctor/compose-look.ts';
import { createComposeEngine } from '../../engines/compose/engine.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { EngineLook } from '../../services/doctor/engine-look.ts';
import { rememberedSocket } from '../../services/files/remembered-socket.ts';
import type { Host } from '../../services/host/host.ts';
import type { EngineSurvey } from '../../services/survey/engine-survey.ts';

// The one place that knows which engine runs a target: Docker Compose runs all of them.

/** Binds the engine of a target to the host; nothing is asked yet. */
export const engineOf = (host: Host, target: Target, env: NodeJS.ProcessEnv = process.env): Engine =>
	createComposeEngine(host, target, rememberedSocket(host.name, env));

/** The questions of `doctor` to the engine of a target. */
export const engineLookOf = (_target: Target): EngineLook => composeLook;

/** The questions of `init`, which alone loads them: no target says yet which engine runs it. */
export const loadEngineSurvey = async (): Promise<EngineSurvey> =>
	(await import('../../engines/compose/survey/compose-survey.ts')).composeSurvey;
