import { once } from 'node:events';
import { startCluster } from './cluster.ts';
import { clusterMissing } from './programs.ts';

const missing = await clusterMissing();
if (missing !== undefined) {
	console.error(missing);
	process.exit(1);
}
if (process.argv[2] !== 'up') {
	console.error('npm run kubernetes -- up: starts a cluster, and ends it when it is interrupted');
	process.exit(2);
}
const cluster = await startCluster({ nodes: 2 });
console.log(`The cluster runs until this ends (Ctrl-C).
export PATH=${cluster.env.PATH?.split(':')[0]}:$PATH
export KUBECONFIG=${cluster.env.KUBECONFIG}
Two nodes; images backout-test/app:1, :2, :3 and :bad, with imagePullPolicy: Never.`);
// Waiting for a signal alone keeps no program running.
const alive = setInterval(() => {}, 60_000);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(alive);
await cluster.stop();
