import type { EngineSurvey } from '../../../services/survey/engine-survey.ts';
import { listProjects, worksBySudo } from './projects.ts';
import { surveyProject } from './survey.ts';
import { writeConfig } from './write-config.ts';
import { writeRunbook } from './write-runbook.ts';

/** The Compose projects of a host, one of them, and the files that `init` writes for it. */
export const composeSurvey: EngineSurvey = {
	list: listProjects,
	bySudo: worksBySudo,
	read: surveyProject,
	runbook: writeRunbook,
	config: writeConfig,
};
