// Preloaded into the program: makes the function that THROW_IN names throw whenever it is called. The bundle keeps the names of what
// it is made of.
import { registerHooks } from 'node:module';

const name = process.env.THROW_IN;
const declared = new RegExp(`\\b${name}2? = (?:async )?\\(`);

registerHooks({
	load: (url, context, next) => {
		const loaded = next(url, context);
		const source = String(loaded.source ?? '');
		return url.includes('/dist/') && declared.test(source)
			? {
					...loaded,
					source: source.replace(
						declared,
						(found) =>
							`${found.slice(0, found.indexOf(' '))} = () => { throw new Error("the ship sinks in ${name}"); }, $_$${found}`,
					),
				}
			: loaded;
	},
});
