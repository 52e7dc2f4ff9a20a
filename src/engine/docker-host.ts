import { existsSync } from 'node:fs';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { cleanLine } from '../lib/clean.ts';
import { type DockerContext, dockerContext } from './docker-context.ts';

/** How to reach a Docker daemon. */
export type DockerHost =
  | { readonly kind: 'socket'; readonly socketPath: string; readonly from: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly certificates?: string | undefined;
      /** The folder is a context's: what it lacks is not needed, and with `skipVerify` the server's certificate is believed. */
      readonly context?: { readonly skipVerify: boolean } | undefined;
      readonly from: string;
    };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the daemon is, as the Docker CLI decides it: `DOCKER_HOST`, else the context in use, else the system socket, else the rootless one; undefined if there is
 * none of these. Throws ENGINE_UNAVAILABLE for an address that cannot be spoken to, or a context that is not there.
 */
export function dockerHost(
  environment: Environment,
  exists: (file: string) => boolean = existsSync,
): DockerHost | undefined {
  const { DOCKER_HOST: given, XDG_RUNTIME_DIR: runtime } = environment;
  if (given) return parseDockerHost(given, environment);
  const context = dockerContext(environment);
  if (context) return parseDockerHost(context.host, environment, context);
  const sockets = ['/var/run/docker.sock', ...(runtime ? [path.join(runtime, 'docker.sock')] : [])];
  const socketPath = sockets.find(exists);
  return socketPath === undefined ? undefined : { kind: 'socket', socketPath, from: socketPath };
}

function parseDockerHost(given: string, environment: Environment, context?: DockerContext): DockerHost {
  const shown = cleanLine(given.replace(/(^|\/\/)[^/]*@/, '$1…@')).slice(0, 200);
  const from = context ? `context ${cleanLine(context.name).slice(0, 100)}, ${shown}` : `DOCKER_HOST=${shown}`;
  const socket = /^unix:\/\/(\/.+)$/.exec(given);
  if (socket?.[1]) return { kind: 'socket', socketPath: socket[1], from };
  // Docker reads a bare host:port as TCP.
  const address = /^[^/]+:\d+$/.test(given) ? `tcp://${given}` : given;
  const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d+))?\/?$/.exec(address);
  const tls = context
    ? context.certificates !== undefined || context.skipVerify
    : Boolean(environment.DOCKER_TLS_VERIFY);
  const port = Number(tcp?.[2] ?? (tls ? 2376 : 2375));
  if (tcp?.[1] && port >= 1 && port <= 65_535) {
    const own = context?.certificates ?? (environment.DOCKER_CERT_PATH || path.join(environment.HOME ?? '', '.docker'));
    const certificates = tls ? own : undefined;
    const host = tcp[1].replace(/^\[|\]$/g, '');
    return { kind: 'tcp', host, port, certificates, from, ...(context && tls && { context }) };
  }
  const scheme = /^(ssh|npipe|fd|https?):/.exec(given)?.[1];
  const why = scheme === undefined ? '' : `; ${scheme}:// is not supported`;
  throw new PullError(
    'ENGINE_UNAVAILABLE',
    'Docker',
    `expected ${context ? `the context ${cleanLine(context.name)}` : 'DOCKER_HOST'} to be unix:///path or tcp://host:port, found ${shown}${why}`,
    {
      hint: 'Point DOCKER_HOST at a socket or a TCP address, or set engine: none.',
    },
  );
}
