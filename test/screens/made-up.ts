import type { InstanceDescription } from '../../src/engine/instance.ts';
import type { Verification } from '../../src/runbook/check.ts';
import type { PastDeployment } from '../../src/runbook/history.ts';
import type { InputOffer, Plan } from '../../src/runbook/plan.ts';
import type { ContainerReading, Reading } from '../../src/runbook/reading.ts';
import type { ProcedureSummary } from '../../src/stores/workspace.ts';

/** A Sunday morning in November, 03:10 UTC. */
export const night = Date.UTC(2026, 10, 22, 3, 10, 20);

export const minute = 60_000;
export const hour = 60 * minute;
/** A curve that looks like something measured. */
export const wave = (count: number, base: number, size: number) =>
	Array.from({ length: count }, (_, index) => base + size * Math.sin(index / 2) + (size / 2) * Math.sin(index * 1.7));

/** A reading of now. */
export const reading = <T>(value: T, now: number, state: Reading<T>['state'] = 'ok', reason?: string): Reading<T> => ({
	value,
	state,
	at: now,
	maxAgeMs: 10_000,
	...(reason === undefined ? {} : { reason }),
});

/** A container that runs well, unless told otherwise. */
export const container = (service: string, more: Partial<ContainerReading> = {}, now = night): ContainerReading => ({
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

/** The procedures of the runbook. */
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

/** The five checks of the runbook, as far as they fail. */
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

/** Four commits to choose from. */
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
export const pastDeployments = (now: number): readonly PastDeployment[] => [
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
export const described = (
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
