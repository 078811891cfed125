import { type CommandIo, type Container, labels, type StartProgram } from '../docker/types.ts';
import { askBroker } from '../programs/broker.ts';
import { engineProgram } from '../programs/engine.ts';
import { gatewayProgram } from '../programs/gateway.ts';
import { alertmanagerProgram, grafanaProgram, quietProgram } from '../programs/monitoring.ts';
import { postgresProgram } from '../programs/postgres.ts';
import type { World } from '../programs/world.ts';

/** The simulated engine's knowledge of the deployment. */
export interface Deployment {
	/** Returns the program that a container runs. */
	programOf(container: Container): StartProgram;
	/** Runs a container of `docker run` to its end; returns the exit code. */
	runOnce(container: Container, io: CommandIo): Promise<number>;
}

/** Images that are not built here, by their name without tag. */
export const foreignImages = {
	'heshiming/ibga': 'gateway',
	postgres: 'postgres',
	'grafana/grafana': 'grafana',
	'grafana/loki': 'loki',
	'prom/alertmanager': 'alertmanager',
	'prom/prometheus': 'prometheus',
} as const;

export const createDeployment = (world: World): Deployment => ({
	programOf: (container) => {
		if (container.image.files.has('src/scheduler.py')) {
			return engineProgram(world);
		}
		const name = [...container.image.tags][0]?.replace(/:[^/]*$/, '') ?? container.imageName;
		const program = container.image.labels['demo.program'] ?? name;
		switch (program) {
			case 'gateway':
				return gatewayProgram(world);
			case 'postgres':
				return postgresProgram(world);
			case 'grafana':
				return grafanaProgram;
			case 'loki':
				return quietProgram('level=info msg="Loki started"', 61_000_000);
			case 'prometheus':
				return quietProgram('level=info msg="Server is ready to receive web requests."', 94_000_000);
			case 'alertmanager':
				return alertmanagerProgram(world);
			default:
				throw new Error(
					`the demo cannot run ${container.labels[labels.service] ?? container.name}: it has no program for ${name}`,
				);
		}
	},
	runOnce: async (container, io) => {
		if (container.image.files.has('src/scheduler.py')) {
			const ran = askBroker(world, container.command ?? [], { ...io, env: { ...io.env, ...container.env } });
			if (ran !== undefined) {
				return ran;
			}
		}
		io.error(`the demo has no program for: ${container.command?.join(' ').split('\n')[0] ?? ''}\n`);
		return 127;
	},
});
