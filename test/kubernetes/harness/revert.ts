import { setTimeout as delay } from 'node:timers/promises';
import type { Deployment } from './deployment.ts';

/**
 * A stand-in for a controller that applies the manifests whenever web has another image, until it is stopped; then it says how often it has.
 *
 * @param wanted the image that the manifests have
 */
export const revert = (deployment: Deployment, wanted: string): (() => Promise<number>) => {
	let goesOn = true;
	let times = 0;
	const path = '{.spec.template.spec.containers[0].image}';
	const work = (async () => {
		while (goesOn) {
			if ((await deployment.kubectl('get', 'deployment', 'web', '-o', `jsonpath=${path}`)) !== wanted) {
				await deployment.kubectl('apply', '-f', `${deployment.clone}/shop.yaml`);
				times += 1;
			}
			await delay(2000);
		}
	})();
	return async () => {
		goesOn = false;
		await work;
		return times;
	};
};
