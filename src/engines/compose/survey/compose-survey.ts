import type { EngineSurvey } from '../../../services/survey/engine-survey.ts';
import { listProjects, worksBySudo } from './projects.ts';
import { surveyProject } from './survey.ts';
import { writeConfig } from './write-config.ts';
import { writeRunbook } from './write-runbook.ts';

/** Reads the Compose projects of a host, surveys one, and writes the files of `init` for it. */
export const composeSurvey: EngineSurvey = {
	deployments: 'Compose project',
	list: listProjects,
	bySudo: worksBySudo,
	read: surveyProject,
	runbook: writeRunbook,
	config: writeConfig,
};
