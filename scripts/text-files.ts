// Lets programs that Node runs without the bundle (the bench, the fleet) import .sh files as text: node --import ./scripts/text-files.ts
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
	load: (url, context, nextLoad) =>
		url.endsWith('.sh')
			? {
					format: 'module',
					shortCircuit: true,
					source: `export default ${JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))};`,
				}
			: nextLoad(url, context),
});
