import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Session } from '../src/application/fleet/session.ts';
import { leaseSilence } from '../src/application/runs/silence-lease.ts';
import type { Plan } from '../src/runbook/plan.ts';
import type { Run } from '../src/runbook/run.ts';
import type { SilenceDefinition } from '../src/runbook/runbook.ts';
import { matchersInWords, silenceFor } from '../src/runbook/silence.ts';
import { createLocalPlace } from './e2e/local-place.ts';
import { readRun, startRun } from './helpers/compose-runner.ts';
import { serve, type TestServer } from './helpers/http-server.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from './runner/fixture.ts';

interface Silence {
	id: string;
	matchers: unknown;
	startsAt: string;
	endsAt: string;
	createdBy: string;
	comment: string;
	ended: boolean;
}

/** What came, in words. */
type Event = `${'create' | 'extend' | 'replace' | 'end'} ${string}`;

/** An Alertmanager as its silence.go is: a silence keeps its id only while its matchers and its start stay. */
class Alertmanager {
	readonly silences = new Map<string, Silence>();
	readonly events: Event[] = [];
	server: TestServer | undefined;
	broken = false;

	get url(): string {
		return this.server?.url ?? '';
	}

	/** Resolves when so many events have come. */
	count(count: number): Promise<void> {
		return vi.waitFor(() => expect(this.events.length).toBeGreaterThanOrEqual(count), {
			timeout: 15_000,
			interval: 20,
		});
	}

	#post(body: string): { status: number; answer: unknown } {
		const given = JSON.parse(body) as Silence;
		const previous = this.silences.get(given.id ?? '');
		if (given.id !== undefined && previous === undefined) {
			return { status: 404, answer: 'silence not found' };
		}
		if (Date.parse(given.endsAt) < Date.now()) {
			return { status: 400, answer: "end time can't be in the past" };
		}
		if (previous !== undefined) {
			const same =
				JSON.stringify(previous.matchers) === JSON.stringify(given.matchers) &&
				previous.startsAt === given.startsAt &&
				!previous.ended;
			if (same) {
				Object.assign(previous, given);
				this.events.push(`extend ${previous.id}`);
				return { status: 200, answer: { silenceID: previous.id } };
			}
			previous.ended = true;
		}
		const id = randomUUID();
		// One that began earlier begins now.
		this.silences.set(id, { ...given, id, startsAt: new Date().toISOString(), ended: false });
		this.events.push(`${previous === undefined ? 'create' : 'replace'} ${id}`);
		return { status: 200, answer: { silenceID: id } };
	}

	async open(): Promise<void> {
		this.server = await serve(async (request, response) => {
			let body = '';
			for await (const chunk of request) {
				body += chunk;
			}
			const id = request.url?.replace('/api/v2/silence/', '') ?? '';
			const silence = this.silences.get(id);
			const say = (status: number, answer: unknown) =>
				response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
			if (this.broken) {
				say(503, 'down');
			} else if (request.url === '/api/v2/status') {
				say(200, {});
			} else if (request.method === 'POST' && request.headers['content-type'] === 'application/json') {
				const { status, answer } = this.#post(body);
				say(status, answer);
			} else if (silence === undefined) {
				say(404, '');
			} else if (request.method === 'DELETE') {
				silence.ended = true;
				this.events.push(`end ${id}`);
				say(200, '');
			} else {
				say(200, { ...silence, status: { state: silence.ended ? 'expired' : 'active' } });
			}
		});
	}
}

let alertmanager: Alertmanager;
beforeEach(async () => {
	alertmanager = new Alertmanager();
	await alertmanager.open();
});
afterEach(() => alertmanager.server?.close());

const definition = (more: Partial<SilenceDefinition> = {}): SilenceDefinition => ({
	matchers: [{ name: 'job', value: 'shop', not: false }],
	service: 'service',
	url: `${alertmanager.url}/`,
	request: { through: 'direct' },
	timeoutMs: 5000,
	forMs: 3000,
	...more,
});

test('only what is interrupted is silenced, and nothing without a wish', () => {
	expect(silenceFor(undefined, ['web'])).toBeUndefined();
	expect(silenceFor(definition(), [])).toBeUndefined();
	const planned = silenceFor(definition({ matchers: [{ name: 'severity', matches: 'page|critical', not: true }] }), [
		'web',
		'db.1',
	]);
	expect(planned && matchersInWords(planned)).toBe('severity!~"page|critical", service=~"web|db\\\\.1"');
});

