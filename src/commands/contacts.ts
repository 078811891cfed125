import type { Session } from '../application/fleet/session.ts';
import { shortDuration as age } from '../components/format-time.ts';
import { messageOf } from '../runbook/errors.ts';
import { linkLabel } from '../runbook/runbook.ts';
import { readAlerts } from '../services/monitors/alerts.ts';
import { monitorConfigs } from '../services/monitors/monitor-configs.ts';
import { print, safe } from './print.ts';

/** Prints help after a run that went wrong: the runbook's links, and the alerts that fire now. */
export const printContacts = async ({ host, target }: Session, signal: AbortSignal): Promise<void> => {
	for (const link of target.runbook.links) {
		print(`  ${safe(link.title)}: ${safe(linkLabel(link))}`);
	}
	const { alerts: monitor } = monitorConfigs(target.runbook);
	if (monitor === undefined) {
		return;
	}
	try {
		const alerts = await readAlerts(host, monitor, signal);
		if (alerts.length === 0) {
			print('  No alert fires');
		}
		for (const { name, severity, startsAt, summary } of alerts) {
			const words = [name, severity, `since ${age(Math.max(0, Date.now() - startsAt))}`].filter(Boolean).join(' ');
			print(`  Alert ${safe(words)}${summary === undefined ? '' : `: ${safe(summary)}`}`);
		}
	} catch (error) {
		signal.throwIfAborted();
		print(`  Alerts are unknown: ${safe(messageOf(error))}`);
	}
};
