import type { EngineSurvey } from '../../../services/survey/engine-survey.ts';
import { listProjects } from './projects.ts';
import { surveyProject } from './survey.ts';

/** The Compose projects of a host, and one of them. */
export const composeSurvey: EngineSurvey = { list: listProjects, read: surveyProject };
