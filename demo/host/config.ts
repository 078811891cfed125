/** A host of the demo, and how it is reached. */
export interface DemoTarget {
	readonly user: string;
	readonly port: number;
	readonly directory: string;
	readonly state: string;
	readonly identityFile: string;
	readonly knownHosts: string;
	readonly sshConfig: string;
	readonly ports: Readonly<Record<'health' | 'metrics' | 'grafana' | 'alertmanager', number>>;
}

const settingsOf = ({ user, port, ports, ...rest }: DemoTarget, badge: string) => ({
	host: `${user}@127.0.0.1:${port}`,
	...rest,
	project: 'abstractfinance',
	runbook: './demo.yaml',
	badge,
	variables: {
		health_port: ports.health,
		metrics_port: ports.metrics,
		grafana_port: ports.grafana,
		alertmanager_port: ports.alertmanager,
	},
});

/** Returns the config of a demo, as an operator would write it. JSON is YAML. */
export const configText = (targets: Readonly<Record<'demo' | 'staging', DemoTarget>>): string => {
	const lines = Object.entries(targets).map(
		([name, target]) => `  ${name}: ${JSON.stringify(settingsOf(target, name))}\n`,
	);
	return `# The embedded demo hosts; they are gone when the demo ends.\ndefault: demo\ntargets:\n${lines.join('')}`;
};

/** The built-in runbook, with shorter times: simulated services start, and show their faults, within seconds. */
export const runbookText = `extends: abstractfinance
title: AbstractFinance (demo)
variables: { settle: 5s, stopped_watch: 3, gateway_patience: 30, watchdogs: '' }
checks:
  gateway: { title: IB Gateway, kind: script, script: gateway-answers, timeout: 25s, interval: 2s }
  database: { title: Database, kind: script, script: database-has-its-tables, timeout: 15s, interval: 2s }
verification: { settle: 5s, deadline: 2m }
`;

/** Excludes the user's own ssh configuration and agent. */
export const sshConfigText = `IdentityAgent none
IdentitiesOnly yes
`;
