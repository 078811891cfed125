import { isPostgres, mainOf } from './main-service.ts';

/** One service of a Compose project, as `docker compose config` has it, and what its published ports answered. */
export interface SurveyedService {
	readonly name: string;
	readonly image?: string;
	readonly built: boolean;
	readonly healthCheck: boolean;
	/** Names of the environment's variables with the values of those that name a database or its user; no other value. */
	readonly environment: Readonly<Record<string, string>>;
	/** TCP ports published on the host. */
	readonly ports: readonly number[];
	/** Services that are started before it; missing where the files cannot be read. */
	readonly dependsOn?: readonly string[];
	/** It ends when its work is done: others wait for that. */
	readonly isJob?: boolean;
}

/** What a port of the host answered. */
export interface SurveyedPort {
	readonly port: number;
	/** Where it is published; missing: on all addresses, or on the loopback one. */
	readonly address?: string;
	readonly service: string;
	/** A path that answers 200 and looks like a health endpoint. */
	readonly health?: string;
	/** Set when /metrics is a page of Prometheus metrics. */
	readonly metrics?: {
		readonly prefix: string;
		readonly series: readonly { readonly name: string; readonly counter: boolean }[];
	};
	readonly alertmanager?: boolean;
	readonly grafana?: boolean;
}

/** A Compose project on a host, as far as it can be seen from outside. */
export interface Survey {
	readonly project: string;
	readonly directory: string;
	readonly services: readonly SurveyedService[];
	readonly ports: readonly SurveyedPort[];
	/** Undefined where the directory is no git work tree. */
	readonly git?: { readonly branch: string; readonly upstream: string };
	/** Folders in the directory with dumps in them, relative, the fullest first. */
	readonly backups: readonly { readonly folder: string; readonly endings: readonly string[] }[];
	/** False: the directory is inside the tool that manages the stack. What is known comes from the containers. */
	readonly hasFolder: boolean;
	/** Why changes would be refused: sentences. */
	readonly conflicts: readonly string[];
	/** A program in the directory that may be how the deployment is called, where containers cannot say it. */
	readonly command?: {
		/** Relative to the directory. */
		readonly path: string;
		/** It gives its arguments on to Compose. */
		readonly passesOn: boolean;
	};
}

export interface DatabaseService {
	readonly service: string;
	readonly database: string;
	readonly user: string;
}

/** The service that is deployed and rolled back: `mainOf`, with what its ports answer. */
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

/** The PostgreSQL service, by its image or by the variables of the official image. The one that the main service uses comes first. */
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
	// As the official image does it.
	return { service: found.name, database: found.environment.POSTGRES_DB || user, user };
};