describe('while a run is followed', () => {
	let deployment: Deployment;
	let host: Session['host'];
	const told: string[] = [];
	eachDeployment((opened) => {
		({ deployment, host } = opened);
		told.length = 0;
	});

	const session = (more: Partial<Session> = {}) =>
		({
			host,
			target: { ...deployment.where, name: 'test', runbook: { silence: definition() } },
			readOnly: false,
			tell: (line: string) => told.push(line),
			...more,
		}) as unknown as Session;
	const startedRun = async (more: Partial<Plan> = {}): Promise<Run> => {
		const plan = deployment.plan([step('a', 'echo began; until [ -e go ]; do sleep 0.1; done')], {
			silence: silenceFor(definition(), ['web']),
			...more,
		});
		const { id } = await startRun(host, { plan, who, reason: 'token=hunter-two', state: deployment.state });
		await untilOutput(host, deployment.where, id, 'began');
		return readRun(host, deployment.where, id);
	};
	const endedRun = async (run: Run): Promise<Run> => {
		writeFileSync(join(deployment.directory, 'go'), '');
		return (await finish(host, deployment.where, run.id)).run;
	};

	test('the silence is created, extended as it is, noted, and ended with the run', async () => {
		const run = await startedRun();
		const lease = leaseSilence(session());
		lease.run(run);
		lease.run(run);
		await alertmanager.count(3);
		const [[id, silence] = []] = alertmanager.silences;
		expect(alertmanager.events).toEqual([`create ${id}`, `extend ${id}`, `extend ${id}`]);
		expect(silence?.matchers).toEqual([
			{ name: 'job', value: 'shop', isRegex: false, isEqual: true },
			{ name: 'service', value: 'web', isRegex: true, isEqual: true },
		]);
		expect(silence?.createdBy).toMatch(/^\w+@\S+ with backout$/);
		expect(silence?.comment).toContain(`backout run ${run.id} on test: Roll back the image (`);
		expect(silence?.comment).not.toContain('hunter-two');
		expect(Date.parse(silence?.endsAt ?? '') - Date.now()).toBeLessThan(3500);
		lease.run(await endedRun(run));
		await lease.end();
		expect(alertmanager.events.at(-1)).toBe(`end ${id}`);
		expect((await readRun(host, deployment.where, run.id)).facts).toEqual({ [`silence.${run.id}`]: id });
		expect(told).toEqual([]);
	});

	test('who attaches extends the same silence; who leaves lets it lapse', async () => {
		const run = await startedRun();
		const first = leaseSilence(session());
		first.run(run);
		await alertmanager.count(2);
		await first.end();
		const created = alertmanager.events[0]?.slice('create '.length);
		const second = leaseSilence(session());
		second.run(await readRun(host, deployment.where, run.id));
		await alertmanager.count(alertmanager.events.length + 1);
		second.run(await endedRun(run));
		await second.end();
		expect([...alertmanager.silences.keys()]).toEqual([created]);
		expect(alertmanager.events.filter((event) => event.startsWith('end'))).toEqual([`end ${created}`]);
	});

	test('a silence that somebody has ended is not created again', async () => {
		const run = await startedRun();
		const lease = leaseSilence(session());
		lease.run(run);
		await alertmanager.count(1);
		const [silence] = alertmanager.silences.values();
		if (silence) {
			silence.ended = true;
		}
		lease.run(await endedRun(run));
		await lease.end();
		expect(alertmanager.events.filter((event) => /^(create|replace)/.test(event))).toHaveLength(1);
	});

	test('an Alertmanager that does not answer is said once, and the run goes on', async () => {
		alertmanager.broken = true;
		const run = await startedRun();
		const lease = leaseSilence(session());
		lease.run(run);
		const ended = await endedRun(run);
		lease.run(ended);
		await lease.end();
		expect(ended.state).toBe('succeeded');
		expect(told).toEqual([expect.stringMatching(/^The alerts are not silenced: .*503/)]);
	});

	test('nothing is silenced by a read-only session, nor for a plan without it', async () => {
		const run = await startedRun();
		const readOnly = leaseSilence(session({ readOnly: true }));
		readOnly.run(run);
		const unplanned = leaseSilence(session());
		unplanned.run({ ...run, plan: { ...run.plan, silence: undefined } as Plan });
		await Promise.all([readOnly.end(), unplanned.end(), endedRun(run)]);
		expect(alertmanager.events).toEqual([]);
	});
});

test('`run` says what it silences, does it, and ends it after the verdict', async () => {
	const place = createLocalPlace();
	place.write(
		'local.yaml',
		`title: Local
silence: { url: '${alertmanager.url}', through: direct, matchers: [{ name: job, value: shop }], service: service }
procedures:
  change:
    title: Change it
    risk: disruptive
    restorePoint: false
    interrupts: [app, web]
    verify: []
    steps: [{ id: one, title: One, run: 'until [ -e silenced ]; do sleep 0.1; done' }]
`,
	);
	// A silence is for a run that is seen to run: this one waits until it is there.
	const silenced = alertmanager.count(1).then(() => place.write('app/silenced', ''));
	try {
		const { stdout } = await place.run(['plan', 'change']);
		expect(stdout).toContain(
			'Alerts silenced: job="shop", service=~"app|web", 300 s at a time, until the run has its verdict',
		);
		expect(await place.run(['run', 'change', '--yes'])).toMatchObject({ code: 0, stderr: '' });
		await silenced;
		const [id] = alertmanager.silences.keys();
		expect(alertmanager.events).toEqual([`create ${id}`, `end ${id}`]);
		const report = await place.run(['report', 'last']);
		expect(report.stdout).toContain(id);
	} finally {
		place.remove();
	}
});
