import type { Verification } from '../../src/runbook/check.ts';
import { BackoutError } from '../../src/runbook/errors.ts';
import type { InputOffer, Plan, PlanPreview } from '../../src/runbook/plan.ts';
import type { ContainerReading } from '../../src/runbook/reading.ts';
import type { Run } from '../../src/runbook/run.ts';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import type { OlderLines } from '../../src/stores/followed-logs.ts';
import { createLogLines, type LogLines } from '../../src/stores/log-lines.ts';
import { createStore, type Store } from '../../src/stores/store.ts';
import type { FollowedRun, Following, ProcedureSummary, TargetInfo, Workspace } from '../../src/stores/workspace.ts';
import { commits, described, night, pastDeployments, planFor, procedures } from './made-up.ts';
import { madeUpStores } from './made-up-stores.ts';

/** Logs that were opened: `write` is the service. */
interface FakeLogs {
	readonly lines: LogLines;
	readonly older: Store<OlderLines>;
	readonly status: Store<{ status: 'live' | 'ended' | 'lost'; reason?: string }>;
	/** Lines of one of the services, each with this time. */
	write(text: string, source?: number, time?: number): void;
}

export interface FakeOptions {
	readonly target?: Partial<TargetInfo>;
	/** Changes a plan that is made; `allowed` is what may be lost by it. */
	readonly plan?: (plan: Plan, allowed: readonly string[]) => Plan;
	readonly offer?: InputOffer;
	/** What is shown beside a choice. */
	readonly choicePreviews?: (value: string) => readonly PlanPreview[];
	/** The procedures, when not only the usual ones. */
	readonly procedures?: (usual: readonly ProcedureSummary[]) => readonly ProcedureSummary[];
	readonly now?: number;
	/** The containers, when not all of them as they usually are. */
	readonly containers?: (usual: readonly ContainerReading[]) => readonly ContainerReading[];
	/** The link is lost while a run is being started; until `known` resolves nobody knows. */
	readonly unknown?: { readonly reason: string; readonly known: Promise<void> };
}

