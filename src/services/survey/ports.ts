import type { SurveyedPort } from '../../runbook/survey.ts';
import type { Host } from '../host/host.ts';
import { parseExposition } from '../metrics/exposition.ts';
import { type ProbeAnswer, probe } from '../monitors/probe.ts';

/** Common paths of health endpoints; the first that responds well is used. */
const healthPaths = ['/health', '/healthz', '/api/health', '/-/healthy', '/readyz', '/ready', '/status', '/ping'];
/** Series that every runtime's client library exports besides the program's own. */
const common = /^(go|process|python|jvm|nodejs|promhttp|scrape|up)(_|$)/;
/** Maximum number of series; more would not be read on a dashboard. */
const mostSeries = 4;

const metricsOf = (answer: ProbeAnswer | undefined): SurveyedPort['metrics'] => {
	if (answer?.status !== 200) {
		return undefined;
	}
	const { samples, types, badLines } = parseExposition(answer.body.toString('utf8'));
	if (samples.length === 0 || badLines > 0) {
		return undefined;
	}
	const own = samples.filter(({ name }) => !common.test(name));
	const words = new Map<string, number>();
	for (const { name } of own.length > 0 ? own : samples) {
		const word = /^[a-zA-Z]+[_:]?/.exec(name)?.[0] ?? '';
		words.set(word, (words.get(word) ?? 0) + 1);
	}
	const [prefix = ''] = [...words].toSorted(([, a], [, b]) => b - a)[0] ?? [];
	const series = new Map<string, boolean>();
	for (const { name, labels } of own) {
		const said = types.get(name) ?? types.get(name.replace(/_total$/, ''));
		// Without a TYPE line the ending of a name is a hint (prometheus.io/docs/practices/naming).
		const type = said ?? (/_(total|count)$/.test(name) ? 'counter' : /_(sum|bucket)$/.test(name) ? 'part' : 'gauge');
		// A series with labels is one of many, and only its owner knows which of them matters.
		if (name.startsWith(prefix) && Object.keys(labels).length === 0 && (type === 'gauge' || type === 'counter')) {
			series.set(name, type === 'counter');
		}
	}
	return { prefix, series: [...series].slice(0, mostSeries).map(([name, counter]) => ({ name, counter })) };
};

/** Finds out what a published port is, from the host. Rejects only on abort: a port without a response counts as closed. */
export const probePort = async (
	host: Host,
	service: string,
	{ port, address }: Pick<SurveyedPort, 'port' | 'address'>,
	signal: AbortSignal,
): Promise<SurveyedPort> => {
	const at = address === undefined ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
	const place = { port, service, ...(address !== undefined && { address }) };
	const get = async (path: string): Promise<ProbeAnswer | undefined> => {
		try {
			return await probe(host, {
				url: `http://${at}:${port}${path}`,
				through: 'host',
				timeoutMs: 3000,
				maxBytes: 1 << 20,
				signal,
			});
		} catch {
			signal.throwIfAborted();
			return undefined;
		}
	};
	const [first, metrics, alerts] = await Promise.all([get('/'), get('/metrics'), get('/api/v2/alerts')]);
	if (first === undefined && metrics === undefined) {
		return place;
	}
	const alertmanager = alerts?.status === 200 && alerts.body.toString('utf8').trimStart().startsWith('[');
	const nowhere = (await get('/no-such-page-of-backout'))?.body;
	let health: string | undefined;
	for (const path of healthPaths) {
		const answer = await get(path);
		const page = answer !== undefined && /^\s*<(!doctype|html)/i.test(answer.body.toString('utf8'));
		// A response that is the same for any address, such as a front page, says nothing about health.
		const anywhere = answer !== undefined && nowhere?.equals(answer.body) === true;
		if (answer?.status === 200 && !page && !anywhere) {
			health = path;
			break;
		}
	}
	const grafana =
		health === '/api/health' && /"database"/.test((await get('/api/health'))?.body.toString('utf8') ?? '');
	const read = metricsOf(metrics);
	return {
		...place,
		...(health !== undefined && { health }),
		...(read !== undefined && { metrics: read }),
		...(alertmanager && { alertmanager }),
		...(grafana && { grafana }),
	};
};
