// Writes the published JSON Schemas from the schemas that the program itself checks files with.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchemas } from '../src/runbook/schema/publish.ts';

const folder = join(import.meta.dirname, '..', 'schema');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(publishedSchemas())) {
	writeFileSync(join(folder, name), text);
}
