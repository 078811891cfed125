/** A machine of an engine that has several, as its managers or its control plane know it. */
export interface EngineNode {
	readonly id: string;
	readonly name: string;
	/** `control-plane`: the API server or its parts run on it. */
	readonly role: 'manager' | 'control-plane' | 'worker';
	/** `down` and `unknown`: the managers hear nothing of it. */
	readonly state: 'ready' | 'down' | 'disconnected' | 'unknown';
	/** `pause` and, in Kubernetes, `cordon`: gets nothing new. `drain`: nothing runs on it. */
	readonly availability: 'active' | 'pause' | 'cordon' | 'drain';
	/** True for the manager that leads the others. */
	readonly isLeader: boolean;
	/** True for the manager that answers here. */
	readonly isHere: boolean;
	/** False for a manager that the others do not reach; undefined for a worker. */
	readonly isReachable?: boolean;
	/** The reason of its state, as the engine says it. */
	readonly message?: string;
	/** Version of the engine on it. */
	readonly version: string;
	/** The number of the deployment's instances that run on it, as far as the managers know. */
	readonly instances: number;
}
