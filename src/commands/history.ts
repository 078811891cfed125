import { readHistory } from '../application/history/history.ts';
import { duration } from '../components/format-time.ts';
import type { PastDeployment } from '../runbook/history.ts';
import { type GlobalOptions, lookInSession, sayMissing } from './context.ts';
import { bold, dim, green, masked, print, printJson, red, safe, table, yellow } from './print.ts';
import { outcomeText } from './runs.ts';

/** Says what came of a deployment: the run's outcome and, if that has no verdict of its own, the last verdict on its commit. */
export const outcome = ({ state, verdict, verdictOfCommit, unchecked, blocked }: PastDeployment): string => {
	const ofCommit =
		verdictOfCommit !== true || verdict === undefined
			? undefined
			: verdict === 'passed'
				? green('its commit passed')
				: red(`its commit: ${verdict}`);
	const ofRun =
		state === undefined
			? undefined
			: outcomeText({
					state,
					...(unchecked !== undefined && { unchecked }),
					...(ofCommit === undefined && verdict !== undefined && { verdict }),
				});
	const words = [ofRun, ofCommit].filter((word) => word !== undefined);
	return [
		words.length === 0 ? dim('not verified') : words.join('; '),
		...(blocked === true ? [yellow('blocked')] : []),
	].join(', ');
};

/** Maximum number of images that are named in a line. */
const mostImages = 2;

/** Names the first images, and how many more there are. */
const imageWords = (images: PastDeployment['images']): string => {
	const named = images.slice(0, mostImages).map(({ service, imageId }) => `${service} ${imageId.slice(7, 19)}`);
	const more = images.length - named.length;
	return `${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
};

/** Names what was deployed: the commit, else the images. */
const what = ({ commit, subject, images }: PastDeployment): string =>
	[
		commit === undefined ? '' : bold(commit.slice(0, 9)),
		subject === undefined ? '' : safe(subject).slice(0, 50),
		commit === undefined
			? safe([...new Set(images.map(({ image }) => image))].join(', ')) || 'not known'
			: images.length === 0
				? ''
				: dim(safe(imageWords(images))),
	]
		.filter((part) => part !== '')
		.join('  ');

/**
 * `backout history`: prints what was deployed, whoever did it, newest first. "For" ends when the next deployment began.
 */
export const history = (globals: GlobalOptions, options: { readonly json?: boolean }): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const { deployments, missing } = await readHistory(session, signal);
		sayMissing(session, 'the runs', missing, options.json === true);
		if (options.json === true) {
			for (const deployment of deployments) {
				printJson(masked({ type: 'deployment', target: session.target.name, ...deployment }));
			}
			return 0;
		}
		if (deployments.length === 0) {
			print(`nothing on the ${missing.length === 0 ? 'host' : 'hosts that answer'} shows a deployment`);
			return 0;
		}
		const now = session.engine.clock.now();
		print(
			table(
				deployments.map((one) => [
					new Date(one.at).toISOString().replace('T', ' ').slice(0, 19),
					what(one),
					safe(one.how).slice(0, 50),
					safe(one.by ?? ''),
					one.until === undefined ? `now, for ${duration(now - one.at)}` : `for ${duration(one.until - one.at)}`,
					outcome(one),
					`${dim(safe(one.run ?? ''))}${one.node === undefined ? '' : yellow(` on ${safe(one.node)}`)}`,
				]),
			),
		);
		return 0;
	});
