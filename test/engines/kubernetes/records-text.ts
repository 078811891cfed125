/** An object as the API has it. */
export interface ApiObject {
	readonly kind: string;
	readonly metadata: { readonly name: string; readonly uid: string } & Readonly<Record<string, unknown>>;
	readonly [key: string]: unknown;
}

/** Prints a value as kubectl's jsonpath does: texts as they are, objects as JSON, nothing for what is missing. */
const shown = (item: unknown): string =>
	item === undefined || item === null ? '' : typeof item === 'object' ? JSON.stringify(item) : String(item);

/** Prints objects in the order of their kinds, by the fields of a template such as `{.kind}{"\x1f"}{.metadata.name}`, as kubectl does. */
export const recordsText = (objects: readonly ApiObject[], kinds: readonly string[], template: string): string => {
	const parts = [...template.matchAll(/\{\.([^}]+)\}|\{"([^"]*)"\}/g)];
	const plural = ({ kind }: ApiObject) => `${kind.toLowerCase()}s`;
	return kinds
		.flatMap((kind) => objects.filter((object) => plural(object) === kind.split('.')[0]))
		.map((one) =>
			parts
				.map(([, path, literal]) =>
					path === undefined
						? JSON.parse(`"${literal?.replace('\\x', '\\u00')}"`)
						: shown(
								path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], one),
							),
				)
				.join(''),
		)
		.join('');
};
