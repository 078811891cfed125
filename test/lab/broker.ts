import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.ts';

/** The broker's settings, outside the deployment. The gateway reads them again each time (stand-ins/broker.py). */
export interface BrokerSettings {
	username: string;
	password: string;
	account: string;
	/** The course of a login: it succeeds; it hangs; another session is ended first; the second factor never arrives. */
	login: 'ok' | 'never' | 'session' | 'two-factor';
	login_seconds: number;
	/** Client ids that somebody else holds: they are refused with error 326. */
	held: number[];
	/** How many times the gateway loses everybody's session when it is asked to cancel all orders, as if it were restarted. */
	lost_sessions: number;
	positions: unknown[];
	nav: number;
	/** True when the gateway's log has colours, as tput writes them. */
	colour: boolean;
}

/** An order that is open at the broker. */
export interface BrokerOrder {
	contract: { symbol: string; secType: string; exchange: string; currency: string };
	order: {
		orderId: number;
		clientId: number;
		permId: number;
		action: string;
		totalQuantity: number;
		orderType: string;
		lmtPrice: number;
		account: string;
	};
	state: string;
	filled: number;
	price: number;
}

const settingsFile = (at: Layout) => join(at.broker, 'settings.json');
const ordersFile = (at: Layout) => join(at.broker, 'orders.json');

/** The broker's settings now. */
export function brokerSettings(at: Layout): BrokerSettings {
	return JSON.parse(readFileSync(settingsFile(at), 'utf8')) as BrokerSettings;
}

/** Changes some of the broker's settings; the gateway minds them at its next login or request. */
export function setBroker(at: Layout, changes: Partial<BrokerSettings>): void {
	const old = existsSync(settingsFile(at)) ? brokerSettings(at) : {};
	write(settingsFile(at), { ...old, ...changes });
}

/** Every open order of the account, of all clients. */
export function openOrders(at: Layout): BrokerOrder[] {
	if (!existsSync(ordersFile(at))) return [];
	return (JSON.parse(readFileSync(ordersFile(at), 'utf8')) as { orders: BrokerOrder[] }).orders;
}

/** Makes these the account's open orders. */
export function setOrders(at: Layout, orders: BrokerOrder[]): void {
	write(ordersFile(at), { orders });
}

/** The broker as it is in the lab's good state, with the credentials that are right; no order is open. */
export function resetBroker(at: Layout, username: string, password: string): void {
	const position = (symbol: string, quantity: number, price: number) => ({
		contract: { symbol, secType: 'STK', exchange: 'SMART', currency: 'EUR' },
		position: quantity,
		market_price: price,
		average_cost: price * 0.97,
	});
	setBroker(at, {
		username,
		password,
		account: 'DU5312980',
		login: 'ok',
		login_seconds: Number(process.env.LAB_LOGIN_SECONDS || '4'),
		held: [],
		lost_sessions: 0,
		positions: [position('CSPX', 120, 561.4), position('FESX', 18, 4921)],
		nav: 1_012_345.67,
		colour: true,
	});
	setOrders(at, []);
}

/** Four orders of three clients: two of the engine's, one of the data connection's, one placed by hand. */
export const fourOrders: BrokerOrder[] = (
	[
		[2, 41, 'CSPX', 'BUY', 12, 550.5],
		[2, 42, 'FESX', 'SELL', 3, 4990],
		[1, 7, 'ZN', 'BUY', 5, 108.25],
		[0, 3, 'GC', 'SELL', 1, 2460],
	] as const
).map(([clientId, orderId, symbol, action, totalQuantity, lmtPrice], index) => ({
	contract: { symbol, secType: 'STK', exchange: 'SMART', currency: 'EUR' },
	order: {
		orderId,
		clientId,
		permId: 1_684_200_001 + index,
		action,
		totalQuantity,
		orderType: 'LMT',
		lmtPrice,
		account: 'DU5312980',
	},
	state: 'Submitted',
	filled: 0,
	price: 0,
}));

/** A reader sees the old or the new, whole. */
function write(file: string, value: unknown): void {
	mkdirSync(join(file, '..'), { recursive: true });
	writeFileSync(`${file}.new`, `${JSON.stringify(value, null, '\t')}\n`);
	renameSync(`${file}.new`, file);
}
