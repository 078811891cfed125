import { isPostgres, mainOf } from './main-service.ts';

/** One service of a Compose project, from `docker compose config`, with the responses of its published ports. */
export interface SurveyedService {
	readonly name: string;
	readonly image?: string;
	readonly built: boolean;
	readonly healthCheck: boolean;
	/** The environment's variables that name a database or its user, with values; no others. */
	readonly environment: Readonly<Record<string, string>>;
	/** TCP ports published on the host. */
	readonly ports: readonly number[];
	/** Services that are started before this one; missing when the files cannot be read. */
	readonly dependsOn?: readonly string[];
	/** True for a service that ends when its work is done, since others wait for that. */
	readonly isJob?: boolean;
}

/** The response of a port on the host. */
export interface SurveyedPort {
	readonly port: number;
	/** The address where it is published; missing: on all addresses, or on the loopback one. */
	readonly address?: string;
	readonly service: string;
	/** A path that responds with 200 and looks like a health endpoint. */
	readonly health?: string;
	/** Set when /metrics is a page of Prometheus metrics. */
	readonly metrics?: {
		readonly prefix: string;
		readonly series: readonly { readonly name: string; readonly counter: boolean }[];
	};
	readonly alertmanager?: boolean;
	readonly grafana?: boolean;
}

/** A Compose project on a host, as far as it is visible from outside. */
export interface Survey {
	readonly project: string;
	readonly directory: string;
	readonly services: readonly SurveyedService[];
	readonly ports: readonly SurveyedPort[];
	/** Undefined when the directory is not a git work tree. */
	readonly git?: { readonly branch: string; readonly upstream: string };
	/** Folders in the directory with dumps in them, relative, the fullest first. */
	readonly backups: readonly { readonly folder: string; readonly endings: readonly string[] }[];
	/** False when the directory is inside the tool that manages the stack. Then all facts come from the containers. */
	readonly hasFolder: boolean;
	/** Reasons why changes would be refused: sentences. */
	readonly conflicts: readonly string[];
	/** A program in the directory that may be the way to call Compose, when containers cannot show it. */
	readonly command?: {
		/** Relative to the directory. */
		readonly path: string;
		/** True when it passes its arguments on to Compose. */
		readonly passesOn: boolean;
	};
}

export interface DatabaseService {
	readonly service: string;
	readonly database: string;
	readonly user: string;
}

/** Returns the service that is deployed and rolled back: `mainOf`, given the responses of its ports. */
export const mainService = ({ project, services, ports }: Survey): SurveyedService | undefined => {
	const main = mainOf(
		services.map(({ name, image, built, healthCheck, dependsOn = [], isJob = false, ports: own }) => ({
			name,
			image,
			built,
			healthCheck,
			dependsOn,
			isJob,
			publishes: own.length > 0,
			answers: ports.some(({ service, health }) => service === name && health !== undefined),
		})),
		project,
	);
	return services.find(({ name }) => name === main);
};

/**
 * Returns the PostgreSQL service, recognised by its image or by the variables of the official image. The main service's own comes first.
 */
export const databaseService = (survey: Survey): DatabaseService | undefined => {
	const { services } = survey;
	const used = mainService(survey)?.dependsOn ?? [];
	const all = services.filter(
		(service) => isPostgres(service) || ('POSTGRES_DB' in service.environment && service.image === undefined),
	);
	const found = all.find(({ name }) => used.includes(name)) ?? all[0];
	if (found === undefined) {
		return undefined;
	}
	const user = found.environment.POSTGRES_USER || 'postgres';
	// The defaults of the official image.
	return { service: found.name, database: found.environment.POSTGRES_DB || user, user };
};
