import type { Survey } from '../../runbook/survey.ts';
import type { Host } from '../host/host.ts';

/** A deployment that was found on a host: a Compose project, a stack, or what runs in a namespace. */
export interface FoundDeployment {
	readonly name: string;
	/** The folder of its files, absolute. */
	readonly directory: string;
	/** The number of its containers, stopped ones too. */
	readonly containers: number;
	/** True when nothing on the host says where its files are: the folder is a guess. */
	readonly isGuess?: true;
}

/** The facts that `init` knows about a new target, besides its survey. */
export interface TargetFacts {
	readonly name: string;
	readonly host: string;
	readonly directory: string;
	readonly project: string;
	/** Path relative to the config. */
	readonly runbook: string;
	readonly hasFolder: boolean;
	/** True when the engine answers this login only through sudo. */
	readonly sudo?: boolean;
	readonly command?: Survey['command'];
	readonly identityFile?: string;
	readonly knownHosts?: string;
	readonly sshConfig?: string;
	readonly jump?: string;
}

/** An engine's part of what `init` reads on a host, and of what it writes here. */
export interface EngineSurvey {
	/** The engine's word for a deployment. */
	readonly deployments: 'Compose project' | 'stack' | 'namespace';
	/** Lists the deployments that have containers on the host, by name. Throws BackoutError `failed` when the engine does not answer. */
	list(host: Host, signal: AbortSignal): Promise<readonly FoundDeployment[]>;
	/** True when the engine answers this login only through sudo. Changes nothing; throws what the connection throws. */
	bySudo(host: Host, signal: AbortSignal): Promise<boolean>;
	/** Reads one of them. Throws BackoutError `failed` when its directory or its files cannot be read, or the engine does not answer. */
	read(host: Host, found: Pick<FoundDeployment, 'name' | 'directory'>, signal: AbortSignal): Promise<Survey>;
	/** Returns the text of a runbook for a survey, which extends the engine's generic one and passes `backout check`. */
	runbook(survey: Survey): string;
	/** Returns the text of a config with one target. */
	config(facts: TargetFacts): string;
}
