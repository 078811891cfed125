/** Labels that Compose puts on what it creates. */
export const projectLabel = 'com.docker.compose.project';
export const serviceLabel = 'com.docker.compose.service';
/** The folder that Compose was called in, or the project directory that it was given. */
export const folderLabel = 'com.docker.compose.project.working_dir';
/** `False` on the containers of a deployment, `True` on those of `docker compose run`; others have none of Compose's own making. */
export const oneOffLabel = 'com.docker.compose.oneoff';
/** podman-compose does not say that its containers are no one-off ones. */
export const podmanProjectLabel = 'io.podman.compose.project';

/**
 * True for a container that was made as a part of a deployment. One of `docker compose run`, and one that somebody gave the labels of the
 * project, runs whatever it was started for.
 */
export const isOfDeployment = (oneOff: string | undefined, podmanProject: string | undefined): boolean =>
	oneOff === 'False' || (oneOff !== 'True' && (podmanProject ?? '') !== '');
/** A hash of a container's configuration: image name, environment, mounts, command. */
export const configHashLabel = 'com.docker.compose.config-hash';
/** The services that a container's service waits for: `SERVICE:CONDITION:RESTART`, separated by commas. */
export const dependsOnLabel = 'com.docker.compose.depends_on';
/** The commit that an image was built from, as the OCI's annotations name it. */
export const revisionLabel = 'org.opencontainers.image.revision';
