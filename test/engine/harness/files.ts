import { baseImage } from './base-image.ts';

/** A program that runs until it is told to end, and then ends with 0. */
export const serves = 'trap "exit 0" TERM INT\necho started\nwhile :; do sleep 600 & wait $!; done\n';
/** A program that ends at once with 1, as that of a bad commit. */
export const crashes = 'echo "fatal: cannot start"\nexit 1\n';
/** The `command:` of a service that serves without an image of its own, as YAML. */
export const serving = `command: ["sh", "-c", 'trap "exit 0" TERM INT; while :; do sleep 600 & wait $$!; done']`;

/** An image of the version `version`, whose program is the file `app.sh` beside it. Which version runs is in its label. */
export const dockerfile = (version: string, more = ''): string =>
	`FROM ${baseImage}\nLABEL test.version=${version}\n${more}COPY app.sh /app.sh\nCMD ["sh", "/app.sh"]\n`;

/** Files of a project with one service, `web`, that is built here, at a version. */
export const plainProject = (version: string, program = serves): Record<string, string> => ({
	'compose.yaml': 'services:\n  web: { build: ., restart: always, stop_grace_period: 2s }\n',
	Dockerfile: dockerfile(version),
	'app.sh': program,
});
