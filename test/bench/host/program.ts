import type { Page, StartProgram } from '../../../demo/docker/types.ts';

/** The load of a measured host's containers; changed while it runs. */
export interface Load {
	/** Series on the metrics page, beside the ones that the checks ask for. */
	series: number;
	/** True when readings change every second, false when they stay the same. */
	changing: boolean;
}

const healthPage: Page = { status: 200, type: 'application/json', body: '{"status": "healthy"}\n' };

const metricsPage = (load: Load): Page => {
	const now = load.changing ? Math.floor(Date.now() / 1000) : 0;
	const lines = [
		// It moves, as the check requires; the dashboard does not show it.
		`abstractfinance_heartbeat_timestamp_seconds ${Date.now() / 1000}`,
		`abstractfinance_nav ${2_500_000 + (now % 977)}`,
		`abstractfinance_orders_total ${(now % 1000) * (1 + (now % 7))}`,
		`abstractfinance_positions ${4 + (now % 3)}`,
	];
	for (let at = 0; at < load.series; at++) {
		lines.push(`abstractfinance_position_quantity{symbol="S${at}",venue="V${at % 17}"} ${at + (now % 10)}`);
	}
	return { status: 200, type: 'text/plain; version=0.0.4', body: `${lines.join('\n')}\n` };
};

/** A container that does nothing by itself; the first one serves health and metrics, and alerts that do not fire. */
export const benchProgram =
	(load: Load, first: boolean): StartProgram =>
	({ log }) => {
		if (first) {
			log('engine: Connected to IB Gateway at app-02:4000');
		}
		return {
			end: () => {},
			use: () => ({ cpu: load.changing ? 0.01 + Math.random() * 0.4 : 0.01, memory: 50_000_000 }),
			...(first && {
				pages: {
					8080: () => healthPage,
					8000: () => metricsPage(load),
					9093: (): Page => ({ status: 200, type: 'application/json', body: '[]\n' }),
				},
			}),
		};
	};
