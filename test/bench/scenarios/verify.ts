import { setTimeout as delay } from 'node:timers/promises';
import { checksOf } from '../../../src/application/watching/checks-of.ts';
import { startChecks } from '../../../src/services/checks/check-runner.ts';
import { program } from '../../helpers/program.ts';
import type { BenchHost, Way } from '../host/open.ts';
import { runCommand } from '../measure/command.ts';
import { median } from '../measure/figures.ts';
import { connect } from '../measure/session.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const farMs = 40;

/** The five checks as a runbook has them that is read by a person. */
const byHand = async (host: BenchHost, way: Way, more: readonly string[] = []): Promise<number> => {
	const { health, metrics } = host.ports;
	const commands = [
		`cd ${host.directory} && docker compose ps`,
		`curl -sf http://127.0.0.1:${health}/health`,
		'docker logs --tail 500 bench-app-01-1 2>&1 | grep -iE "connected" | tail -n 1',
		'docker logs --since 10m bench-app-01-1 2>&1 | grep -ciE "error|exception"; true',
		`curl -sf http://127.0.0.1:${metrics}/metrics | grep -c ^abstractfinance_`,
	];
	let ms = 0;
	for (const command of commands) {
		const took = await runCommand(['ssh', ...more, ...way.ssh, command]);
		if (took.code !== 0) {
			throw new Error(`by hand it fails as well: ${command}: ${took.code} ${took.stdout}`);
		}
		ms += took.ms;
	}
	return ms;
};

/** Looks at all checks again and again over a connection that is open; ms for all five. */
const warmLooks = async (host: BenchHost, way: Way, rounds: number): Promise<readonly number[]> => {
	const session = await connect(way, host);
	const { host: connection, target, engine, instances } = session;
	const took: number[] = [];
	let missing = new Set<string>();
	let all = Promise.withResolvers<void>();
	const checks = checksOf(target, target.runbook.verification.checks);
	const looks = startChecks(
		{ host: connection, engine, instances, target },
		{
			checks,
			intervalMs: 3_600_000,
			onResult: ({ id, state }) => {
				if (state === 'passed' && missing.delete(id) && missing.size === 0) {
					all.resolve();
				}
			},
		},
	);
	await delay(3000);
	for (let round = 0; round < rounds; round++) {
		missing = new Set(checks.map(({ id }) => id));
		all = Promise.withResolvers();
		const began = performance.now();
		looks.refresh();
		await all.promise;
		took.push(performance.now() - began);
		await delay(150);
	}
	looks.stop();
	await session.close();
	return took;
};

/** One look at the five checks: by `backout verify --now`, over a connection that is open, and by hand. */
export const verify: Scenario = {
	name: 'verify',
	title: 'The five checks, at 40 ms round trip',
	quick: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		const way = await host.way(farMs);
		const rounds = bench.times(20, 3);
		const cold: number[] = [];
		const hand: number[] = [];
		const shared: number[] = [];
		const logins: number[] = [];
		// The setup that users of ssh have: one connection for all commands.
		const master = ['-o', `ControlPath=${host.folder}/ssh-%p`, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60'];
		for (let round = 0; round < rounds; round++) {
			const verified = await runCommand([program, '--config', way.config, 'verify', '--now']);
			if (verified.code !== 0) {
				throw new Error(`verify --now: ${verified.code} ${verified.stdout}`);
			}
			cold.push(verified.ms);
			logins.push((await runCommand(['ssh', ...way.ssh, 'true'])).ms);
			hand.push(await byHand(host, way));
			shared.push(await byHand(host, way, master));
		}
		await runCommand(['ssh', ...master, '-O', 'exit', ...way.ssh]);
		const warm = await warmLooks(host, way, rounds);
		const beside = `by hand ${median(hand).toFixed(0)} ms, with ControlMaster ${median(shared).toFixed(0)} ms`;
		const faster = (than: readonly number[]) => than.map((ms, at) => (hand[at] ?? Number.NaN) / ms);
		const login = `one ssh HOST true ${median(logins).toFixed(0)} ms`;
		yield { what: 'backout verify --now', unit: 'ms', values: cold, beside: `${beside}, ${login}` };
		yield {
			what: 'backout verify --now, faster than by hand',
			unit: '×',
			values: faster(cold),
			atLeast: 5,
			beside: login,
		};
		yield { what: 'over the open connection', unit: 'ms', values: warm, beside };
		yield { what: 'over the open connection, faster than by hand', unit: '×', values: faster(warm), atLeast: 20 };
	},
};
