/** The facts that show which service of a project matters most. All but the name may be unknown. */
export interface RankedService {
	readonly name: string;
	/** Image name with its registry and tag. */
	readonly image?: string | undefined;
	/** True when its image is built from the deployment's own files. */
	readonly built?: boolean;
	readonly publishes?: boolean;
	readonly healthCheck?: boolean;
	/** True when one of its endpoints reports its health. */
	readonly answers?: boolean;
	/** Services that are started before this one. */
	readonly dependsOn?: readonly string[];
	/** True for a service that ends when its work is done. */
	readonly isJob?: boolean;
}

type Kind = 'data' | 'front' | 'tool' | 'own';

const data =
	/^(?:postgres.*|postgis|timescale.*|pgvecto.*|pgbouncer|mysql.*|mariadb.*|percona.*|mongo.*|redis.*|valkey.*|keydb|dragonfly|memcached|rabbitmq|kafka|zookeeper|nats|clickhouse.*|elasticsearch|opensearch|meilisearch|typesense|solr|minio|etcd|consul|influxdb|cassandra|couchdb|cockroach|qdrant|weaviate|mosquitto)$/;
const front =
	/^(?:nginx.*|caddy.*|traefik|haproxy|httpd|apache|swag|cloudflared|oauth2-proxy|https-portal|acme-companion|envoy|varnish)$/;
const tool =
	/^(?:prometheus|grafana|alertmanager|loki|promtail|alloy|tempo|jaeger.*|cadvisor|.*exporter|watchtower|autoheal|dozzle|portainer.*|adminer|pgadmin.*|phpmyadmin|redisinsight|mailhog|mailpit|smtp|postfix|gotenberg|tika|chrome|browserless|.*socket-proxy|.*backup.*|ofelia|dind|busybox|alpine)$/;

/** Returns the name of an image without registry, namespace, tag and digest: `postgres` of `registry.example/library/postgres:16`. */
const imageNameOf = (image: string): string =>
	image.replace(/@.*$/, '').replace(/^.*\//, '').replace(/:.*$/, '').toLowerCase();

/** True when a service's image is PostgreSQL; its name proves nothing if the image is another one. */
export const isPostgres = ({ name, image }: Pick<RankedService, 'name' | 'image'>): boolean =>
	image === undefined
		? /^(?:postgres|postgresql|pg)$/.test(name)
		: /^(?:postgres|postgresql|postgresql-repmgr|postgis|timescaledb(?:-ha)?|pgvector|pgvecto-rs|paradedb|spilo.*)$/.test(
				imageNameOf(image),
			);

const kindOf = ({ name, image, built }: RankedService): Kind => {
	// An image that is built here may be named after its base image.
	const called = built === true || image === undefined ? name.toLowerCase() : imageNameOf(image);
	return data.test(called) ? 'data' : front.test(called) ? 'front' : tool.test(called) ? 'tool' : 'own';
};

const penalties: Readonly<Record<Kind, number>> = { own: 0, front: 6, data: 8, tool: 9 };
const helperName = /worker|cron|sidekiq|scheduler|celery|beat|queue|streaming|migrat|init|machine-learning/;
const leadingName = /^(?:web|app|server|api|webserver|backend)$|[-_](?:web|app|server)$/;

/**
 * Returns the main service of a project: published, or behind what is published, built here, depended on, and neither a database nor a
 * tool. The first by name if several are equal.
 *
 * @param project its name, which is often the service's name too
 */
export const mainOf = (services: readonly RankedService[], project = ''): string | undefined => {
	const kinds = new Map(services.map((service) => [service.name, kindOf(service)]));
	const needs = ({ dependsOn = [] }: RankedService, kind: Kind) => dependsOn.filter((name) => kinds.get(name) === kind);
	const usesData = (service: RankedService) => needs(service, 'data').length > 0;
	/** True when it passes requests on to another service of the project, which has the data. */
	const handsOn = (service: RankedService) =>
		!usesData(service) &&
		needs(service, 'own').some((name) => services.some((other) => other.name === name && usesData(other)));
	const score = (service: RankedService): number => {
		const { name, built, publishes, healthCheck, answers, isJob } = service;
		const users = services.filter(({ dependsOn = [], isJob: job }) => job !== true && dependsOn.includes(name));
		const behind = users.some((user) => user.publishes === true && (kinds.get(user.name) === 'front' || handsOn(user)));
		return (
			(built ? 4 : 0) +
			(publishes ? 3 : 0) +
			(behind ? 5 : 0) +
			(answers ? 2 : 0) +
			(healthCheck ? 1 : 0) +
			(usesData(service) ? 2 : 0) +
			Math.min(2, users.length) +
			(project !== '' && (name === project || name.startsWith(`${project}-`) || name.startsWith(`${project}_`))
				? 1
				: 0) +
			(leadingName.test(name) || name === project ? 1 : 0) -
			(handsOn(service) && publishes ? 3 : 0) -
			(helperName.test(name) ? 4 : 0) -
			(isJob ? 8 : 0) -
			penalties[kinds.get(name) ?? 'own']
		);
	};
	return services
		.map((service) => ({ name: service.name, score: score(service) }))
		.toSorted((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))[0]?.name;
};
