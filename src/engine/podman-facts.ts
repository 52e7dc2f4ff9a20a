import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { asRecord, asText, parseJson } from '../lib/records.ts';
import { normalizePlatform, type Platform } from '../oci/platform.ts';
import { type Environment, run } from './program.ts';

/** What must be known of Podman before anything is asked of it. */
export interface PodmanFacts {
  /** `Podman 4.3.1 (overlay, rootless)`. */
  readonly title: string;
  readonly platform: Platform;
}

/** What `podman info` tells; throws ENGINE_UNAVAILABLE if it fails, tells something else, or speaks for a machine elsewhere. */
export async function podmanFacts(
  environment: Environment,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<PodmanFacts> {
  const ended = await run('podman', ['info', '--format', 'json'], { environment, signal, timeoutMs });
  if (ended.code !== 0)
    throw unavailable(`podman info failed: ${clean(ended.stderr, 500) || `exit code ${ended.code}`}`);
  const info = asRecord(parseJson(ended.stdout));
  const [host, store, version] = [asRecord(info.host), asRecord(info.store), asRecord(info.version)];
  const [os, architecture, release] = [asText(host.os), asText(host.arch), asText(version.Version)];
  if (!os || !architecture || !release)
    throw unavailable(`expected facts from podman info, found ${clean(ended.stdout, 200)}`);
  if (host.serviceIsRemote === true)
    throw unavailable('podman info speaks for a service elsewhere, which cannot reach the images stored here');
  const rootless = asRecord(host.security).rootless === true ? ', rootless' : '';
  return {
    title: clean(`Podman ${release} (${asText(store.graphDriverName)}${rootless})`, 100),
    platform: normalizePlatform({ os, architecture }),
  };
}

const unavailable = (reason: string): PullError =>
  new PullError('ENGINE_UNAVAILABLE', 'Podman', reason, {
    hint: 'Make `podman info` work for this user, or set engine: none.',
  });
