/** True for a path of a folder or below it. @param folder may end with slashes */
export const isWithin = (path: string, folder: string): boolean =>
	path === folder || path.startsWith(`${folder.replace(/\/+$/, '')}/`);
