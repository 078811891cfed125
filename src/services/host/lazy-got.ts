/** Loads got. It brings node's HTTP clients with it, which the first frame need not wait for. */
export const loadGot = async (): Promise<typeof import('got')['default']> => (await import('got')).default;
