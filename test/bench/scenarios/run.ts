import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from '../../../src/application/fleet/session.ts';
import { makePlan } from '../../../src/application/plans/make-plan.ts';
import { startPlan } from '../../../src/application/runs/run-plan.ts';
import type { Run } from '../../../src/runbook/run.ts';
import { followRun } from '../../../src/services/runner/runner.ts';
import { runCommand } from '../measure/command.ts';
import { median } from '../measure/figures.ts';
import { connect } from '../measure/session.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

interface Followed {
	readonly run: Run;
	readonly ms: number;
	readonly bytes: number;
	/** Time from the first byte to the last, ms. */
	readonly streamMs: number;
}

const runOf = async (
	session: Session,
	procedure: string,
	inputs: Readonly<Record<string, string>> = {},
): Promise<string> => {
	const plan = await makePlan(session, procedure, inputs);
	return startPlan(session, plan, { yes: true, reason: 'bench' });
};

const follow = async (session: Session, id: string): Promise<Followed> => {
	const began = performance.now();
	let first = 0;
	let last = 0;
	let bytes = 0;
	const run = await followRun(session.host, session.target, id, {
		onOutput: (piece) => {
			first ||= performance.now();
			last = performance.now();
			bytes += piece.length;
		},
	});
	return { run, ms: performance.now() - began, bytes, streamMs: last - first };
};

/** Measures the cost of a step that outlives its client, and the speed of its output. */
export const run: Scenario = {
	name: 'run',
	title: 'Supervised steps',
	quick: false,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		const way = await host.way(0);
		const session = await connect(way, host);
		const plain: number[] = [];
		const step: number[] = [];
		for (let round = 0; round < bench.times(10, 3); round++) {
			const began = performance.now();
			await session.host.exec("sh -c 'true'");
			plain.push(performance.now() - began);
			// Eleven steps against one: ten more, and nothing else.
			const [many, one] = [
				await follow(session, await runOf(session, 'many')),
				await follow(session, await runOf(session, 'one')),
			].map(({ run: { startedAt, endedAt = 0 } }) => endedAt - startedAt);
			step.push(((many ?? Number.NaN) - (one ?? Number.NaN)) / 10);
		}
		yield {
			what: 'a step, more than plain exec',
			unit: 'ms',
			values: step.map((ms, at) => ms - (plain[at] ?? Number.NaN)),
			atMost: 60,
			beside: `plain exec ${median(plain).toFixed(1)} ms`,
		};
		const id = await runOf(session, 'print', { lines: '30000000' });
		await follow(session, id);
		const out = join(host.state, 'runs', id, 'out');
		const streamed: number[] = [];
		const catted: number[] = [];
		const mega = statSync(out).size / 2 ** 20;
		for (let round = 0; round < bench.times(3, 1); round++) {
			const { bytes, streamMs } = await follow(session, id);
			streamed.push(bytes / 2 ** 20 / (streamMs / 1000));
			const connected = await runCommand(['ssh', ...way.ssh, 'true']);
			const cat = await runCommand(['ssh', ...way.ssh, `cat ${out}`]);
			catted.push(mega / ((cat.ms - connected.ms) / 1000));
		}
		await session.close();
		yield {
			what: 'output of a run, beside `ssh HOST cat`',
			unit: '×',
			values: streamed.map((speed, at) => speed / (catted[at] ?? Number.NaN)),
			atLeast: 0.8,
			beside: `${median(streamed).toFixed(0)} and ${median(catted).toFixed(0)} MB/s`,
		};
	},
};
