import { cpus, totalmem } from 'node:os';
import { ago, nowNanos, stampOf } from './stamp.ts';
import type { Container, EngineEvent, Image } from './types.ts';

const agoOf = (nanos: bigint | undefined): string => ago(Number((nowNanos() - (nanos ?? nowNanos())) / 1_000_000n));

/** What `GET /images/ID/json` and `docker image inspect` say. */
export const inspectImage = (image: Image) => ({
	Id: image.id,
	RepoTags: [...image.tags],
	RepoDigests: [] as readonly string[],
	Parent: '',
	Comment: '',
	Created: stampOf(image.createdAt),
	Size: image.bytes,
	Os: 'linux',
	Architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
	Author: '',
	RootFS: { Type: 'layers', Layers: [image.id] },
	Metadata: { LastTagTime: stampOf(image.createdAt) },
	Config: { Env: null, Cmd: null, Entrypoint: null, Volumes: null, WorkingDir: '/app', User: '', Labels: image.labels },
});

const daySeconds = 86_400;

/** Answers `GET /images/ID/history`: the layers of a small Python image if it was built here, the newest first. */
export const historyOf = (image: Image) => {
	const built = Number(image.createdAt / 1_000_000_000n);
	const layer = (daysBefore: number, CreatedBy: string, share = 0) => ({
		Id: daysBefore === 0 && share > 0 ? image.id : '<missing>',
		Created: built - daysBefore * daySeconds,
		CreatedBy,
		Tags: daysBefore === 0 && share > 0 ? [...image.tags] : null,
		Size: Math.round(image.bytes * share),
		Comment: 'buildkit.dockerfile.v0',
	});
	const base = layer(60, '/bin/sh -c #(nop) ADD file:2f1bd3ea9c5c in / ', 0.3);
	return image.labels['com.docker.compose.service'] === undefined
		? [layer(0, 'ENTRYPOINT ["/entrypoint.sh"]'), layer(0, 'COPY files / # buildkit', 0.7), base]
		: [
				layer(0, 'CMD ["python" "-m" "src.main"]'),
				layer(0, 'COPY . /app # buildkit', 0.05),
				layer(30, 'RUN /bin/sh -c pip install --no-cache-dir -r requirements.txt # buildkit', 0.65),
				layer(60, 'WORKDIR /app'),
				base,
			];
};

/** Docker's own words: `Up 3 minutes (healthy)`. */
export const statusLabel = ({ status, health, exitCode, startedAt, finishedAt }: Container): string => {
	switch (status) {
		case 'running': {
			const word = health === 'starting' ? ' (health: starting)' : health === undefined ? '' : ` (${health})`;
			return `Up ${agoOf(startedAt)}${word}`;
		}
		case 'restarting':
			return `Restarting (${exitCode}) ${agoOf(finishedAt)} ago`;
		case 'exited':
			return `Exited (${exitCode}) ${agoOf(finishedAt)} ago`;
		default:
			return status === 'created' ? 'Created' : 'Removal In Progress';
	}
};

/** The name of its image, or the id where that name is now another image's. */
export const shownImage = ({ image, imageName }: Container): string => {
	const name = /:[^/]*$/.test(imageName) ? imageName : `${imageName}:latest`;
	return image.tags.has(name) ? imageName : image.id.slice('sha256:'.length, 'sha256:'.length + 12);
};

/** An element of `GET /containers/json`. */
export const summarise = (container: Container) => ({
	Id: container.id,
	Names: [`/${container.name}`],
	Image: shownImage(container),
	ImageID: container.image.id,
	Command: container.command?.join(' ') ?? '',
	Created: Number(container.createdAt / 1_000_000_000n),
	State: container.status,
	Status: statusLabel(container),
	Labels: container.labels,
});

/** An event as the API writes it; `timeNano` goes in as digits, for JSON's numbers would round it. */
export const eventJson = ({ action, container, exitCode, nanos }: EngineEvent): string => {
	const json = JSON.stringify({
		status: action,
		id: container.id,
		from: container.imageName,
		Type: 'container',
		Action: action,
		Actor: {
			ID: container.id,
			Attributes: {
				...container.labels,
				...(exitCode !== undefined && { exitCode: String(exitCode) }),
				image: container.imageName,
				name: container.name,
			},
		},
		scope: 'local',
		time: Number(nanos / 1_000_000_000n),
		timeNano: 0,
	});
	return json.replace(/"timeNano":0\}$/, `"timeNano":${nanos}}`);
};

/** One sample of `GET /containers/ID/stats`; with `before` the one a second before it, as Docker gives both. */
export const sample = (container: Container) => {
	const cores = cpus().length || 1;
	const system = BigInt(Math.round(performance.timeOrigin + performance.now())) * 1_000_000n * BigInt(cores);
	const { cpu = 0, memory = 0 } = container.program?.use() ?? {};
	const before = container.cpuNanos;
	container.cpuNanos += BigInt(Math.round(cpu * 1e9));
	const stats = (used: bigint, of: bigint) => ({
		cpu_usage: { total_usage: Number(used) },
		system_cpu_usage: Number(of),
		online_cpus: cores,
	});
	return {
		read: stampOf(nowNanos()),
		precpu_stats: stats(before, system - 1_000_000_000n * BigInt(cores)),
		cpu_stats: stats(container.cpuNanos, system),
		memory_stats: { usage: memory, limit: totalmem(), stats: {} },
	};
};
