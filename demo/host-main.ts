// The process of the demo host: started by `backout demo`, it prints the path of its config on standard output, and ends when its
// standard input does, that is, when its starter is gone, for whatever reason.
import { incidentOf } from './deployment/incidents.ts';
import { keepFolder, removeFolder } from './host/folder.ts';
import { startDemoHost } from './host/host.ts';

const [, , folder = '', name = '', ...dockerProgram] = process.argv;

const incident = incidentOf(name);
if (incident === undefined) {
	throw new Error(`there is no incident ${name}`);
}
keepFolder(folder, process.pid);
const gone = new Promise<void>((resolve) => {
	process.stdin
		.on('end', resolve)
		.on('error', () => resolve())
		.on('close', () => resolve())
		.resume();
	for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
		// A ctrl-c in a terminal arrives here as well; the dashboard handles it.
		process.on(signal, () => (signal === 'SIGTERM' ? resolve() : undefined));
	}
});
try {
	const host = await startDemoHost({
		folder,
		incident,
		dockerProgram,
		allShims: process.env.BACKOUT_DEMO_SHIMS === 'all',
	});
	process.stdout.on('error', () => {});
	process.stdout.write(`${JSON.stringify({ config: host.config })}\n`);
	await gone;
	await Promise.race([host.close(), new Promise((resolve) => setTimeout(resolve, 2000))]);
} catch (error) {
	process.stdout.write(`${JSON.stringify({ error: (error as Error).message })}\n`);
}
removeFolder(folder);
process.exit();
