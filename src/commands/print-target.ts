import type { Session } from '../application/fleet/session.ts';
import { bold, dim, print, red, safe } from './print.ts';

/** Prints the target of a run with its badge: `on production (root@host)  PRODUCTION`. */
export const printTarget = ({ target, host }: Session): void => {
	const badge = target.badge === undefined ? '' : `  ${red(safe(target.badge.toUpperCase()))}`;
	print(`on ${bold(safe(target.name))} ${dim(`(${safe(host.name)})`)}${badge}`);
};
