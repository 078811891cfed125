import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildImage, filesContext } from '../compose/build.ts';
import { imageNameOf, loadProject } from '../compose/project.ts';
import { inOrder, upService } from '../compose/up.ts';
import { dumpDatabase } from '../database/dump.ts';
import { seededDatabase } from '../database/seed.ts';
import type { Engine } from '../docker/engine.ts';
import type { World } from '../programs/world.ts';
import { foreignImages } from './deployment.ts';
import { draftHistory, goodChanges } from './history.ts';
import type { Incident } from './incidents.ts';
import { makeRepository } from './repository.ts';

const hour = 3_600_000;
const nanos = (ms: number): bigint => BigInt(Math.round(ms)) * 1_000_000n;
const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');

/** Paths in the demo's folder. */
export interface Places {
	/** The deployed clone. */
	readonly directory: string;
	readonly origin: string;
	/** The environment of the host's sessions. */
	readonly env: Readonly<Record<string, string>>;
	readonly ports: Readonly<Record<'health' | 'metrics' | 'grafana' | 'alertmanager', number>>;
	/** The time from which the ages of everything count back, ms since the epoch: commits of the same time have the same hash. */
	readonly now: number;
}

const environmentText = ({ ports }: Places): string => `# AbstractFinance
IBKR_USERNAME=afdemo01
IBKR_PASSWORD=not-a-real-one
TRADING_MODE=Paper Trading
MODE=paper
FORCE_EXECUTION=0
DB_NAME=abstractfinance
DB_USER=postgres
DB_PASSWORD=not-a-real-one-either
GRAFANA_USER=admin
HEALTH_PORT=${ports.health}
METRICS_PORT=${ports.metrics}
GRAFANA_PORT=${ports.grafana}
ALERTMANAGER_PORT=${ports.alertmanager}
`;

const writeAt = async (file: string, contents: string | Uint8Array, ms: number, mode = 0o644) => {
	await writeFile(file, contents, { mode });
	await utimes(file, ms / 1000, ms / 1000);
};

/** Writes `.env` with an earlier copy, and the dumps of the last nights. */
const writeUntracked = async (places: Places, world: World, incident: Incident, now: number) => {
	const text = environmentText(places);
	const { directory } = places;
	await writeAt(join(directory, `.env.backup.${stamp(now - 30 * hour)}`), text, now - 30 * hour, 0o600);
	const { environment } = incident;
	await writeAt(
		join(directory, '.env'),
		environment === undefined ? text : text.replace(environment.from, environment.to),
		now - hour / 4,
		0o600,
	);
	const backups = join(directory, 'backups');
	await mkdir(backups);
	await mkdir(join(directory, 'state'));
	await writeAt(join(directory, 'state', 'portfolio_state.json'), '{ "nav": 2507300.0 }\n', now - 17 * hour);
	const dump = dumpDatabase(world.databases.open('abstractfinance'));
	const zipped = gzipSync(dump);
	for (const hoursAgo of [62, 38, 14]) {
		const at = now - hoursAgo * hour;
		await writeAt(join(backups, `abstractfinance_${stamp(at)}.sql.gz`), zipped, at);
	}
	const before = now - hour / 3;
	await writeAt(join(backups, `pre_deploy_${stamp(before)}.sql.gz`), zipped, before);
};

/** Adds images from elsewhere, and those built from the newest good commits. */
const addImages = (engine: Engine, projectName: string, now: number, tags: readonly string[]) => {
	for (const name of tags) {
		const program = foreignImages[name.replace(/:[^/]*$/, '') as keyof typeof foreignImages];
		const { image } = engine.images.add({
			files: new Map(),
			labels: { 'demo.program': program },
			bytes: 310_000_000,
			createdAt: nanos(now - 900 * hour),
		});
		engine.images.tag(image, name);
	}
	for (const { files, hoursAgo } of draftHistory(goodChanges).slice(-3)) {
		const names = { project: projectName, service: 'trading-engine', name: `${projectName}-trading-engine` };
		buildImage(engine.images, filesContext(files), names, { createdAt: nanos(now - hoursAgo * hour + 300_000) });
	}
};

/**
 * Brings the deployment up in the state of the incident: a repository with its history, images, the database with its dumps, all
 * services, and the fault. Unaffected containers have run for a day.
 */
export const bringUp = async (engine: Engine, world: World, incident: Incident, places: Places): Promise<void> => {
	const { directory, env, now } = places;
	const drafts = draftHistory([...goodChanges, ...incident.bad]);
	await makeRepository({ origin: places.origin, clone: directory, env }, drafts, now);
	world.databases.create('abstractfinance', seededDatabase(now));
	await writeUntracked(places, world, incident, now);
	const project = loadProject(directory, env);
	const foreign = project.services.map(({ image }) => image).filter((image) => image !== undefined);
	addImages(engine, project.name, now, foreign);
	incident.before?.(world);
	const main = project.services.find(({ name }) => name === 'trading-engine');
	const newest = drafts.at(-1);
	if (incident.bad.length > 0 && main !== undefined && newest !== undefined) {
		const names = { project: project.name, service: main.name, name: imageNameOf(project, main) };
		buildImage(engine.images, filesContext(newest.files), names, { createdAt: nanos(now - hour / 6) });
	}
	world.gateway = 'connected';
	const touched = incident.bad.length > 0 || incident.environment !== undefined;
	for (const service of inOrder(project, [], true)) {
		await upService(engine, project, service, { start: true, stopMs: 0, say: () => {} });
	}
	for (const container of engine.containers()) {
		const recent = touched && container.labels['com.docker.compose.service'] === 'trading-engine';
		if (!recent) {
			const before = nanos(now - 25.8 * hour);
			container.log.backdate((container.startedAt ?? before) - before);
			container.createdAt = before;
			container.startedAt = before;
		}
	}
	incident.after?.(world);
};
