interface Sortable {
	readonly service: string;
	readonly name: string;
	readonly createdAt?: number;
}

/** The order in which instances are shown. */
export const byService = (a: Sortable, b: Sortable): number =>
	a.service.localeCompare(b.service) || a.name.localeCompare(b.name) || (a.createdAt ?? 0) - (b.createdAt ?? 0);

/** The same order, but the main service comes first: what an operator opens the program for. */
export const mainServiceFirst =
	(main: string | undefined) =>
	(a: Sortable, b: Sortable): number =>
		Number(b.service === main) - Number(a.service === main) || byService(a, b);
