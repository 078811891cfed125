// A client that starts a run and then stays attached, to be killed by a test. Its arguments: the start options as JSON.
import { LocalHost } from '../../src/services/host/local-host.ts';
import { followRun, startRun } from '../helpers/compose-runner.ts';

const host = new LocalHost();
const options = JSON.parse(process.argv[2] ?? '');
const { id } = await startRun(host, options);
process.stdout.write(`${id}\n`);
await followRun(host, { directory: options.plan.directory, state: options.state }, id, {
	onOutput: () => process.stdout.write('.'),
});
