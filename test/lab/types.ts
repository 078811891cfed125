/** Ports on 127.0.0.1 where the deployment's services answer. */
export interface ServicePorts {
	health: number;
	metrics: number;
	grafana: number;
	alertmanager: number;
	prometheus: number;
	loki: number;
	database: number;
	/** The gateway's API, container port 4000. */
	api: number;
	/** The gateway's screen, container port 5900. noVNC is not published. */
	vnc: number;
}

/** The place of the secrets: a plain .env, or only the vault that `./dc` reads. */
export type SecretsMode = 'env' | 'dc';

/** The way the clone is deployed: on main and pulled, as staging, or at a tag with HEAD detached, as production. */
export type DeployedMode = 'branch' | 'tag';

/** The state of the engine: it sleeps until the next day's run, or a run is due when it starts. */
export type EngineMode = 'asleep' | 'trading';

/** A commit of the deployment's history. */
export interface LabCommit {
	hash: string;
	subject: string;
	/** Its tag, such as v2.0.3; empty if it has none. */
	version: string;
}

/** The paths and ports of a running lab. Saved as `info.json` in the lab's folder. Paths are absolute. */
export interface LabInfo {
	dir: string;
	sshHost: '127.0.0.1';
	sshPort: number;
	/** A second sshd, to be used as a jump host. Same user and keys. */
	jumpPort: number;
	user: 'root';
	/** The other login: the deployment is its own, and its group may use Docker. */
	owner: 'abstractfinance';
	identityFile: string;
	encryptedIdentityFile: string;
	passphrase: string;
	/** A key that the host does not accept. */
	wrongIdentityFile: string;
	/** Has the right keys of both servers, as `[127.0.0.1]:port`. */
	knownHosts: string;
	/** A file for `ssh -F`: hosts `lab` (root), `owner`, `lab-jump` (the jump host itself) and `lab-via-jump`. */
	sshConfig: string;
	/** The clone that is deployed. */
	directory: string;
	/** The bare repository that it pulls from. */
	origin: string;
	project: 'abstractfinance';
	dockerSocket: string;
	/** The PATH of the host's ssh sessions. */
	path: string;
	ports: ServicePorts;
	/** The newest good commit: what `heal` deploys. */
	goodCommit: string;
	/** The newest commit that a fault has pushed, or null. */
	badCommit: string | null;
	/** Oldest first; the last one is `goodCommit`. */
	goodCommits: LabCommit[];
	/** Oldest first. */
	badCommits: LabCommit[];
	/** A hash over what the deployment was made from: where that has changed, `up` makes it anew. */
	madeFrom: string;
	secrets: SecretsMode;
	deployed: DeployedMode;
	/** The fault that was injected last and is not healed, or null. */
	fault: string | null;
	/** Image ids of the newest good commits, oldest first; the last one is of `goodCommit`. */
	goodImages: string[];
	/** Like `goodImages`, for cross-monitor, which is built from the same files. */
	goodMonitors: string[];
	/** The second project of the host; undefined when it was never brought up. */
	guestbook?: { directory: string; port: number; commits: LabCommit[] };
}

/** One thing that was looked at. */
export interface Finding {
	name: string;
	ok: boolean;
	detail: string;
}

/** The judgement on the deployment from the host's own state. */
export interface Verdict {
	ok: boolean;
	findings: Finding[];
}

/** The end of a program. */
export interface Output {
	/** Exit code; 128 + n when it was ended by signal n. */
	code: number;
	stdout: string;
	stderr: string;
}
