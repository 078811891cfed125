/** Labels that Compose puts on what it makes. */
export const projectLabel = 'com.docker.compose.project';
export const serviceLabel = 'com.docker.compose.service';
/** The folder that Compose was called in, or the project directory it was given. */
export const folderLabel = 'com.docker.compose.project.working_dir';
/** `True` on containers of `docker compose run`: they are no part of the deployment. */
export const oneOffLabel = 'com.docker.compose.oneoff';
/** A hash of all a container of a service is made of: image name, environment, mounts, command. */
export const configHashLabel = 'com.docker.compose.config-hash';
/** The Compose files in use, absolute, separated by commas. */
export const configFilesLabel = 'com.docker.compose.project.config_files';
/** What a container's service waits for: `SERVICE:CONDITION:RESTART`, separated by commas. */
export const dependsOnLabel = 'com.docker.compose.depends_on';
/** The commit that an image was built from, by the OCI's annotations. */
export const revisionLabel = 'org.opencontainers.image.revision';
