import { databaseService, mainService, type Survey, type SurveyedPort } from '../../../runbook/survey.ts';
import { createPortVariables, type PortRoles, type PortVariables, portRoles } from '../../../runbook/survey-ports.ts';
import { indented, literal } from '../../../runbook/yaml-text.ts';

/** Returns a readable title for a series: `shop_open_carts_total` → `Open carts`. */
const titleOf = (series: string, prefix: string): string => {
	const words = series
		.slice(series.startsWith(prefix) ? prefix.length : 0)
		.replace(/_total$/, '')
		.replaceAll('_', ' ')
		.trim();
	return words === '' ? series : words.charAt(0).toUpperCase() + words.slice(1);
};

const address = ({ address: at = '127.0.0.1' }: SurveyedPort, variable: string, path = ''): string =>
	`'http://${at.includes(':') ? `[${at}]` : at}:\${${variable}}${path}'`;

/** The facts from which the parts of a runbook are written. */
interface Found {
	readonly survey: Survey;
	/** The main service. */
	readonly service: string;
	readonly roles: PortRoles;
	readonly ports: PortVariables;
}

/**
 * Returns the text of a runbook: it extends the generic one, suggests additions in comments, and passes `backout check`. All of it was
 * seen on the host; only the main service is a guess.
 */
export const writeRunbook = (survey: Survey): string => {
	const service = mainService(survey)?.name ?? 'app';
	const found = { survey, service, roles: portRoles(survey.ports, service), ports: createPortVariables() };
	const monitors = monitorLines(found);
	const checks = checkLines(found);
	const links = linkLines(found);
	// Computed last, as the others add names for the ports.
	const variables = variableLines(found);

	return `# The runbook of ${JSON.stringify(survey.project)}, written from what was found on the host. It is yours now: change what is wrong, add what is missing.
# It builds on the generic runbook for Compose projects, which brings the procedures: \`backout procedures\`.
# \`backout check FILE\` says whether it is right.

extends: compose
title: ${literal(survey.project)}

# Used below as \${name}, and by scripts as environment variables. A target of the config may override them.
variables:
${indented(variables, '  ')}
# What is watched, beside the containers, the disk and the deployed commit.
monitors:
${indented(monitors, '  ')}
# What proves that it is well. Beside these there are the kinds log-state, log-errors, stopped and running, for instance:
#   errors: { kind: log-errors, title: No errors in the log, service: '\${service}', pattern: '\\b(\\w*error|fatal)\\b' }
# A line that must not come: except: 'error=null'. Then name it in verification.checks.
${checks.lines.length === 0 ? '# No endpoint was found that says how it is: add one.\n#   health: { kind: http, title: Health endpoint, url: http://127.0.0.1:8080/health }\n' : `checks:\n${indented(checks.lines, '  ')}`}
# All of them must hold at once for the settling time: longer than it takes to crash again.
verification: { checks: [${checks.ids.join(', ')}], settle: 30s, deadline: 5m }

# Where to turn to when it does not come back.
links:
${indented(links, '  ')}
${procedures(survey)}# Put first in the menu when it fits; nothing is ever started by itself.
suggestions:
  - { procedure: ${suggested(survey)}, why: ${literal(`${service} keeps restarting`)}, when: { restarting: '\${service}' } }
`;
};

const variableLines = ({ survey, service, ports }: Found): readonly string[] => {
	const database = databaseService(survey);
	const [backups] = survey.backups;
	const upstream = survey.git?.upstream ?? '';
	return [
		`service: ${literal(service)}`,
		...(database === undefined
			? []
			: [
					`database_service: ${literal(database.service)}`,
					`database: ${literal(database.database)}`,
					`database_user: ${literal(database.user)}`,
				]),
		...(backups === undefined ? [] : [`backups: ${literal(backups.folder)}`]),
		...(upstream === '' || upstream === 'origin/main' ? [] : [`deployed_branch: ${literal(upstream)}`]),
		...ports.lines,
	];
};

