import { program } from '../../helpers/program.ts';
import type { Way } from '../host/open.ts';
import { openScreen, type Screen, type ScreenOptions } from './screen.ts';

type Rows = readonly string[];

const shows = (rows: Rows, what: RegExp): boolean => rows.some((row) => what.test(row));

/** The dashboard, as an operator starts it. */
export const dashboardCommand = (way: Way): readonly string[] => [program, '--config', way.config];

export const openDashboard = (way: Way, options?: ScreenOptions): Screen => openScreen(dashboardCommand(way), options);

/** The panels are there, with or without something in them. */
export const isDrawn = (rows: Rows): boolean => shows(rows, /Procedures/);

/** The containers are listed with their state. */
export const hasContainers = (rows: Rows): boolean => shows(rows, /app-02 +running/);

/** Every panel shows what it has read. */
export const isLive = (rows: Rows): boolean =>
	hasContainers(rows) &&
	shows(rows, /all 5 (checks )?pass/) &&
	shows(rows, /trading-engine 200/) &&
	shows(rows, /NAV +\d/) &&
	shows(rows, /no alert is firing|none firing/) &&
	shows(rows, /Backup \d/) &&
	shows(rows, /[0-9a-f]{7} main/);

/** The row of the menu that is chosen. */
export const chosen = (rows: Rows): string => String(rows.findIndex((row) => row.includes('› ')));

/** The state that the list shows of a container. */
export const stateOf =
	(name: string) =>
	(rows: Rows): string =>
		new RegExp(` ${name} +(\\S+)`).exec(rows.find((row) => row.includes(` ${name} `)) ?? '')?.[1] ?? '';