/** A workspace made of real stores with nothing behind them; `stores` lets a test change what stands. */
export const createFakeWorkspace = (options: FakeOptions = {}) => {
	const now = options.now ?? night;
	const usual = options.procedures?.(procedures) ?? procedures;
	const known = options.choicePreviews === undefined ? usual : usual.map((one) => ({ ...one, previewed: one.inputs }));
	const calls: string[] = [];
	const stores = madeUpStores(now);
	const logs: { readonly output: ReturnType<typeof createOutputBuffer> }[] = [];
	const together: FakeLogs[] = [];
	const runs: { run: FollowedRun; state: ReturnType<typeof followRun> }[] = [];
	const followRun = (plan: Plan, reason: string, id: string) => {
		const run = createStore<Run>({
			id,
			plan,
			who: { user: 'mara', machine: 'laptop' },
			reason,
			startedAt: now,
			state: 'running',
			steps: plan.steps.map((step, index) =>
				index === 0
					? { id: step.id, state: 'running' as const, startedAt: now }
					: { id: step.id, state: 'pending' as const },
			),
			outputBytes: 0,
			facts: {},
		});
		const following = createStore<Following>({ status: 'live' });
		const verification = createStore<Verification | undefined>(undefined);
		const output = createOutputBuffer();
		return { run, following, verification, output };
	};
	const open = (plan: Plan, reason: string, id: string): FollowedRun => {
		const state = followRun(plan, reason, id);
		const followed: FollowedRun = { id, ...state, close: () => calls.push(`close ${id}`) };
		runs.push({ run: followed, state });
		return followed;
	};
	const find = (id: string) => {
		const found = known.find((one) => one.id === id);
		if (found === undefined) {
			throw new BackoutError('usage', `there is no procedure ${id}`);
		}
		return found;
	};
	const workspace: Workspace = {
		target: {
			name: 'production',
			host: 'root@94.130.228.55',
			directory: '/srv/abstractfinance',
			project: 'abstractfinance',
			badge: 'production',
			readOnly: false,
			runbookTitle: 'AbstractFinance',
			...options.target,
		},
		procedures: known,
		links: [
			{ title: 'Grafana', url: 'http://94.130.228.55:3000' },
			{ title: 'Alertmanager', url: 'http://94.130.228.55:9093' },
			{ title: 'noVNC of the gateway', url: 'http://94.130.228.55:6080' },
		],
		stepLibrary: '# Prints what it is given.\nsay() { printf "%s\\n" "$1"; }\n',
		readings: {
			...stores,
			health: [
				{ name: 'trading-engine', url: 'http://127.0.0.1:8080/health', reading: stores.engine },
				{ name: 'grafana', url: 'http://127.0.0.1:3000/api/health', reading: stores.grafana },
			],
		},
		actions: {
			inputs: async (id) => {
				calls.push(`inputs ${id}`);
				return find(id).inputs.map((name) => ({ ...(options.offer ?? commits), name }));
			},
			choicePreviews: async (id, { input, value }) => {
				calls.push(`choice previews ${id} ${input}=${value}`);
				return options.choicePreviews?.(value) ?? [];
			},
			plan: async (id, inputs, _signal, allowed = []) => {
				calls.push(`plan ${id} ${JSON.stringify(inputs)}`);
				const made = planFor(find(id), inputs, now);
				return options.plan?.(made, allowed) ?? made;
			},
			undoPlan: async (id) => {
				calls.push(`undo plan ${id}`);
				const made = planFor(find('rollback-commit'), {}, now);
				return { ...made, procedure: 'undo', title: `Undo ${made.title}` };
			},
			retryPlan: async (id) => {
				calls.push(`retry plan ${id}`);
				const made = planFor(find('rollback-commit'), {}, now);
				return {
					...made,
					title: `${made.title}, again from “Build”`,
					retryOf: { run: id, title: made.title, step: 'build', origin: id },
				};
			},
			start: async (plan, reason, onUnknown) => {
				if (options.unknown !== undefined) {
					onUnknown?.('20261122T031020Z-7c2e', options.unknown.reason);
					await options.unknown.known;
				}
				calls.push(`start ${plan.procedure}${reason === '' ? '' : ` because ${reason}`}`);
				return open(plan, reason, '20261122T031020Z-7c2e');
			},
			attach: async (id) => {
				calls.push(`attach ${id}`);
				return open(planFor(find('rollback-commit'), {}, now), 'orders rejected', id);
			},
			cancel: async (id) => {
				calls.push(`cancel ${id}`);
				return {
					lines: [
						`Run ${id} is cancelled: none of its processes is left on the host: its control group is empty.`,
						'It was interrupted in step 2 of 4, “Build”. 2 steps were not started.',
						'Down now: engine.',
					],
					wayBack: `backout undo ${id}`,
				};
			},
			answer: async (id, step, answer, reason) => {
				calls.push(`answer ${id} step ${step} ${answer}${reason === '' ? '' : ` because ${reason}`}`);
			},
			history: async () => {
				calls.push('history');
				return { deployments: pastDeployments(now), missing: [] };
			},
			describe: async (id) => {
				calls.push(`describe ${id}`);
				const row = stores.containers.get().value?.find((one) => one.id === id);
				return row && described(row, now);
			},
			openShell: async ({ name }) => {
				calls.push(`shell ${name}`);
				return { said: `The shell in ${name} was open for 8s.`, noted: Promise.resolve() };
			},
			followLog: (service) => {
				calls.push(`log ${service}`);
				const output = createOutputBuffer();
				logs.push({ output });
				output.append(
					new TextEncoder().encode(
						`03:10:01 INFO  ${service} starting\n03:10:02 ERROR leverage above the cap\n03:10:02 INFO  exit 1\n`,
					),
				);
				return {
					service,
					output,
					status: createStore<{ status: 'live' | 'ended' | 'lost'; reason?: string }>({ status: 'live' }),
					errors: { pattern: 'exit [1-9]' },
					close: () => calls.push(`close log ${service}`),
				};
			},
			followLogs: (services, since) => {
				calls.push(`logs ${services.join(' ')} ${typeof since === 'object' ? since.agoMs : since}`);
				const lines = createLogLines();
				const older = createStore<OlderLines>({ state: 'more' });
				const status = createStore<{ status: 'live' | 'ended' | 'lost'; reason?: string }>({ status: 'live' });
				const write = (text: string, source = 0, time = now) =>
					lines.append(text.split('\n').map((line) => ({ source, time, bytes: new TextEncoder().encode(line) })));
				together.push({ lines, older, status, write });
				return {
					services,
					since,
					lines,
					sources: createStore(services.map((service) => ({ service, label: service }))),
					status,
					older,
					readOlder: () => calls.push('older lines'),
					errors: () => ({ pattern: 'error', except: 'no error' }),
					close: () => calls.push(`close logs ${services.join(' ')}`),
				};
			},
			saveLines: async (what, saved) => {
				const text = Buffer.concat([...saved]).toString();
				calls.push(`save lines of ${what}: ${text}`);
				return { file: `/home/mara/backout-${what}-20261122T031020Z.log`, bytes: text.length };
			},
			saveOutput: async (id) => {
				calls.push(`save ${id}`);
				return { file: `/home/mara/backout-${id}-20261122T031020Z.log`, bytes: 48_213 };
			},
			saveReport: async (id) => {
				calls.push(`report ${id}`);
				return { file: `/home/mara/backout-${id}-20261122T031020Z.md`, bytes: 9_213 };
			},
			saveLog: async ({ service }) => {
				calls.push(`save log ${service}`);
				return { file: `/home/mara/backout-${service}-20261122T031020Z.log`, bytes: 98 };
			},
			refresh: () => calls.push('refresh'),
		},
		question: stores.question,
		notice: stores.notice,
		close: async () => {
			calls.push('close');
		},
	};
	stores.containers.update(({ value = [], ...one }) => ({ ...one, value: options.containers?.(value) ?? value }));
	return { workspace, stores, calls, runs, logs, together };
};
