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

/** What `init` knows of a new target beside its survey. */
export interface TargetFacts {
	readonly name: string;
	readonly host: string;
	readonly directory: string;
	readonly project: string;
	/** Relative to the config. */
	readonly runbook: string;
	readonly hasFolder: boolean;
	/** The engine answers this login by sudo alone. */
	readonly sudo?: boolean;
	readonly command?: Survey['command'];
	readonly identityFile?: string;
	readonly knownHosts?: string;
	readonly sshConfig?: string;
	readonly jump?: string;
}

/** An engine's part of what `init` reads on a host, and of what it writes here. */
export interface EngineSurvey {
	/** The deployments that have containers on the host, by name. Throws BackoutError `failed` when the engine does not answer. */
	list(host: Host, signal: AbortSignal): Promise<readonly FoundDeployment[]>;
	/** Whether the engine answers this login by sudo alone. Changes nothing; throws what the connection throws. */
	bySudo(host: Host, signal: AbortSignal): Promise<boolean>;
	/** Reads one of them. Throws BackoutError `failed` when its directory or its files cannot be read, or the engine does not answer. */
	read(host: Host, found: Pick<FoundDeployment, 'name' | 'directory'>, signal: AbortSignal): Promise<Survey>;
	/** The text of a runbook for what was found, which extends the engine's generic one and passes `backout check`. */
	runbook(survey: Survey): string;
	/** The text of a config with one target. */
	config(facts: TargetFacts): string;
}
