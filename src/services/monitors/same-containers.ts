import type { ContainerReading } from '../../runbook/reading.ts';

interface Sortable {
	readonly service: string;
	readonly name: string;
	readonly createdAt?: number;
}

/** The order in which containers are shown. */
export const byService = (a: Sortable, b: Sortable): number =>
	a.service.localeCompare(b.service) || a.name.localeCompare(b.name) || (a.createdAt ?? 0) - (b.createdAt ?? 0);

const percent = (value: number | undefined) => (value === undefined ? undefined : value.toFixed(1));
/** Three digits are shown of an amount of memory. */
const amount = (value: number | undefined) => value?.toPrecision(3);

/** Whether two readings look the same on the screen. */
export const sameContainers = (a: readonly ContainerReading[], b: readonly ContainerReading[]): boolean =>
	a.length === b.length &&
	a.every((one, at) => {
		const other = b[at];
		return (
			other !== undefined &&
			one.id === other.id &&
			one.name === other.name &&
			one.status === other.status &&
			one.health === other.health &&
			one.exitCode === other.exitCode &&
			one.restarts === other.restarts &&
			one.startedAt === other.startedAt &&
			one.imageId === other.imageId &&
			one.imageCreatedAt === other.imageCreatedAt &&
			one.state === other.state &&
			percent(one.cpuPercent) === percent(other.cpuPercent) &&
			amount(one.memoryBytes) === amount(other.memoryBytes)
		);
	});
