import type { Parsed } from '../command/flags.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Engine } from '../docker/engine.ts';
import type { CommandIo, Container } from '../docker/types.ts';
import type { Project } from './project.ts';
import { containersOf, inOrder } from './up.ts';

/** The request to a subcommand of `docker compose`. */
export interface Asked {
	readonly engine: Engine;
	readonly project: Project;
	readonly args: readonly string[];
	readonly io: CommandIo;
	readonly deployment: Deployment;
	/** True: nothing is done, only printed. */
	readonly dry: boolean;
}

/** A subcommand; returns its exit code. Throws an Error with Compose's message for a failure. */
export type Subcommand = (asked: Asked) => Promise<number>;

/** Resolves after a time, ms. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Returns the containers of the named services, or of all. */
export const chosen = ({ engine, project }: Asked, flags: Parsed): readonly Container[] =>
	(flags.rest.length > 0 ? inOrder(project, flags.rest, false) : project.all).flatMap(({ name }) =>
		containersOf(engine, project.name, name),
	);
