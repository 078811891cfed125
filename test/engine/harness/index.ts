import { test as base, inject } from 'vitest';
import { engineEnv } from './engine.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

const engine = inject('engine');
/** The reason why no test of this project can run here; undefined when they can. */
export const withoutEngine: string | undefined = 'missing' in engine ? engine.missing : undefined;

/** A deployment for one test; removed after it. */
export type OpenSite = (options?: SiteOptions) => Promise<Site>;

/** The fixture of such a test. */
export interface WithSite {
	readonly openSite: OpenSite;
}

/** A test that can open deployments. */
export const test = base.extend<{ openSite: OpenSite }>({
	openSite: async ({ task: _task }, use) => {
		const sites: Site[] = [];
		await use(async (options) => {
			if ('missing' in engine) {
				throw new Error(engine.missing);
			}
			const site = await createSite(engineEnv(engine.socket, engine.path), options);
			sites.push(site);
			return site;
		});
		for (const site of sites) {
			await site.remove();
		}
	},
});
