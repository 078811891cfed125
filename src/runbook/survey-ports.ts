import type { SurveyedPort } from './survey.ts';

/** The variables of a runbook that contain ports, each with a unique name. */
export interface PortVariables {
	/** Returns the variable for a port: named after its service, or its service and its purpose. */
	use(port: SurveyedPort, purpose: string): string;
	/** Lines of YAML, `NAME: PORT`. */
	readonly lines: readonly string[];
}

export const createPortVariables = (): PortVariables => {
	const names = new Map<number, string>();
	return {
		use: (port, purpose) => {
			const base = port.service
				.toLowerCase()
				.replace(/[^a-z0-9]+/g, '_')
				.replace(/^[^a-z]+|_$/g, '');
			const taken = [...names.values()];
			const plain = `${base || 'service'}_port`;
			const name =
				names.get(port.port) ??
				[plain, `${base || 'service'}_${purpose}_port`, `port_${port.port}`].find((one) => !taken.includes(one)) ??
				plain;
			names.set(port.port, name);
			return name;
		},
		get lines() {
			return [...names].map(([port, name]) => `${name}: ${port}`);
		},
	};
};

/** The ports of a survey by purpose; those of the main service first. */
export interface PortRoles {
	readonly health: readonly SurveyedPort[];
	readonly metrics: SurveyedPort | undefined;
	readonly alertmanager: SurveyedPort | undefined;
	readonly grafana: SurveyedPort | undefined;
}

export const portRoles = (ports: readonly SurveyedPort[], service: string): PortRoles => {
	const ofMain = (port: SurveyedPort) => port.service === service;
	const health = ports.filter((port) => port.health !== undefined && port.alertmanager !== true);
	const metrics = ports.filter((port) => port.metrics !== undefined);
	return {
		health: [...health.filter(ofMain), ...health.filter((port) => !ofMain(port))],
		metrics: metrics.find(ofMain) ?? metrics[0],
		alertmanager: ports.find((port) => port.alertmanager),
		grafana: ports.find((port) => port.grafana),
	};
};
