import type { Survey } from '../../runbook/survey.ts';
import type { Host } from '../host/host.ts';

/** A deployment that was found on a host: a Compose project, or a stack. */
export interface FoundDeployment {
	readonly name: string;
	/** The folder of its files, absolute. */
	readonly directory: string;
	/** How many containers it has, stopped ones too. */
	readonly containers: number;
}

/** An engine's part of what `init` reads on a host. */
export interface EngineSurvey {
	/** The deployments that have containers on the host, by name. Throws BackoutError `failed` when the engine does not answer. */
	list(host: Host, signal: AbortSignal): Promise<readonly FoundDeployment[]>;
	/** Reads one of them. Throws BackoutError `failed` when its directory or its files cannot be read, or the engine does not answer. */
	read(host: Host, found: Pick<FoundDeployment, 'name' | 'directory'>, signal: AbortSignal): Promise<Survey>;
}
