/** Factors of the suffixes of a quantity (apimachinery, resource.Quantity). */
const factors: Readonly<Record<string, number>> = {
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	'': 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	E: 1e18,
	Ki: 1024,
	Mi: 1024 ** 2,
	Gi: 1024 ** 3,
	Ti: 1024 ** 4,
	Pi: 1024 ** 5,
	Ei: 1024 ** 6,
};

/** Returns the number that a quantity stands for: `250m` is 0.25, `64Mi` 67108864; undefined for what is none. */
export const parseQuantity = (text: string | undefined): number | undefined => {
	const [, number, suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkKMGTPE]?i?)$/.exec(text ?? '') ?? [];
	const factor = factors[suffix];
	return number === undefined || factor === undefined ? undefined : Number(number) * factor;
};
