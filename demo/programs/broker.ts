import type { CommandIo } from '../docker/types.ts';
import type { World } from './world.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Returns the reason why the gateway's port does not respond, in the words of ib_insync. */
const silence = (world: World): string =>
	world.gateway === 'absent' ? '[Errno -2] Name or service not known' : 'TimeoutError';

const listOrders = (world: World, io: CommandIo, mark = '') => {
	for (const { client, side, quantity, symbol } of world.openOrders) {
		io.out(`${mark}client ${client}: ${side} ${quantity} ${symbol}, Submitted\n`);
	}
};

const cancelAll = async (world: World, io: CommandIo, where: string): Promise<number> => {
	if (world.gateway !== 'connected') {
		io.out(`the gateway at ${where} did not answer: ${silence(world)}\n`);
		return 4;
	}
	io.out(`connected to the gateway at ${where} as client ${io.env.client_id ?? '77'}\n`);
	io.out(`open orders, over all clients: ${world.openOrders.length}\n`);
	listOrders(world, io, '  ');
	io.out('asked the broker to cancel all orders of the account\n');
	await pause(400);
	world.openOrders = [];
	io.out('open orders now, over all clients: 0\n');
	return 0;
};

/**
 * Simulates a script's calls to the broker through ib_insync, in an image of the engine: if the API responds, the open orders, and
 * cancelling all of them. Returns its exit code; undefined when it is no such script.
 */
export const askBroker = (
	world: World,
	[program = '', flag = '', code = '']: readonly string[],
	io: CommandIo,
): Promise<number> | undefined => {
	if (!/^python3?$/.test(program) || flag !== '-c' || !code.includes('ib_insync')) {
		return undefined;
	}
	const where = `${io.env.gateway_host ?? 'ibgateway'}:${io.env.gateway_port ?? '4000'}`;
	const answer = async (): Promise<number> => {
		await pause(world.gateway === 'connected' ? 200 : 600);
		if (code.includes('reqGlobalCancel')) {
			return cancelAll(world, io, where);
		}
		if (code.includes('reqAllOpenOrders')) {
			if (world.gateway !== 'connected') {
				io.out(`cannot ask: ${silence(world)}\n`);
				return 1;
			}
			listOrders(world, io);
			io.out(`open at the broker, over all clients: ${world.openOrders.length}\n`);
			return 0;
		}
		const answers = world.gateway === 'connected';
		io.out(answers ? 'the API answers, for 1 account\n' : `the API does not answer: ${silence(world)}\n`);
		return answers ? 0 : 1;
	};
	return answer();
};
