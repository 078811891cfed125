import type { Program, StartProgram } from '../docker/types.ts';
import type { World } from './world.ts';

const loginMs = 2500;
const two = (value: number): string => String(value).padStart(2, '0');

const clock = (now = new Date()): string =>
	`${now.getUTCFullYear()}-${two(now.getUTCMonth() + 1)}-${two(now.getUTCDate())} ${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`;

const screen = (state: string): string =>
	`<!doctype html><title>IB Gateway (demo)</title><h1>IB Gateway</h1><p>This is where noVNC would show the gateway's screen. State: ${state}.</p>`;

/** A gateway to a broker: it logs in a few seconds after each start, and keeps its login until it is lost. */
export const gatewayProgram =
	(world: World): StartProgram =>
	({ log, container }): Program => {
		const say = (text: string) => log(`${clock()} IBC: ${text}`);
		// A gateway that has run for a day when the demo begins is logged in.
		const wait = world.gateway === 'connected' ? 0 : loginMs;
		world.gateway = wait === 0 ? 'connected' : 'logging-in';
		say(`Starting IB Gateway for ${container.env.IBKR_USERNAME ?? 'nobody'}`);
		say('Login attempt: entering user name and password');
		const timer = setTimeout(() => {
			say('Login has completed');
			say('IB Gateway is now connected; API on port 4000');
			world.gateway = 'connected';
		}, wait);
		world.loseLogin = () => {
			clearTimeout(timer);
			world.gateway = 'lost';
			say('Connection to the broker was lost; API closed');
		};
		return {
			end: () => {
				clearTimeout(timer);
				world.gateway = 'absent';
				world.loseLogin = () => {};
			},
			stopCode: 143,
			pages: { 6080: () => ({ status: 200, type: 'text/html', body: screen(world.gateway) }) },
			use: () => ({ cpu: 0.012 + Math.random() * 0.01, memory: 412_000_000 + Math.random() * 2_000_000 }),
		};
	};
