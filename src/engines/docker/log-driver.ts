import type { Instance } from '../../engine/instance.ts';

/** Returns a container's log from the name of its driver and the driver's options; undefined if no driver is known. */
export const toLog = (
	driver: string | undefined,
	options: Readonly<Record<string, string>> | null | undefined,
): Instance['log'] => {
	const { 'max-size': maxSize, 'max-file': maxFiles } = options ?? {};
	return driver ? { driver, ...(maxSize && { maxSize }), ...(maxFiles && { maxFiles: Number(maxFiles) }) } : undefined;
};