const monitorLines = ({ survey, roles, ports }: Found): readonly string[] => {
	const { health, metrics, alertmanager } = roles;
	const [backups] = survey.backups;
	const lines: string[] = [];
	if (health.length > 0) {
		lines.push('health:');
		for (const [at, port] of health.entries()) {
			// A service may answer on several ports.
			const again = health.findIndex(({ service }) => service === port.service) < at;
			const name = again ? `${port.service} ${port.port}` : port.service;
			lines.push(`  - { name: ${literal(name)}, url: ${address(port, ports.use(port, 'health'), port.health)} }`);
		}
	}
	if (metrics?.metrics !== undefined) {
		const { prefix, series } = metrics.metrics;
		lines.push('metrics:', `  url: ${address(metrics, ports.use(metrics, 'metrics'), '/metrics')}`);
		if (series.length > 0) {
			lines.push('  series:');
		}
		for (const { name, counter } of series) {
			lines.push(
				`    - { series: ${literal(name)}, title: ${literal(titleOf(name, prefix))}${counter ? ', unit: /s, rate: true' : ''} }`,
			);
		}
	}
	if (alertmanager !== undefined) {
		lines.push(`alerts: { url: ${address(alertmanager, ports.use(alertmanager, 'alertmanager'))} }`);
	}
	if (backups !== undefined) {
		const patterns = backups.endings.map((ending) => literal(`${backups.folder}/*${ending}`)).join(', ');
		lines.push(`backups: { patterns: [${patterns}], warnAfter: 26h }`);
	}
	lines.push(`log: { service: '\${service}', pattern: '\\b(\\w*error|fatal|traceback)\\b' }`);
	return survey.git === undefined ? [...lines, 'commit: false'] : lines;
};

const checkLines = ({
	roles,
	ports,
}: Found): { readonly lines: readonly string[]; readonly ids: readonly string[] } => {
	const [health] = roles.health;
	const { metrics } = roles;
	const lines: string[] = [];
	const ids = ['containers'];
	if (health !== undefined) {
		lines.push(
			'health:',
			'  title: Health endpoint',
			'  kind: http',
			`  url: ${address(health, ports.use(health, 'health'), health.health)}`,
		);
		ids.push('health');
	}
	if (metrics?.metrics !== undefined) {
		const { prefix } = metrics.metrics;
		lines.push(
			'metrics:',
			'  title: Metrics',
			'  kind: metrics',
			`  url: ${address(metrics, ports.use(metrics, 'metrics'), '/metrics')}`,
			...(prefix === '' ? [] : [`  prefix: ${literal(prefix)}`]),
			'  # Set it when one of them always changes: a page whose values do not change then fails.',
			'  moves: false',
		);
		ids.push('metrics');
	}
	return { lines, ids };
};

const linkLines = ({ survey, service, roles, ports }: Found): readonly string[] => {
	const { grafana, alertmanager } = roles;
	const log = `docker compose -p ${survey.project} logs --tail 200 ${service}`;
	return [
		...(grafana === undefined ? [] : [`- { title: Grafana, url: ${address(grafana, ports.use(grafana, 'grafana'))} }`]),
		...(alertmanager === undefined
			? []
			: [`- { title: Alertmanager, url: ${address(alertmanager, ports.use(alertmanager, 'alertmanager'))} }`]),
		`- { title: The log, text: ${literal(log)} }`,
	];
};

const suggested = ({ git, hasFolder }: Survey): string =>
	!hasFolder ? 'restart' : git === undefined ? 'rollback-image' : 'rollback-commit';

/** Returns the lines that leave procedures out, and those that replace them if there is no folder. */
const procedures = ({ git, hasFolder }: Survey): string => {
	if (!hasFolder) {
		return `# The Compose files are inside the tool that manages the stack: what needs them is done there. What goes by the
# containers alone works from here.
procedures:
  rollback-commit: { disabled: true }
  failed-deployment: { disabled: true }
  config-error: { disabled: true }
  restart:
    title: Restart the service
    group: Scenarios
    when: It hangs, or has lost what it needs. The same container starts anew; no image and no setting changes.
    risk: disruptive
    preconditions:
      - { id: docker, title: Docker answers, script: docker-answers }
    steps:
      - id: restart
        title: Restart its containers
        timeout: 3m
        run: |
          ids=$(containers_of -a "$service")
          [ -n "$ids" ] || { echo "$service has no container"; exit 1; }
          for id in $ids; do engine_timeout=120 engine restart -t 30 "$id" || exit; done
    interrupts: ['\${service}']

`;
	}
	return git === undefined
		? `# The deployment is no git clone: what goes back by commits cannot be used.
procedures:
  rollback-commit: { disabled: true }
  failed-deployment: { disabled: true }

`
		: '';
};
