import { withKeyObjects } from './key-objects.ts';

/** The library's module object: loaded when an SSH target is first contacted, since it costs time and memory. */
export type Ssh2 = typeof import('ssh2');

let loading: Promise<Ssh2> | undefined;

/** Loads ssh2. It is CommonJS: everything is on the default export. */
export const loadSsh2 = (): Promise<Ssh2> => {
	loading ??= withKeyObjects(() => import('ssh2')).then((module) => module.default as unknown as Ssh2);
	return loading;
};
