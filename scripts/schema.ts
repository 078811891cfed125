// Writes the published JSON Schemas, and the page on JSON output, from the schemas that the program itself uses.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonPage } from '../src/commands/output/page.ts';
import { publishedSchemas } from '../src/commands/output/publish.ts';

const folder = join(import.meta.dirname, '..', 'schema');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(publishedSchemas())) {
	writeFileSync(join(folder, name), text);
}
writeFileSync(join(import.meta.dirname, '..', 'docs', 'json.md'), jsonPage());
