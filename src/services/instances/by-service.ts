interface Sortable {
	readonly service: string;
	readonly name: string;
	readonly createdAt?: number;
}

/** The order in which instances are shown. */
export const byService = (a: Sortable, b: Sortable): number =>
	a.service.localeCompare(b.service) || a.name.localeCompare(b.name) || (a.createdAt ?? 0) - (b.createdAt ?? 0);
