import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { asRecord, asText, parseJson } from '../lib/records.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A context of the Docker CLI: an address under a name. */
export interface DockerContext {
  readonly name: string;
  /** As in `DOCKER_HOST`. */
  readonly host: string;
  /** The folder with the context's own `ca.pem`, `cert.pem` and `key.pem`, as far as it has them; absent where it has none. */
  readonly certificates?: string | undefined;
  readonly skipVerify: boolean;
}

/**
 * The context in use, as the Docker CLI decides it: `DOCKER_CONTEXT`, else `currentContext` of `config.json`; undefined for `default` and where there is none.
 * Throws ENGINE_UNAVAILABLE for one that cannot be read.
 */
export function dockerContext(environment: Environment): DockerContext | undefined {
  const { DOCKER_CONFIG: given, HOME: home } = environment;
  const folder = given || (home && path.join(home, '.docker'));
  const fromFile = folder ? asText(asRecord(readJson(path.join(folder, 'config.json'))).currentContext) : '';
  const name = environment.DOCKER_CONTEXT || fromFile;
  if (!name || name === 'default') return undefined;
  const from = environment.DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : 'currentContext in config.json';
  if (!folder) throw unknown(name, from, 'there is no HOME to look for it in');
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = path.join(folder, 'contexts');
  const meta = asRecord(readJson(path.join(contexts, 'meta', id, 'meta.json')));
  const endpoint = asRecord(asRecord(meta.Endpoints).docker);
  const host = asText(endpoint.Host);
  if (!host) throw unknown(name, from, `${contexts} has no such context for Docker`);
  const tls = path.join(contexts, 'tls', id, 'docker');
  return {
    name,
    host,
    certificates: existsSync(tls) ? tls : undefined,
    skipVerify: endpoint.SkipTLSVerify === true,
  };
}

function unknown(name: string, from: string, why: string): PullError {
  const reason = `${from} names the context ${JSON.stringify(clean(name, 100))}, but ${why}`;
  return new PullError('ENGINE_UNAVAILABLE', 'Docker', reason, {
    hint: 'See docker context ls, set DOCKER_HOST, or set engine: none.',
  });
}

function readJson(file: string): unknown {
  try {
    return parseJson(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
