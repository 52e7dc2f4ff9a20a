import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Platform } from '../oci/platform.ts';
import type { DockerApi } from './docker-api.ts';
import type { DockerHost } from './docker-host.ts';

/** What must be known of a daemon before anything is sent to it. */
export interface DockerFacts {
  /** `Docker 28.0.4 (overlay2)`. */
  readonly title: string;
  readonly apiVersion: string;
  readonly platform: Platform;
  /** The containerd image store: images are identified by what their name points to, and manifests are kept. */
  readonly keepsManifests: boolean;
  /** API 1.48 and later say which platforms of an image are really there. */
  readonly inspectsManifests: boolean;
  /** Docker 23.0 and later unpack zstd layers. */
  readonly readsZstd: boolean;
}

/** The newest Engine API this code was written against; a newer daemon is spoken to in this one. */
const NEWEST_API = 1.52;
const PING_TIMEOUT = 10_000;

/** The facts, asked of the daemon itself; throws ENGINE_UNAVAILABLE if it does not answer like one within 10 s. */
export async function dockerFacts(api: DockerApi, host: DockerHost): Promise<DockerFacts> {
  const ping = await api.ask('GET', '/_ping', { timeoutMs: PING_TIMEOUT });
  const offered = ping.headers['api-version'];
  if (ping.status !== 200 || typeof offered !== 'string' || !/^1\.\d+$/.test(offered)) {
    throw new PullError('ENGINE_UNAVAILABLE', 'Docker', `${host.from}: expected a Docker daemon, found an answer with status ${ping.status}`, {
      hint: 'Correct DOCKER_HOST, or set engine: none.',
    });
  }
  const apiVersion = minor(offered) > minor(String(NEWEST_API)) ? String(NEWEST_API) : offered;
  const [version, info] = await Promise.all([ask(api, `/v${apiVersion}/version`, host), ask(api, `/v${apiVersion}/info`, host)]);
  const release = text(version.Version);
  const keepsManifests = JSON.stringify(info.DriverStatus ?? '').includes('io.containerd.snapshotter');
  const driver = keepsManifests ? 'containerd image store' : text(info.Driver);
  return {
    title: clean(`Docker ${release} (${driver})`, 100),
    apiVersion,
    platform: { os: text(version.Os), architecture: text(version.Arch) },
    keepsManifests,
    inspectsManifests: minor(apiVersion) >= 48,
    readsZstd: Number.parseInt(release, 10) >= 23,
  };
}

const minor = (apiVersion: string): number => Number(apiVersion.split('.')[1]);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

async function ask(api: DockerApi, target: string, host: DockerHost): Promise<Record<string, unknown>> {
  const answer = await api.ask('GET', target, { timeoutMs: PING_TIMEOUT });
  try {
    const parsed: unknown = JSON.parse(answer.text);
    if (answer.status === 200 && typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the one complaint.
  }
  throw new PullError('ENGINE_UNAVAILABLE', 'Docker', `${host.from}: expected facts from ${target}, found status ${answer.status}`);
}
