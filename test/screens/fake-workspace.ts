import type { InstanceDescription } from '../../src/engine/instance.ts';
import type { Verification } from '../../src/runbook/check.ts';
import type { Suggestion } from '../../src/runbook/diagnose.ts';
import { BackoutError } from '../../src/runbook/errors.ts';
import type { PastDeployment } from '../../src/runbook/history.ts';
import type { LinkState } from '../../src/runbook/link.ts';
import type { InputOffer, Plan, PlanPreview } from '../../src/runbook/plan.ts';
import type {
	AlertReading,
	BackupReading,
	CommitReading,
	ContainerReading,
	DiskReading,
	HealthReading,
	LogErrorsReading,
	MetricSeries,
	Reading,
} from '../../src/runbook/reading.ts';
import type { LockHolder, Run, RunSummary } from '../../src/runbook/run.ts';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import type { OlderLines } from '../../src/stores/followed-logs.ts';
import { createLogLines, type LogLines } from '../../src/stores/log-lines.ts';
import { createStore, type Store } from '../../src/stores/store.ts';
import type {
	FollowedRun,
	Following,
	PendingPrompt,
	ProcedureSummary,
	TargetInfo,
	Workspace,
} from '../../src/stores/workspace.ts';

/** A Sunday morning in November, 03:10 UTC. */
export const night = Date.UTC(2026, 10, 22, 3, 10, 20);

const minute = 60_000;
const hour = 60 * minute;
const wave = (count: number, base: number, size: number) =>
	Array.from({ length: count }, (_, index) => base + size * Math.sin(index / 2) + (size / 2) * Math.sin(index * 1.7));

const reading = <T>(value: T, now: number, state: Reading<T>['state'] = 'ok', reason?: string): Reading<T> => ({
	value,
	state,
	at: now,
	maxAgeMs: 10_000,
	...(reason === undefined ? {} : { reason }),
});

const container = (service: string, more: Partial<ContainerReading> = {}, now = night): ContainerReading => ({
	id: `${service}-id`,
	name: `abstractfinance-${service}-1`,
	service,
	status: 'running',
	restarts: 0,
	startedAt: now - 6 * 24 * hour,
	image: `${service}:latest`,
	imageId: 'sha256:0123456789ab',
	cpuPercent: 3,
	memoryBytes: 120 * 1024 * 1024,
	state: 'ok',
	...more,
});

const procedure = (
	id: string,
	title: string,
	group: string,
	risk: ProcedureSummary['risk'],
	inputs: readonly string[] = [],
): ProcedureSummary => ({
	id,
	title,
	group,
	when: `Use it for ${title.toLowerCase()}.`,
	risk,
	inputs,
	undoable: risk !== 'read-only' && id !== 'gateway-restart',
});

export const procedures: readonly ProcedureSummary[] = [
	procedure('rollback-image', 'Roll back to an image', 'Quick rollback', 'disruptive', ['image']),
	procedure('rollback-commit', 'Roll back to a commit', 'Quick rollback', 'disruptive', ['commit']),
	procedure('failed-deployment', 'Failed deployment', 'Scenarios', 'disruptive', ['commit']),
	procedure('engine-crash', 'Engine crash after a deployment', 'Scenarios', 'disruptive', ['commit']),
	procedure('config-error', 'Configuration error', 'Scenarios', 'disruptive', ['file']),
	procedure('database-restore', 'Restore the database', 'Scenarios', 'destructive', ['backup']),
	procedure('gateway-restart', 'Gateway does not connect', 'Scenarios', 'disruptive'),
	procedure('pre-deploy-checklist', 'Before a deployment', 'Before deploying', 'read-only'),
	procedure('cancel-all-orders', 'Cancel all orders', 'Emergency', 'destructive'),
	procedure('disable-trading', 'Stop the engine only', 'Emergency', 'disruptive'),
	procedure('stop-everything', 'Stop everything', 'Emergency', 'destructive'),
	procedure('verify', 'Verify', 'Verification', 'read-only'),
];

