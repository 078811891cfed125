/** One service as the deployment's own files ask for it. */
export interface DesiredService {
	readonly name: string;
	/** How many instances there should be; 0 is as good as any other number. */
	readonly replicas: number;
	/** The files say whether it is restarted; otherwise it is not because nothing else is said. */
	readonly restartGiven: boolean;
	/** `disabled`: no health check, whatever the image says. `given`: one. Undefined: the image's own counts. */
	readonly healthcheck?: 'disabled' | 'given';
	/** The ports that it publishes. */
	readonly ports: readonly unknown[];
}

/** What should run. Two answers are the same state only when they are the same object. */
export interface DesiredState {
	readonly services: readonly DesiredService[];
	/** Services that end when their work is done, because others wait for that, by name. */
	readonly jobs: readonly string[];
	/** The service that matters most, as far as the files show it. */
	readonly main?: string;
}

/** What should run, or why that is not known. */
export type DesiredAnswer = (
	| { readonly desired: DesiredState; readonly unreadable?: undefined }
	| { readonly desired?: undefined; readonly unreadable: string }
) & {
	/** What the engine calls the deployment. */
	readonly project?: string;
	/** A tool keeps the files inside itself: the instances say all that can be known. */
	readonly isManaged?: boolean;
};

export interface DesiredOptions {
	readonly signal?: AbortSignal;
	/**
	 * What the caller sees of that on which an answer rests: the instances, the commit. An answer of another ground is not
	 * used. Undefined: not known yet.
	 */
	readonly ground?: string;
	/** An answer that is older is asked for anew, ms; 0: any. Default: some minutes. */
	readonly maxAgeMs?: number;
}
