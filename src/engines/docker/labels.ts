/** Labels that Compose puts on what it creates. */
export const projectLabel = 'com.docker.compose.project';
export const serviceLabel = 'com.docker.compose.service';
/** The folder that Compose was called in, or the project directory that it was given. */
export const folderLabel = 'com.docker.compose.project.working_dir';
/** `True` on containers of `docker compose run`, which are not part of the deployment. */
export const oneOffLabel = 'com.docker.compose.oneoff';
/** A hash of a container's configuration: image name, environment, mounts, command. */
export const configHashLabel = 'com.docker.compose.config-hash';
/** The services that a container's service waits for: `SERVICE:CONDITION:RESTART`, separated by commas. */
export const dependsOnLabel = 'com.docker.compose.depends_on';
/** The commit that an image was built from, as the OCI's annotations name it. */
export const revisionLabel = 'org.opencontainers.image.revision';
