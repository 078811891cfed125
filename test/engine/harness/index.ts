import { afterEach, inject } from 'vitest';
import { engineEnv } from './engine.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

const engine = inject('engine');
/** Why no test of this project can run here; undefined where they can. */
export const withoutEngine: string | undefined = 'missing' in engine ? engine.missing : undefined;

const sites: Site[] = [];

/** A deployment for one test; removed after it. */
export const openSite = async (options?: SiteOptions): Promise<Site> => {
	if ('missing' in engine) {
		throw new Error(engine.missing);
	}
	const site = await createSite(engineEnv(engine.socket, engine.path), options);
	sites.push(site);
	return site;
};

afterEach(async () => {
	for (const site of sites.splice(0)) {
		await site.remove();
	}
});
