import { expect, test, vi } from 'vitest';
import type { ReadingsNow } from '../../src/application/watching/readings-now.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { createStore } from '../../src/stores/store.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';
import { until } from '../helpers/until.ts';

// The promise of CONTRIBUTING: a monitor is one file and one line of the table, and one of each for its panel. The files are `uptime`
// and its panel below, the lines are in the mocks.
vi.mock('../../src/services/monitors/monitor-kinds.ts', async (original) => {
	const table = await original<typeof import('../../src/services/monitors/monitor-kinds.ts')>();
	const { defineMonitor } = await import('../../src/services/monitors/monitor-kind.ts');
	const { createPublisher } = await import('../../src/services/monitors/sink.ts');
	const { startPoller } = await import('../../src/services/monitors/poller.ts');
	const uptime = defineMonitor({
		about: 'How long the host has been up',
		schema: ({ mapping, duration }) =>
			mapping('uptime monitor', { warnBelow: duration().prefault('10m').describe('Warn when it is less') }),
		build: ({ warnBelow }) => ({ warnBelowMs: warnBelow }),
		reads: 'Time since the host started',
		value: ({ z, text }) => z.strictObject({ seconds: z.number().describe('Seconds'), since: text('When it started') }),
		start: ({ warnBelowMs }, { host, sink }) => {
			const publisher = createPublisher(sink, { maxAgeMs: 10_000 });
			return startPoller({
				host,
				intervalMs: 1000,
				failed: publisher.fail,
				poll: async () => {
					const low = 90_000 < warnBelowMs;
					publisher.publish({ seconds: 90, since: '03:08' }, low ? 'warn' : 'ok', low ? 'started just now' : undefined);
				},
			});
		},
		title: 'uptime',
		status: (value, { figure }) => ({ text: value === undefined ? 'uptime' : `uptime ${figure(value.seconds)} s` }),
		facts: ({ since }) => [`up since ${since}`],
	});
	Object.assign(table.monitorKinds, { uptime });
	const { defineListMonitor } = await import('../../src/services/monitors/list-monitor-kind.ts');
	const ports = defineListMonitor({
		about: 'TCP ports to connect to',
		schema: ({ mapping, text, z }) =>
			mapping('port monitor', { name: text().describe('Shown'), port: z.int().describe('The port') }),
		build: ({ name, port }) => ({ name, port }),
		named: ({ name, port }) => ({ name, address: `localhost:${port}` }),
		reads: 'The ports',
		names: ({ text }) => ({ name: text('Name of the port'), address: text('Where it is') }),
		value: ({ z }) => z.strictObject({ open: z.boolean().describe('It is open') }),
		start: ({ port }, { sink }) => {
			const publisher = createPublisher(sink, { maxAgeMs: 10_000 });
			publisher.publish({ open: port === 22 }, port === 22 ? 'ok' : 'down');
			return { refresh: () => publisher.publish({ open: true }, 'ok'), stop: () => {} };
		},
		refreshOn: ['status'],
		title: ({ name }) => `port ${name}`,
		status: ({ name, address }, value) => `port ${name} at ${address}${value?.open === true ? ' is open' : ''}`,
		facts: ({ address }, value) => [value?.open === true ? 'open' : 'closed', address],
	});
	Object.assign(table.listMonitorKinds, { ports });
	return table;
});
vi.mock('../../src/screens/dashboard/monitor-panels.ts', async (original) => {
	const table = await original<typeof import('../../src/screens/dashboard/monitor-panels.ts')>();
	const { line } = await import('../../src/components/line.ts');
	const { panelOfMonitor } = await import('../../src/screens/dashboard/monitor-panel.ts');
	// The workspace of the screen's tests has no such reading: this panel shows another.
	const panel = panelOfMonitor<{ readonly path: string }>('disk', {
		title: 'Uptime',
		summary: ({ path }) => `of ${path}`,
		rows: () => [line(' since 03:08')],
	});
	Object.assign(table.monitorPanels, { uptime: panel });
	return { ...table, monitorPanelIds: Object.keys(table.monitorPanels) };
});

const text = `
title: A deployment
monitors:
  uptime: { warnBelow: 2m }
  ports: [{ name: ssh, port: 22 }, { name: web, port: 80 }]
procedures: {}
`;
const load = async (runbook: string) => {
	const { loadRunbook } = await import('../../src/services/runbook-file/load-runbook.ts');
	return loadRunbook(runbook, 'runbook.yaml', { readRunbook: () => undefined });
};
const target = async () => ({ name: 't', directory: '/', project: 'p', runbook: await load(text) }) as never;

