import type { ImageDetails, Instance } from '../../engine/instance.ts';
import { parseMillis, parseNanos } from '../../engine/time.ts';
import { configHashLabel, dependsOnLabel, projectLabel, revisionLabel, serviceLabel } from './labels.ts';
import { toLog } from './log-driver.ts';

/** The fields of an inspection that are used; the Engine API and `docker inspect` write the same. */
interface RawContainer {
	Id: string;
	Name: string;
	Created?: string;
	RestartCount?: number;
	Image?: string;
	State?: {
		Status?: string;
		ExitCode?: number;
		OOMKilled?: boolean;
		Error?: string;
		StartedAt?: string;
		FinishedAt?: string;
		Health?: {
			Status?: string;
			FailingStreak?: number;
			Log?: { End?: string; ExitCode?: number; Output?: string }[] | null;
		};
	};
	Config?: {
		Image?: string;
		Tty?: boolean;
		Labels?: Record<string, string> | null;
		/** Nanoseconds. */
		Healthcheck?: { StartPeriod?: number } | null;
	};
	HostConfig?: {
		RestartPolicy?: { Name?: string };
		PortBindings?: Record<string, unknown> | null;
		LogConfig?: { Type?: string; Config?: Record<string, string> | null } | null;
	};
}

/** Services that must have ended successfully first, from `SERVICE:CONDITION:RESTART` separated by commas. */
const waitsForEndOf = (dependsOn = ''): readonly string[] =>
	dependsOn
		.split(',')
		.map((one) => one.split(':'))
		.filter(([, condition]) => condition === 'service_completed_successfully')
		.map(([service = '']) => service);

export const toDetails = (json: unknown): Instance => {
	const raw = json as RawContainer;
	const state = raw.State ?? {};
	const labels = raw.Config?.Labels ?? {};
	const startedAt = parseNanos(state.StartedAt);
	const finishedAt = parseNanos(state.FinishedAt);
	// `none`: a health check of the image was switched off. Podman writes an empty text if there is none.
	const health = ['none', ''].includes(state.Health?.Status ?? '') ? undefined : state.Health?.Status;
	const running = state.Status === 'running' || state.Status === 'paused';
	return {
		id: raw.Id,
		name: raw.Name.replace(/^\//, ''),
		service: labels[serviceLabel] ?? raw.Name.replace(/^\//, ''),
		status: state.Status ?? 'unknown',
		health,
		probes: (state.Health?.Log ?? []).map((probe) => ({
			endedAt: parseMillis(probe.End) ?? 0,
			exitCode: probe.ExitCode ?? -1,
			output: probe.Output ?? '',
		})),
		...(state.Health?.FailingStreak !== undefined && { failingProbes: state.Health.FailingStreak }),
		exitCode: running ? undefined : state.ExitCode,
		oomKilled: state.OOMKilled === true,
		error: state.Error ?? '',
		restarts: raw.RestartCount ?? 0,
		createdAt: parseMillis(raw.Created) ?? 0,
		startedAt: startedAt === undefined ? undefined : Number(startedAt / 1_000_000n),
		finishedAt: finishedAt === undefined ? undefined : Number(finishedAt / 1_000_000n),
		// Docker records StartedAt after the process has started, so the first lines may be older. While it runs, FinishedAt is that of the
		// process before, so everything later belongs to this one. Once it has ended, StartedAt has to do.
		logFrom: running
			? finishedAt !== undefined && startedAt !== undefined && finishedAt <= startedAt
				? finishedAt
				: undefined
			: startedAt,
		image: raw.Config?.Image ?? '',
		imageId: raw.Image ?? '',
		tty: raw.Config?.Tty === true,
		log: toLog(raw.HostConfig?.LogConfig?.Type, raw.HostConfig?.LogConfig?.Config),
		restartPolicy: raw.HostConfig?.RestartPolicy?.Name || 'no',
		publishesPorts: Object.keys(raw.HostConfig?.PortBindings ?? {}).length > 0,
		...(labels[projectLabel] !== undefined && { project: labels[projectLabel] }),
		...(labels[configHashLabel] !== undefined && { configuration: labels[configHashLabel] }),
		waitsForEndOf: waitsForEndOf(labels[dependsOnLabel]),
	};
};

export const toImage = (json: unknown): ImageDetails => {
	const raw = json as {
		Id: string;
		RepoTags?: string[] | null;
		Created?: string;
		Config?: { Labels?: Record<string, string> | null };
	};
	return {
		id: raw.Id,
		tags: raw.RepoTags ?? [],
		createdAt: parseMillis(raw.Created) ?? 0,
		revision: raw.Config?.Labels?.[revisionLabel],
	};
};
