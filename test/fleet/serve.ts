// Starts a demo host and many targets on it, and stays until it is ended:
// `node test/fleet/serve.ts [COUNT] [INCIDENT]`, after `npm run build`. Prints the config.
import { serveDemo } from '../demo/demo.ts';
import { startManyTargets } from './many-targets.ts';

const [, , count = '50', incident = 'crash'] = process.argv;
const demo = await serveDemo(incident);
const many = await startManyTargets({ count: Number(count), demo: demo.config });
console.log(many.config);
await new Promise<void>((resolve) => {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(signal, () => resolve());
	}
});
await many.stop();
await demo.stop();
