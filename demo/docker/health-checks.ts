import { nowNanos } from './stamp.ts';
import type { Container } from './types.ts';

/** Number of a container's probes that Docker keeps. */
const keptProbes = 5;

/** The health checks of running containers. */
export class HealthChecks {
	readonly #onHealth: (container: Container, health: string) => void;
	readonly #timers = new Map<string, NodeJS.Timeout>();

	/** @param onHealth called when a container's health has changed */
	constructor(onHealth: (container: Container, health: string) => void) {
		this.#onHealth = onHealth;
	}

	/** Starts to probe a container, if its image has a health check that its program answers. */
	watch(container: Container): void {
		const { healthcheck } = container;
		if (healthcheck === undefined || container.program?.health === undefined) {
			return;
		}
		container.health = 'starting';
		container.probes = [];
		let failures = 0;
		const probe = () => {
			const said = container.program?.health?.();
			if (said === undefined) {
				return;
			}
			const result = { at: nowNanos(), code: said.ok ? 0 : 1, output: said.output };
			container.probes = [...container.probes, result].slice(-keptProbes);
			failures = said.ok ? 0 : failures + 1;
			const next = said.ok ? 'healthy' : failures >= healthcheck.retries ? 'unhealthy' : container.health;
			if (next !== undefined && next !== container.health) {
				container.health = next;
				this.#onHealth(container, next);
			}
		};
		this.#timers.set(container.id, setInterval(probe, healthcheck.intervalMs));
	}

	stop({ id }: Container): void {
		clearInterval(this.#timers.get(id));
	}
}
