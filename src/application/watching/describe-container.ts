import type { InstanceDescription } from '../../engine/instance.ts';
import { isSecretName } from '../../runbook/secret-names.ts';
import { mask } from '../../runbook/secrets.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import type { Session } from '../fleet/session.ts';
import { namesOfImage, readSecrets, secretsOf } from '../secrets/known-secrets.ts';

/** True for a path under a name that says so (`POSTGRES_PASSWORD_FILE`), which is no secret. */
const isPathOfSecret = (name: string, value: string): boolean =>
	/_(?:file|path|dir)$/i.test(name) && value.startsWith('/');

/**
 * Describes a container for display: masks the values of settings whose name marks them as secret, and these values and those of the
 * deployment's `.env` everywhere else. Times are this machine's. Undefined when the container is gone. Throws what the engine throws.
 */
export const describeContainer = async (
	session: Session,
	id: string,
	signal?: AbortSignal,
): Promise<InstanceDescription | undefined> => {
	const { engine } = session;
	const [described, ofHost] = await Promise.all([
		engine.describe(id, signal),
		// If the files cannot be read, the container's own settings still show which values are secret.
		readSecrets(session, 'none', signal).catch(() => [] as readonly string[]),
	]);
	if (described === undefined) {
		return undefined;
	}
	const { environment, instance, imageHistory } = described;
	const names = [instance.name, instance.service, ...namesOfImage(instance.image)];
	const known = [...ofHost, ...secretsOf(environment, names)];
	const here = (time: number) => (time === 0 ? 0 : engine.clock.toLocal(time));
	const { startedAt, finishedAt } = instance;
	return {
		...maskDeep({ ...described, environment: [] }, known),
		instance: {
			...maskDeep(instance, known),
			createdAt: here(instance.createdAt),
			...(startedAt !== undefined && { startedAt: here(startedAt) }),
			...(finishedAt !== undefined && { finishedAt: here(finishedAt) }),
			probes: maskDeep(instance.probes, known).map((probe) => ({ ...probe, endedAt: here(probe.endedAt) })),
		},
		...(imageHistory !== undefined && {
			imageHistory: maskDeep(imageHistory, known).map((layer) => ({
				...layer,
				...(layer.createdAt !== undefined && { createdAt: here(layer.createdAt) }),
			})),
		}),
		environment: environment.map(([name, value]) => [
			name,
			isSecretName(name) && !isPathOfSecret(name, value) ? mask(value) : maskDeep(value, known),
		]),
	};
};
