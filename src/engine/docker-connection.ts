import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import { PullError } from '../errors.ts';
import type { DockerHost } from './docker-host.ts';

/** What every request to a daemon has in common. */
export interface Connection {
  readonly secure: boolean;
  readonly options: RequestOptions;
  readonly headers: Readonly<Record<string, string>>;
}

/** How to connect to the daemon; throws ENGINE_UNAVAILABLE if its certificates cannot be read. */
export function connectionOf(host: DockerHost): Connection {
  // A daemon behind a socket has no name; over TLS the name must stay the one the certificate is held against.
  if (host.kind === 'socket')
    return { secure: false, options: { socketPath: host.socketPath }, headers: { Host: 'docker' } };
  const { certificates, context } = host;
  const options = { host: host.host, port: host.port };
  if (certificates === undefined) return { secure: false, options, headers: {} };
  const read = (name: string) => readFileSync(path.join(certificates, name));
  if (context) return { secure: true, options: { ...options, ...ofContext(certificates, context) }, headers: {} };
  try {
    return {
      secure: true,
      options: { ...options, ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') },
      headers: {},
    };
  } catch (error) {
    const reason = `${host.from}: DOCKER_TLS_VERIFY is set, but the certificates in ${certificates} cannot be read`;
    throw new PullError('ENGINE_UNAVAILABLE', 'Docker', reason, {
      hint: 'Point DOCKER_CERT_PATH at a folder with ca.pem, cert.pem and key.pem.',
      cause: error,
    });
  }
}

/** A context has what its maker gave it: an authority, a client certificate, both, or neither. */
function ofContext(folder: string, { skipVerify }: { readonly skipVerify: boolean }): RequestOptions {
  const read = (name: string) => {
    const file = path.join(folder, name);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), rejectUnauthorized: !skipVerify };
}
