import { existsSync } from 'node:fs';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { cleanLine } from '../lib/clean.ts';

/** How to reach a Docker daemon. */
export type DockerHost =
  | { readonly kind: 'socket'; readonly socketPath: string; readonly from: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly certificates?: string | undefined;
      readonly from: string;
    };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the daemon is, as the Docker CLI decides it: `DOCKER_HOST`, else the system socket, else the rootless one; undefined if there is none of these. Throws
 * ENGINE_UNAVAILABLE for a `DOCKER_HOST` that cannot be spoken to.
 */
export function dockerHost(
  environment: Environment,
  exists: (file: string) => boolean = existsSync,
): DockerHost | undefined {
  const { DOCKER_HOST: given, XDG_RUNTIME_DIR: runtime } = environment;
  if (given) return parseDockerHost(given, environment);
  const sockets = ['/var/run/docker.sock', ...(runtime ? [path.join(runtime, 'docker.sock')] : [])];
  const socketPath = sockets.find(exists);
  return socketPath === undefined ? undefined : { kind: 'socket', socketPath, from: socketPath };
}

function parseDockerHost(given: string, environment: Environment): DockerHost {
  const shown = cleanLine(given.replace(/(^|\/\/)[^/]*@/, '$1…@')).slice(0, 200);
  const from = `DOCKER_HOST=${shown}`;
  const socket = /^unix:\/\/(\/.+)$/.exec(given);
  if (socket?.[1]) return { kind: 'socket', socketPath: socket[1], from };
  // Docker reads a bare host:port as TCP.
  const address = /^[^/]+:\d+$/.test(given) ? `tcp://${given}` : given;
  const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d+))?\/?$/.exec(address);
  const tls = Boolean(environment.DOCKER_TLS_VERIFY);
  const port = Number(tcp?.[2] ?? (tls ? 2376 : 2375));
  if (tcp?.[1] && port >= 1 && port <= 65_535) {
    const certificates = tls ? environment.DOCKER_CERT_PATH || path.join(environment.HOME ?? '', '.docker') : undefined;
    return { kind: 'tcp', host: tcp[1].replace(/^\[|\]$/g, ''), port, certificates, from };
  }
  const scheme = /^(ssh|npipe|fd|https?):/.exec(given)?.[1];
  const why = scheme === undefined ? '' : `; ${scheme}:// is not supported`;
  throw new PullError(
    'ENGINE_UNAVAILABLE',
    'Docker',
    `expected DOCKER_HOST to be unix:///path or tcp://host:port, found ${shown}${why}`,
    {
      hint: 'Point DOCKER_HOST at a socket or a TCP address, or set engine: none.',
    },
  );
}
