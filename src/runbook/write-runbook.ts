import { databaseService, mainService, type Survey, type SurveyedPort } from './survey.ts';

/** A YAML flow scalar: JSON's strings are YAML's (YAML 1.2.2, 1.3). Plain where nothing can be taken for something else. */
export const scalar = (text: string): string =>
	/^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
		? text
		: JSON.stringify(text);

/** A text as a runbook's value: what would be replaced there stands for itself. */
const literal = (text: string): string => scalar(text.replaceAll('${', () => '$${'));

/** The name of a series made readable: `shop_open_carts_total` → `Open carts`. */
const titleOf = (series: string, prefix: string): string => {
	const words = series
		.slice(series.startsWith(prefix) ? prefix.length : 0)
		.replace(/_total$/, '')
		.replaceAll('_', ' ')
		.trim();
	return words === '' ? series : words.charAt(0).toUpperCase() + words.slice(1);
};

const indented = (lines: readonly string[], by: string): string => lines.map((line) => `${by}${line}\n`).join('');

const address = (variable: string, path = ''): string => `'http://127.0.0.1:\${${variable}}${path}'`;

/**
 * The text of a runbook for what was found: it extends the generic one, says in comments what may be added, and passes
 * `backout check`. Everything in it was seen on the host; nothing is guessed but which service is the main one.
 */
export const writeRunbook = (survey: Survey): string => {
	const main = mainService(survey);
	const database = databaseService(survey);
	const service = main?.name ?? 'app';
	const ofMain = (port: SurveyedPort) => port.service === service;
	const health = survey.ports.filter((port) => port.health !== undefined && port.alertmanager !== true);
	const ordered = [...health.filter(ofMain), ...health.filter((port) => !ofMain(port))];
	const metrics = survey.ports.filter((port) => port.metrics !== undefined);
	const measured = metrics.find(ofMain) ?? metrics[0];
	const alertmanager = survey.ports.find((port) => port.alertmanager);
	const grafana = survey.ports.find((port) => port.grafana);
	const variables: string[] = [`service: ${literal(service)}`];
	const names = new Map<number, string>();
	/** The variable that holds this port: by its service, or by its service and what it is for. */
	const use = (port: SurveyedPort, word: string): string => {
		const base = port.service
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, '_')
			.replace(/^[^a-z]+|_$/g, '');
		const taken = [...names.values()];
		const plain = `${base || 'service'}_port`;
		const name =
			names.get(port.port) ??
			[plain, `${base || 'service'}_${word}_port`, `port_${port.port}`].find((one) => !taken.includes(one)) ??
			plain;
		if (!names.has(port.port)) {
			names.set(port.port, name);
			variables.push(`${name}: ${port.port}`);
		}
		return name;
	};
	if (database !== undefined) {
		variables.push(
			`database_service: ${literal(database.service)}`,
			`database: ${literal(database.database)}`,
			`database_user: ${literal(database.user)}`,
		);
	}
	const [backups] = survey.backups;
	if (backups !== undefined) variables.push(`backups: ${literal(backups.folder)}`);
	if (survey.git !== undefined && survey.git.upstream !== '' && survey.git.upstream !== 'origin/main') {
		variables.push(`deployed_branch: ${literal(survey.git.upstream)}`);
	}

	const monitors: string[] = [];
	const checks: string[] = [];
	const checked = ['containers'];
	if (ordered.length > 0) {
		monitors.push('health:');
		for (const port of ordered) {
			monitors.push(`  - { name: ${literal(port.service)}, url: ${address(use(port, 'health'), port.health)} }`);
		}
		const first = ordered[0] as SurveyedPort;
		checks.push(
			'health:',
			'  title: Health endpoint',
			'  kind: http',
			`  url: ${address(use(first, 'health'), first.health)}`,
		);
		checked.push('health');
	}
	if (measured?.metrics !== undefined) {
		const url = address(use(measured, 'metrics'), '/metrics');
		const { prefix, series } = measured.metrics;
		monitors.push('metrics:', `  url: ${url}`);
		if (series.length > 0) {
			monitors.push('  series:');
			for (const { name, counter } of series) {
				monitors.push(
					`    - { series: ${literal(name)}, title: ${literal(titleOf(name, prefix))}${counter ? ', unit: /s, rate: true' : ''} }`,
				);
			}
		}
		checks.push(
			'metrics:',
			'  title: Metrics',
			'  kind: metrics',
			`  url: ${url}`,
			...(prefix === '' ? [] : [`  prefix: ${literal(prefix)}`]),
			'  # Set it when one of them always changes: a page that stands still then fails.',
			'  moves: false',
		);
		checked.push('metrics');
	}
	if (alertmanager !== undefined) monitors.push(`alerts: { url: ${address(use(alertmanager, 'alertmanager'))} }`);
	if (backups !== undefined) {
		const patterns = backups.endings.map((ending) => literal(`${backups.folder}/*${ending}`)).join(', ');
		monitors.push(`backups: { patterns: [${patterns}], warnAfter: 26h }`);
	}
	monitors.push(`log: { service: '\${service}', pattern: '\\b(\\w*error|fatal|traceback)\\b' }`);
	if (survey.git === undefined) monitors.push('commit: false');

	const links: string[] = [];
	if (grafana !== undefined) links.push(`- { title: Grafana, url: ${address(use(grafana, 'grafana'))} }`);
	if (alertmanager !== undefined)
		links.push(`- { title: Alertmanager, url: ${address(use(alertmanager, 'alertmanager'))} }`);
	links.push(
		`- { title: The log, text: ${literal(`docker compose -p ${survey.project} logs --tail 200 ${service}`)} }`,
	);

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
${checks.length === 0 ? '# No endpoint was found that says how it is: add one.\n#   health: { kind: http, title: Health endpoint, url: http://127.0.0.1:8080/health }\n' : `checks:\n${indented(checks, '  ')}`}
# All of them must hold at once for the settling time: longer than it takes to crash again.
verification: { checks: [${checked.join(', ')}], settle: 30s, deadline: 5m }

