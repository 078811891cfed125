/** Loads got. It loads Node's HTTP clients too, which would delay the first frame. */
export const loadGot = async (): Promise<typeof import('got')['default']> => (await import('got')).default;
