import type { Finding } from '../../../runbook/finding.ts';
import type { Facts } from '../../../services/doctor/facts.ts';
import { hostFinding } from '../../../services/doctor/host-finding.ts';
import { judgeDockerAnd } from '../../docker/judge-docker.ts';

const judgeCompose = (facts: Facts): Finding => {
	const compose = facts.one('compose');
	const isTwo = compose !== undefined && Number.parseInt(compose.replace(/^v/, ''), 10) >= 2;
	return isTwo
		? hostFinding('compose', 'Compose', 'ok', compose)
		: hostFinding(
				'compose',
				'Compose',
				'failed',
				compose ?? facts.one('no-compose') ?? 'not there',
				'Install the Compose v2 plugin: apt-get install docker-compose-plugin',
			);
};

/** Judges the output of check-docker.sh and check-compose.sh. */
export const judgeEngine = (facts: Facts): readonly Finding[] => judgeDockerAnd(facts, () => [judgeCompose(facts)]);