# Where to turn to when it does not come back.
links:
${indented(links, '  ')}
${procedures(survey)}# Put first in the menu when it fits; nothing is ever started by itself.
suggestions:
  - { procedure: ${suggested(survey)}, why: ${literal(`${service} keeps restarting`)}, when: { restarting: '\${service}' } }
`;
};

const suggested = ({ git, hasFolder }: Survey): string =>
	!hasFolder ? 'restart' : git === undefined ? 'rollback-image' : 'rollback-commit';

/** What is left out, and what takes its place where there is no folder. */
const procedures = ({ git, hasFolder }: Survey): string => {
	if (!hasFolder) {
		return `# The Compose files are inside of the tool that manages the stack: what needs them is done there. What goes by the
# containers alone works from here.
procedures:
  rollback-image: { disabled: true }
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

export interface TargetFacts {
	readonly name: string;
	readonly host: string;
	readonly directory: string;
	readonly project: string;
	/** Relative to the config. */
	readonly runbook: string;
	readonly hasFolder: boolean;
	readonly command?: Survey['command'];
	readonly identityFile?: string;
	readonly knownHosts?: string;
	readonly sshConfig?: string;
	readonly jump?: string;
}

/** The program that calls Compose: containers cannot say it, for the env file that it made is gone. */
const commandLines = ({ command }: Pick<TargetFacts, 'command'>): string => {
	if (command === undefined) {
		return '';
	}
	const key = `compose: { command: ${scalar(command.path)} }`;
	return command.passesOn
		? `    # The containers were made with an env file that is gone. This program calls Compose, and gives its arguments on: it is
    # called in place of \`docker compose\`. Take it away if it does anything else.
    ${key}
`
		: `    # The containers were made with an env file that is gone: some program made it. If it is this one, and it gives its
    # arguments on to \`docker compose\`, take the # away:
    # ${key}
`;
};

/** The text of a config with one target. */
export const writeConfig = (target: TargetFacts): string => {
	const own = (['identityFile', 'knownHosts', 'sshConfig', 'jump'] as const)
		.filter((key) => target[key] !== undefined)
		.map((key) => `${key}: ${scalar(target[key] ?? '')}`);
	return `# Which hosts there are, and how they are reached. \`backout check\` says whether it is right.

targets:
  ${scalar(target.name)}:
    # [user@]host[:port], a Host of ~/.ssh/config, or \`local\` for this machine without SSH.
    host: ${scalar(target.host)}
${
	target.hasFolder
		? "    # The folder of the Compose project on the host, and the project's name."
		: '    # The folder that the containers were made in, inside of the tool that manages the stack; and its project.'
}
    directory: ${scalar(target.directory)}
    project: ${scalar(target.project)}
${commandLines(target)}    runbook: ${scalar(target.runbook)}
${own.length === 0 ? '    # As in ssh, where they differ from its own: identityFile, knownHosts, sshConfig, jump.\n' : `    # As in ssh: -i, UserKnownHostsFile, -F and -J.\n${indented(own, '    ')}`}    # Shown beside the host everywhere, so that nobody takes one target for another.
    # badge: production
    # Nothing may be changed there:
    # readOnly: true
`;
};