export const checks = (now: number, failing: readonly string[] = ['containers', 'health']): Verification => {
	const titles: Record<string, [string, string, string]> = {
		containers: ['Container health', 'all 7 run, none has restarted', 'trading-engine restarts'],
		health: ['Health endpoint', '200 in 12 ms', 'connection refused'],
		gateway: ['IB connection', 'connected to IB Gateway', 'disconnected from IB Gateway'],
		errors: ['No errors in the log', 'no error line since the start', '14 error lines since the start'],
		metrics: ['Metrics', '42 series, NAV moves', 'connection refused'],
	};
	const all = Object.entries(titles).map(([id, [title, good, bad]]) => ({
		id,
		title,
		state: failing.includes(id) ? ('failed' as const) : ('passed' as const),
		reason: failing.includes(id) ? bad : good,
		asked: `GET http://127.0.0.1:8080/${id}`,
		evidence: 'HTTP/1.1 200 OK',
		at: now,
	}));
	return {
		verdict: failing.length > 0 ? 'failed' : 'passed',
		final: false,
		checks: all,
		startedAt: now,
		settleSeconds: 30,
		reason: failing.length > 0 ? `${failing.length} checks failed` : 'all pass',
	};
};

export const commits: InputOffer = {
	name: 'commit',
	title: 'Commit before the one that runs',
	preset: 'b7e2f0190c3d',
	choices: [
		{
			value: 'b7e2f0190c3d',
			label: 'b7e2f01',
			detail: 'Cap leverage at 2, 3 days ago, 1 back',
			marks: ['good'],
		},
		{ value: '55aa910effee', label: '55aa910', detail: 'Rebalance weekly, 6 days ago, 2 back', marks: ['good'] },
		{ value: '0c1d2e3f4a5b', label: '0c1d2e3', detail: 'Log in JSON, 9 days ago, 3 back', marks: ['bad'] },
		{ value: '9f8e7d6c5b4a', label: '9f8e7d6', detail: 'First deployment, 3 weeks ago, 4 back', marks: [] },
	],
};

/** A plan as the application would make it. */
export const planFor = (of: ProcedureSummary, inputs: Readonly<Record<string, string>>, now: number): Plan => ({
	version: 1,
	procedure: of.id,
	title: of.title,
	when: of.when,
	risk: of.risk,
	target: 'production',
	host: 'root@94.130.228.55',
	directory: '/srv/abstractfinance',
	project: 'abstractfinance',
	madeAt: now,
	inputs: Object.entries(inputs).map(([name, value]) => ({
		name,
		title: 'Commit before the one that runs',
		value,
		label: value.slice(0, 7),
		detail: 'Cap leverage at 2, 3 days ago',
	})),
	environment: { directory: '/srv/abstractfinance', project: 'abstractfinance', service: 'trading-engine', ...inputs },
	preconditions: [
		{ id: 'docker', title: 'Docker answers', state: 'passed', detail: '28.1.1' },
		{ id: 'git', title: 'The work tree is free', state: 'passed', detail: 'no lock file' },
		{ id: 'disk', title: 'Room for an image', state: 'passed', detail: '21 GiB free' },
	],
	previews: [
		{
			title: "The engine's last errors",
			text: 'Traceback (most recent call last):\n  File "/app/src/engine.py", line 41, in <module>\n    raise RuntimeError("leverage")\nRuntimeError: leverage\n',
		},
		{ title: 'Commits between', text: 'a1b2c3d Raise the leverage cap\n' },
	],
	steps:
		of.risk === 'read-only'
			? []
			: [
					{
						id: 'keep',
						title: 'Save a restore point',
						kind: 'run',
						script: 'mkdir -p "$restore_dir"\ncp -p .env "$restore_dir/env"\n',
						timeoutSeconds: 60,
					},
					{
						id: 'build',
						title: 'Build the commit beside what runs',
						kind: 'run',
						script: 'git worktree add --detach "$build_dir" "$commit"\ndocker build -t "$service:next" "$build_dir"\n',
						timeoutSeconds: 1200,
					},
					{
						id: 'settle',
						title: 'Wait until the engine is healthy',
						kind: 'wait',
						script: 'docker inspect --format "{{.State.Health.Status}}" "$service" | grep -qx healthy\n',
						timeoutSeconds: 180,
						intervalSeconds: 2,
					},
				],
	interrupts: of.risk === 'read-only' ? [] : ['trading-engine: about a minute'],
	verification: {
		checks: ['containers', 'health', 'gateway', 'errors', 'metrics'],
		settleSeconds: 30,
		deadlineSeconds: 300,
	},
	...(inputs.commit === undefined ? {} : { expects: { service: 'trading-engine', commit: inputs.commit } }),
	notes: ['The work tree is left on the commit: the next deployment moves it forward again.'],
});

