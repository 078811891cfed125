/** The options of a measured host. */
export interface HostPlan {
	/** An empty folder of its own. */
	readonly folder: string;
	readonly containers: number;
	readonly series: number;
	readonly changing: boolean;
}

/** Orders to a measured host, one line of JSON each on its standard input. */
export type Order =
	/** Lines a second into the log of the first service; 0 pauses. */
	| { readonly do: 'flood'; readonly rate: number }
	/** Like `docker kill`. */
	| { readonly do: 'kill'; readonly name: string }
	| { readonly do: 'start'; readonly name: string }
	| { readonly do: 'change'; readonly changing: boolean };

/** Its answers, one per line on its standard output. */
export interface Answer {
	/** Time of completion, ms since the epoch, with fractions. */
	readonly at: number;
	/** Lines of flood written so far. */
	readonly written: number;
}

/** The line it begins with. */
export interface HostPlace {
	readonly port: number;
	readonly user: string;
	readonly identityFile: string;
	readonly knownHosts: string;
	/** The host's public key, without the name before it. */
	readonly hostKey: string;
	readonly directory: string;
	readonly state: string;
	readonly dockerSocket: string;
	readonly sshd: number;
	readonly ports: { readonly health: number; readonly metrics: number; readonly alertmanager: number };
}
