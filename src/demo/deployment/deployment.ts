import { type CommandIo, type Container, labels, type StartProgram } from '../docker/types.ts';
import { engineProgram } from '../programs/engine.ts';
import { gatewayProgram } from '../programs/gateway.ts';
import { alertmanagerProgram, grafanaProgram } from '../programs/monitoring.ts';
import { postgresProgram } from '../programs/postgres.ts';
import type { World } from '../programs/world.ts';

/** What the played engine needs to know of the deployment on it. */
export interface Deployment {
	/** Which program a container runs. */
	programOf(container: Container): StartProgram;
	/** Runs a container of `docker run` to its end; gives the exit code. */
	runOnce(container: Container, io: CommandIo): Promise<number>;
}

/** Images that are not built here, by their name without tag. */
export const foreignImages = {
	'ghcr.io/gnzsnz/ib-gateway': 'gateway',
	postgres: 'postgres',
	'grafana/grafana': 'grafana',
	'prom/alertmanager': 'alertmanager',
} as const;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Cancels all orders by the client that is in the engine's image. */
const cancelOrders = async (world: World, io: CommandIo): Promise<number> => {
	await pause(400);
	if (world.gateway !== 'connected') {
		io.out(
			`the gateway at ${io.env.gateway_host ?? 'ibgateway'}:${io.env.gateway_port ?? '4000'} did not do it: [Errno 111] Connection refused\n`,
		);
		return 4;
	}
	const count = world.openOrders.size;
	world.openOrders.clear();
	io.out(`connected to the gateway at ${io.env.gateway_host ?? 'ibgateway'}:${io.env.gateway_port ?? '4000'}\n`);
	io.out(`open orders: ${count}\ncancelled: ${count}\nopen orders now: 0\n`);
	return 0;
};

export const createDeployment = (world: World): Deployment => ({
	programOf: (container) => {
		if (container.image.files.has('src/main.py')) {
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
			case 'alertmanager':
				return alertmanagerProgram(world);
			default:
				throw new Error(
					`the demo cannot run ${container.labels[labels.service] ?? container.name}: it has no program for ${name}`,
				);
		}
	},
	runOnce: async (container, io) => {
		const script = container.command?.at(-1) ?? '';
		if (
			container.command?.[0] === 'python' &&
			script.includes('cancel_all_orders') &&
			container.image.files.has('src/execution_ibkr.py')
		) {
			return cancelOrders(world, { ...io, env: { ...io.env, ...container.env } });
		}
		io.error(`the demo has no program for: ${container.command?.join(' ').split('\n')[0] ?? ''}\n`);
		return 127;
	},
});