/** A rollback of this night, the deployment before it by a pipeline, and one by hand that only git and the containers show. */
const pastDeployments = (now: number): readonly PastDeployment[] => [
	{
		at: now - 1800_000,
		source: 'run',
		how: 'Roll back to a commit',
		commit: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
		subject: 'Cache the order book',
		images: [],
		run: '20261121T181200Z-4f1c',
		by: 'mara@laptop',
		reason: 'orders rejected',
		state: 'succeeded',
		verdict: 'passed',
	},
	{
		at: now - hour,
		until: now - 1800_000,
		source: 'git',
		how: 'pull: Fast-forward',
		commit: 'ffffeeee00001111222233334444555566667777',
		subject: 'Retry orders twice',
		images: [{ service: 'trading-engine', image: 'trading-engine:1.10.0', imageId: `sha256:${'7'.repeat(64)}` }],
		by: 'deploy',
		blocked: true,
	},
];

/** What the host would say of a container. */
const described = (
	{ id, name, service, image, imageId, restarts }: ContainerReading,
	now: number,
): InstanceDescription => ({
	instance: {
		id,
		name,
		service,
		status: 'running',
		health: 'unhealthy',
		probes: [
			{ endedAt: now - 40_000, exitCode: 0, output: 'ok' },
			{ endedAt: now - 10_000, exitCode: 1, output: 'curl: (7) connection refused' },
		],
		oomKilled: false,
		error: '',
		restarts,
		createdAt: now - hour,
		startedAt: now - 4000,
		image,
		imageId,
		tty: false,
		restartPolicy: 'unless-stopped',
		publishesPorts: true,
	},
	image: { id: imageId, tags: [image, `${service}:1.9.2`], createdAt: now - 2 * hour, revision: 'a1b2c3d4e5f6' },
	imageHistory: [
		{ createdAt: now - 2 * hour, command: 'COPY . /app # buildkit', bytes: 4_000_000 },
		{ command: '/bin/sh -c #(nop) ADD file:1 in /\u001b[31m', bytes: 30_000_000 },
	],
	command: ['python', '-m', 'engine'],
	user: '1000',
	workingDirectory: '/app',
	ports: [{ container: '8080/tcp', host: '127.0.0.1:8080' }, { container: '8000/tcp' }],
	mounts: [{ kind: 'volume', source: 'data', target: '/data', readOnly: true }],
	environment: [['MODE', 'paper']],
	networks: ['abstractfinance_default'],
	healthCheck: ['curl -f http://localhost:8080/health'],
	shellCommand: `docker exec -it ${name} sh`,
});

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
	const stores = {
		link: createStore<LinkState>({ status: 'up', since: now - hour, rttMs: 43, heardAt: now }),
		containers: createStore<Reading<readonly ContainerReading[]>>(
			reading(
				[
					container(
						'trading-engine',
						{
							status: 'restarting',
							restarts: 7,
							state: 'down',
							startedAt: now - 4000,
							exitCode: 1,
							cpuPercent: undefined,
						},
						now,
					),
					container(
						'ibgateway',
						{ health: 'healthy', cpuPercent: 41, memoryBytes: 812 * 1024 * 1024, memoryLimitBytes: 1024 * 1024 * 1024 },
						now,
					),
					container('postgres', { health: 'healthy', cpuPercent: 6 }, now),
					container('prometheus', { cpuPercent: 2 }, now),
					container('grafana', { cpuPercent: 1 }, now),
					container('alertmanager', { cpuPercent: 0 }, now),
					container('loki', { status: 'running', health: 'starting', state: 'warn', startedAt: now - 40_000 }, now),
				],
				now,
				'down',
				'trading-engine restarts',
			),
		),
		engine: createStore<Reading<HealthReading>>(
			reading({ history: [12, 14, 11, 13, undefined, undefined, undefined] }, now, 'down', 'connection refused'),
		),
		grafana: createStore<Reading<HealthReading>>(reading({ status: 200, latencyMs: 9, history: wave(40, 9, 4) }, now)),
		metrics: createStore<Reading<readonly MetricSeries[]>>(
			reading(
				[
					{ name: 'abstractfinance_nav', title: 'NAV', unit: 'EUR', value: 1_204_332, history: wave(40, 1.2e6, 900) },
					{
						name: 'abstractfinance_orders_total',
						title: 'Orders',
						unit: '/s',
						value: 0.42,
						history: wave(40, 0.4, 0.2),
					},
					{ name: 'abstractfinance_positions', title: 'Positions', value: 14, history: wave(40, 14, 2) },
				],
				now,
			),
		),
		alerts: createStore<Reading<readonly AlertReading[]>>(
			reading(
				[
					{
						name: 'EngineDown',
						severity: 'critical',
						summary: 'The engine answers nothing',
						startsAt: now - 4 * minute,
					},
					{ name: 'OrdersStopped', severity: 'warning', summary: 'No order for 5 minutes', startsAt: now - 2 * minute },
				],
				now,
				'down',
			),
		),
		commit: createStore<Reading<CommitReading>>(
			reading(
				{
					hash: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
					subject: 'Raise the leverage cap',
					branch: 'main',
					committedAt: now - 14 * minute,
					changed: 2,
					untracked: 0,
				},
				now,
			),
		),
		backups: createStore<Reading<BackupReading>>(
			reading({ name: 'nightly.sql.gz', bytes: 14_680_064, modifiedAt: now - 2 * hour, count: 12 }, now),
		),
		disk: createStore<Reading<DiskReading>>(reading({ path: '/', usedPercent: 71, freeBytes: 22_548_578_304 }, now)),
		logErrors: createStore<Reading<LogErrorsReading>>(
			reading({ perMinute: 14, history: [0, 0, 0, 1, 0, 0, 12, 14] }, now, 'warn', 'since 03:06'),
		),
		verification: createStore<Verification | undefined>(checks(now)),
		lock: createStore<LockHolder | undefined>(undefined),
		runs: createStore<readonly RunSummary[] | undefined>([
			{
				id: '20261121T181200Z-4f1c',
				procedure: 'rollback-commit',
				title: 'Roll back to a commit',
				who: { user: 'mara', machine: 'laptop' },
				reason: 'orders rejected',
				startedAt: now - 9 * hour,
				endedAt: now - 9 * hour + 4 * minute,
				state: 'succeeded',
				verdict: 'passed',
			},
			{
				id: '20261119T070000Z-99aa',
				procedure: 'gateway-restart',
				title: 'Gateway does not connect',
				who: { user: 'deploy', machine: 'ci' },
				reason: '',
				startedAt: now - 70 * hour,
				endedAt: now - 70 * hour + 3 * minute,
				state: 'failed',
			},
		]),
		question: createStore<PendingPrompt | undefined>(undefined),
		notice: createStore(''),
		suggestion: createStore<Suggestion | undefined>({
			procedure: 'engine-crash',
			why: 'trading-engine restarts again and again (7 times) since the deployment 14 minutes ago',
		}),
	};
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
				return pastDeployments(now);
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
