/** One service as the deployment's own files ask for it. */
export interface DesiredService {
	readonly name: string;
	/** The number of instances that there should be, 0 included. */
	readonly replicas: number;
	/** True when the files set the restart policy; false when it is only the default. */
	readonly restartGiven: boolean;
	/** `disabled`: no health check, whatever the image says. `given`: one from the files. Undefined: the image's own applies. */
	readonly healthcheck?: 'disabled' | 'given';
	/** The ports that the service publishes. */
	readonly ports: readonly unknown[];
}

/** What should run. Two answers describe the same state only if they are the same object. */
export interface DesiredState {
	readonly services: readonly DesiredService[];
	/** Names of the services that end when their work is done, since other services wait for that. */
	readonly jobs: readonly string[];
	/** The most important service, as far as the files show it. */
	readonly main?: string;
}

/** What should run, or the reason why that is not known. */
export type DesiredAnswer = (
	| { readonly desired: DesiredState; readonly unreadable?: undefined }
	| { readonly desired?: undefined; readonly unreadable: string }
) & {
	/** The engine's name for the deployment. */
	readonly project?: string;
	/** True when a tool keeps the files inside itself, so the instances say all that can be known. */
	readonly isManaged?: boolean;
};

export interface DesiredOptions {
	readonly signal?: AbortSignal;
	/**
	 * The caller's view of what an answer rests on: the instances, the commit. An answer that rests on something else is not used.
	 * Undefined: not known yet.
	 */
	readonly ground?: string;
	/** The maximum age of an answer that is reused, ms; 0: never reuse one. Default: some minutes. */
	readonly maxAgeMs?: number;
}
