import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

/**
 * A stand-in for metrics-server, which answers what that one does: figures of processor are nanocores, those of memory bytes in Ki, and swap is
 * among them in newer versions. Arguments: key and certificate, the file with the figures by names of pods, and the port.
 */
const [, , key = '', cert = '', figures = '', port = ''] = process.argv;
const group = '/apis/metrics.k8s.io/v1beta1';

interface Figure {
	readonly namespace: string;
	readonly name: string;
	readonly container: string;
	readonly cpu: string;
	readonly memory: string;
}

const podMetrics = ({ namespace, name, container, cpu, memory }: Figure) => {
	const now = new Date().toISOString().replace(/\.\d+/, '');
	return {
		metadata: { name, namespace, creationTimestamp: now, labels: { app: 'shop' } },
		timestamp: now,
		window: '15.018s',
		containers: [{ name: container, usage: { cpu, memory, swap: '0' } }],
	};
};

const resources = {
	kind: 'APIResourceList',
	apiVersion: 'v1',
	groupVersion: 'metrics.k8s.io/v1beta1',
	resources: [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] }],
};

createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url = '' }, answer) => {
	const [path = ''] = url.split('?');
	const namespace = /\/namespaces\/([^/]+)\/pods$/.exec(path)?.[1];
	const all: readonly Figure[] = JSON.parse(readFileSync(figures, 'utf8'));
	const items = all.filter((figure) => figure.namespace === namespace).map(podMetrics);
	const list = { kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items };
	const body = path === group ? resources : namespace === undefined ? undefined : list;
	answer.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
	answer.end(JSON.stringify(body ?? {}));
}).listen(Number(port), '127.0.0.1');
