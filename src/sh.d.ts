/** A POSIX sh file as text: esbuild's text loader, the plugin of vitest.config.ts and scripts/text-files.ts make it of the file. */
declare module '*.sh' {
	const text: string;
	export default text;
}
