/** The library's module object: loaded when an SSH target is first contacted, for it costs time and memory. */
export type Ssh2 = typeof import('ssh2');

/** Loads ssh2. It is CommonJS: everything is on the default export. */
export const loadSsh2 = async (): Promise<Ssh2> => (await import('ssh2')).default as unknown as Ssh2;
