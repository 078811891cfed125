import type { Program, StartProgram } from '../docker/types.ts';
import type { World } from './world.ts';

const loginMs = 2500;
const clock = (): string =>
	new Date()
		.toUTCString()
		.replace(/^\w+, /, '')
		.replace('GMT', 'UTC');

/** Colours a text green, as tput does. */
const green = (text: string): string => `\x1b[32m${text}\x1b(B\x1b[m`;

/**
 * The gateway to the broker, in the words of ibga: it logs in a few seconds after each start, and stays logged in until its login is
 * lost.
 */
export const gatewayProgram =
	(world: World): StartProgram =>
	({ log }): Program => {
		// A gateway that has run for a day when the demo begins is logged in.
		const wait = world.gateway === 'connected' ? 0 : loginMs;
		world.gateway = wait === 0 ? 'connected' : 'logging-in';
		const say = (...lines: readonly string[]) => {
			for (const line of lines) {
				log(line.startsWith('•') ? green(line) : line);
			}
		};
		say(` Manager Startup / ${clock()}`, '• starting socat (4000 -> 9000) ...', ` IB Gateway Startup / ${clock()}`);
		say('• starting IB Gateway ...', '• filling in login form ...', '• logging in ...', '• entered maintenance cycle');
		say('  - welcome: 0% Connecting to server...');
		const timer = setTimeout(() => {
			say('  - welcome: 100% Starting application...');
			say('  - option check skipped, to perform again remove /home/ibgateway/ibga_option_check');
			world.gateway = 'connected';
		}, wait);
		world.loseLogin = () => {
			clearTimeout(timer);
			world.gateway = 'lost';
			say('  - token expired detected: session is no longer valid');
		};
		return {
			end: () => {
				clearTimeout(timer);
				world.gateway = 'absent';
				world.loseLogin = () => {};
			},
			// Its port is open long before its login, and long after its loss: this health check proves nothing.
			health: () => ({ ok: true, output: '' }),
			stopCode: 143,
			use: () => ({ cpu: 0.012 + Math.random() * 0.01, memory: 412_000_000 + Math.random() * 2_000_000 }),
		};
	};
