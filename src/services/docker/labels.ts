/** Labels that Compose puts on what it makes. */
export const projectLabel = 'com.docker.compose.project';
export const serviceLabel = 'com.docker.compose.service';
/** `True` on containers of `docker compose run`: they are no part of the deployment. */
export const oneOffLabel = 'com.docker.compose.oneoff';
/** The Compose files in use, absolute, separated by commas. */
export const configFilesLabel = 'com.docker.compose.project.config_files';
