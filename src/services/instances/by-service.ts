interface Sortable {
	readonly service: string;
	readonly name: string;
	readonly createdAt?: number;
}

/** Compares two instances in display order. */
export const byService = (a: Sortable, b: Sortable): number =>
	a.service.localeCompare(b.service) || a.name.localeCompare(b.name) || (a.createdAt ?? 0) - (b.createdAt ?? 0);

/** Returns a comparison that puts the main service first, for which an operator opens the program. */
export const mainServiceFirst =
	(main: string | undefined) =>
	(a: Sortable, b: Sortable): number =>
		Number(b.service === main) - Number(a.service === main) || byService(a, b);
