/** How far an engine has brought one service to what its specification asks for. */
export interface ServiceRollout {
	readonly service: string;
	/** The number of instances that should run; for a job, that should have ended successfully. */
	readonly desired: number;
	/** The number of instances of the present specification that run, through their health checks; for a job, that have ended successfully. */
	readonly current: number;
	/** The number of instances of an earlier specification that still run. */
	readonly earlier: number;
	readonly isJob: boolean;
	/** Instances that ended and are tried again, in words: `web.1: exit code 3, tried 4 times`. */
	readonly restarting: readonly string[];
	/** Other reasons why it is not what was asked for, in words: `agent: 1 of its pods is on node-2, which is lost`. */
	readonly troubles?: readonly string[];
	/** The state of the last change by the engine; undefined when there was none. */
	readonly update?: RolloutUpdate;
	/** The time since when its instances are as they are, ms since the epoch by the host's clock. */
	readonly since: number;
}

export interface RolloutUpdate {
	/**
	 * `rolled-back`: the engine itself has put the specification before in place. `stalled`: the engine goes on trying, and gets nowhere.
	 * `overwritten`: somebody has changed the specification that the run that is verified has given the service.
	 */
	readonly state:
		| 'updating'
		| 'stalled'
		| 'paused'
		| 'completed'
		| 'rolling-back'
		| 'rollback-paused'
		| 'rolled-back'
		| 'overwritten';
	/** The engine's own words for it. */
	readonly message: string;
}
