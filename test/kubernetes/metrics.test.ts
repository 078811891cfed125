import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { makeCertificate } from '../helpers/certificate.ts';
import { image } from '../nodes/images.ts';
import { ownClusterTest as test, withoutCluster } from './harness/index.ts';

const port = 4443;

/** The API server finds the stand-in in its own network: no proxy of services is needed for a name that is an address. */
const manifests = `apiVersion: v1
kind: Service
metadata: { name: metrics-server, namespace: kube-system }
spec: { type: ExternalName, externalName: 127.0.0.1, ports: [{ port: ${port} }] }
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1beta1.metrics.k8s.io }
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: { name: metrics-server, namespace: kube-system, port: ${port} }
`;

describe.skipIf(withoutCluster !== undefined)('a cluster with a metrics server', () => {
	test('shows processor and memory of pods, and nothing any more when that is gone', { tags: ['long'] }, async ({
		cluster: { control, kubectl },
		openDeployment,
		openFor,
	}) => {
		const deployment = await openDeployment();
		await deployment.apply({ web: '1' });
		await deployment.runs('web', [image('1'), image('1')]);
		const place = openFor(deployment);
		expect((await place.backout('doctor')).text).toContain('Metrics: warning: the cluster serves no metrics');
		const folder = mkdtempSync(join(tmpdir(), 'backout-metrics-'));
		makeCertificate(folder, 'metrics-server');
		const figures = join(folder, 'figures.json');
		const pods = await deployment.pods('web');
		const { namespace } = deployment;
		const use = { container: 'web', cpu: '371218543n', memory: '25600Ki' };
		writeFileSync(figures, JSON.stringify(pods.map(({ name }) => ({ namespace, name, ...use }))));
		writeFileSync(join(folder, 'service.yaml'), manifests);
		const script = join(import.meta.dirname, 'harness', 'metrics-server.ts');
		const files = ['metrics-server.key', 'metrics-server.pem'].map((name) => join(folder, name));
		const server = control.beside(process.execPath, [script, ...files, figures, String(port)]);
		server.start();
		try {
			await kubectl('apply', '-f', join(folder, 'service.yaml'));
			await kubectl('wait', 'apiservice', 'v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=60s');
			// The API server begins to ask it a moment later.
			const raw = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
			await expect.poll(() => kubectl('get', '--raw', raw).catch(String)).toContain('371218543n');
			expect((await place.backout('doctor')).text).toContain('✓ Metrics: processor and memory of pods');
			expect((await place.backout('status')).text).toMatch(/web +healthy .*37(?:\.1)? % CPU +25 MiB/);
			const screen = place.open();
			try {
				await screen.waitFor(/● web +healthy .* 37% .* 25M /, 120_000);
				expect(screen.screen().join('\n')).toMatch(/● agent +running .* – .* – /);
				await server.kill();
				// The lines of what was stay.
				const web = (rows: readonly string[]) => rows.filter((row) => row.startsWith(' ● web '));
				await screen.waitFor(
					(rows) =>
						web(rows).length === 2 && web(rows).every((row) => /healthy +– +\S+ +– /.test(row) && !/ 25M /.test(row)),
					120_000,
				);
			} finally {
				await screen.close();
			}
		} finally {
			await server.kill();
			await kubectl('delete', '-f', join(folder, 'service.yaml'));
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