test('the runbook and the published schemas have it', async () => {
	expect((await load(text)).monitors.uptime).toEqual({ warnBelowMs: 120_000 });
	expect((await load(text.replace('{ warnBelow: 2m }', 'false'))).monitors.uptime).toBeUndefined();
	await expect(load(text.replace('warnBelow', 'warnblow'))).rejects.toThrow('did you mean "warnBelow"?');
	const { publishedSchemas } = await import('../../src/commands/output/publish.ts');
	expect((await load(text)).monitors.ports).toEqual([
		{ name: 'ssh', port: 22 },
		{ name: 'web', port: 80 },
	]);
	await expect(load(text.replace('port: 80', 'prot: 80'))).rejects.toThrow('did you mean "port"?');
	expect(publishedSchemas()['runbook.schema.json']).toContain('TCP ports to connect to');
	expect(publishedSchemas()['output.schema.json']).toContain('The ports');
	expect(publishedSchemas()['runbook.schema.json']).toContain('How long the host has been up');
	expect(publishedSchemas()['output.schema.json']).toContain('Time since the host started');
});

test('it is started, and status, JSON and what is kept with a run have its reading', async () => {
	const { LocalHost } = await import('../../src/services/host/local-host.ts');
	const { startMonitors } = await import('../../src/services/monitors/monitors.ts');
	const { createReadingStores, readingOf, readingsOf } = await import('../../src/stores/readings.ts');
	const { listedBy, monitorKinds, watchedBy } = await import('../../src/services/monitors/monitor-kinds.ts');
	const host = new LocalHost();
	const engine = createMemoryEngine();
	const aim = (await target()) as Parameters<typeof startMonitors>[0]['target'];
	const watches = watchedBy(aim.runbook);
	expect(watches).toEqual(['disk', 'uptime']);
	const stores = createReadingStores(
		Object.fromEntries(Object.keys(monitorKinds).map((name) => [name, watches.includes(name)])),
		listedBy(aim.runbook),
	);
	const monitors = startMonitors({ engine, host, instances: createInstanceModel(engine), target: aim }, stores);
	const store = readingOf(stores, 'uptime');
	if (store === undefined) {
		throw new Error('it has no store');
	}
	await until(store, ({ at }) => at > 0);
	// Something has started: what is listening may be another.
	expect(readingsOf(stores, 'ports').map(({ reading }) => reading.get().state)).toEqual(['ok', 'down']);
	engine.put({ id: 'web' });
	for (const { reading } of readingsOf(stores, 'ports')) {
		await until(reading, ({ state }) => state === 'ok');
	}
	monitors.stop();
	await host.close();

	const { readNow, allWell } = await import('../../src/application/watching/readings-now.ts');
	const about = { target: 't', host: 'h', link: { status: 'up' as const, since: 0 } };
	const now: ReadingsNow = readNow(
		about as never,
		{ ...stores, suggestion: createStore(undefined) },
		watches,
		Date.now(),
	);
	expect(now).toMatchObject({ uptime: { state: 'warn', reason: 'started just now', value: { seconds: 90 } } });
	expect(allWell(now)).toBe(false);
	expect(now).toMatchObject({
		ports: [
			{ name: 'ssh', address: 'localhost:22', state: 'ok', value: { open: true } },
			{ name: 'web', address: 'localhost:80', state: 'ok' },
		],
	});
	const { statusText } = await import('../../src/commands/status.ts');
	expect(statusText(now)).toContain('uptime 90 s (warn: started just now)');
	expect(statusText(now)).toContain('port web at localhost:80 is open');
	const { outputLines } = await import('../../src/commands/output/events.ts');
	const printed = JSON.parse(JSON.stringify({ type: 'status', ok: false, ...now }));
	expect(outputLines.status.safeParse(printed).error?.issues ?? []).toEqual([]);
	const { capturedReadings } = await import('../../src/application/watching/capture-readings.ts');
	const kept = capturedReadings(now, 'before', { user: 'ana', machine: 'laptop' });
	expect(kept.seen).toContainEqual(expect.objectContaining({ what: 'port web', said: 'open, localhost:80' }));
	expect(kept.seen).toContainEqual(
		expect.objectContaining({ what: 'uptime', said: 'up since 03:08, started just now' }),
	);
});

test('the dashboard has a place for its panel at every size, and draws it', async () => {
	const { layoutDashboard, panelIds } = await import('../../src/screens/dashboard/layout.ts');
	const id = panelIds.at(-1);
	expect(id).toBe('uptime');
	for (const size of [
		{ columns: 200, rows: 70 },
		{ columns: 100, rows: 60 },
		{ columns: 60, rows: 60 },
	]) {
		const { panels } = layoutDashboard({ ...size, focus: 'procedures' });
		const rects = Object.values(panels);
		expect(panels[id as 'health'], `${size.columns}×${size.rows}`).toBeDefined();
		// No cell is in two panels.
		const cells = rects.flatMap(({ x, y, width, height }) =>
			Array.from({ length: width * height }, (_, at) => `${x + (at % width)},${y + Math.floor(at / width)}`),
		);
		expect(new Set(cells).size).toBe(cells.length);
	}
	const { openApp } = await import('../screens/open-app.tsx');
	const app = await openApp({ columns: 200, rows: 70 });
	await app.terminal.waitFor('since 03:08');
	expect(app.text()).toMatch(/Uptime +.*of \//);
	await app.terminal.close();
});
