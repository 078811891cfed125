const sameFields = (a: object, b: object): boolean => {
	const keys = Object.keys(a);
	return (
		keys.length === Object.keys(b).length &&
		keys.every((key) => Object.is(a[key as keyof typeof a], b[key as keyof typeof b]))
	);
};

/**
 * Compares the props of a panel for React's `memo`: each by identity, the rectangle by its numbers, since a layout is computed again at
 * every key.
 */
export const sameProps = <Props extends { readonly rect: object }>(a: Props, b: Props): boolean =>
	sameFields({ ...a, rect: undefined }, { ...b, rect: undefined }) && sameFields(a.rect, b.rect);
