import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { asRecord, asText, parseJson } from '../lib/records.ts';
import type { Platform } from '../oci/platform.ts';
import type { Answer, DockerApi } from './docker-api.ts';
import type { DockerHost } from './docker-host.ts';
import { isNotThereYet } from './docker-unreachable.ts';
import { tryWithin } from './patience.ts';

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
  /** Podman's service answers here: it has versions of its own, and believes loopback no more than any other registry. */
  readonly isPodman: boolean;
  /** Docker 23.0 and later unpack zstd layers, and so does Podman. */
  readonly readsZstd: boolean;
  /** The folder it keeps everything in, as it sees it. */
  readonly root: string;
  /** The socket of the containerd that it leaves its images to; empty if it does not say. */
  readonly containerd: string;
}

/** The newest Engine API this code was written against; a newer daemon is spoken to in this one. */
const NEWEST_API = '1.52';

/** The facts, asked of the daemon itself, which may still be starting; throws ENGINE_UNAVAILABLE if it does not answer `/_ping` like one within `pingMs`. */
export async function dockerFacts(
  api: DockerApi,
  host: DockerHost,
  pingMs: number,
  signal: AbortSignal,
): Promise<DockerFacts> {
  const waiting = { withinMs: pingMs, everyMs: 250, signal, again: isNotThereYet };
  const ping = await tryWithin(waiting, (timeoutMs) => api.ask('GET', '/_ping', { timeoutMs }));
  const offered = ping.headers['api-version'];
  if (ping.status !== 200 || typeof offered !== 'string' || !/^1\.\d+$/.test(offered)) {
    const reason = `${host.from}: expected a Docker daemon, found an answer ${said(ping)}`;
    throw new PullError('ENGINE_UNAVAILABLE', 'Docker', reason, {
      hint: 'Correct DOCKER_HOST and DOCKER_TLS_VERIFY, or set engine: none.',
    });
  }
  const apiVersion = minor(offered) > minor(NEWEST_API) ? NEWEST_API : offered;
  const [version, info] = await Promise.all([
    ask(api, `/v${apiVersion}/version`, host),
    ask(api, `/v${apiVersion}/info`, host),
  ]);
  const release = asText(version.Version);
  const keepsManifests = JSON.stringify(info.DriverStatus ?? '').includes('io.containerd.snapshotter');
  const isPodman = JSON.stringify(version.Components ?? '').includes('"Podman Engine"');
  const driver = keepsManifests ? 'containerd image store' : asText(info.Driver);
  return {
    title: clean(`${isPodman ? 'Podman' : 'Docker'} ${release} (${driver})`, 100),
    isPodman,
    apiVersion,
    platform: { os: asText(version.Os), architecture: asText(version.Arch) },
    keepsManifests,
    inspectsManifests: minor(apiVersion) >= 48,
    readsZstd: isPodman || Number.parseInt(release, 10) >= 23,
    root: asText(info.DockerRootDir),
    containerd: asText(asRecord(info.Containerd).Address),
  };
}

const minor = (apiVersion: string): number => Number(apiVersion.split('.')[1]);

/** `with status 403: policy forbids it`. */
const said = ({ status, text }: Answer): string =>
  `with status ${status}${status === 200 ? '' : `: ${clean(text, 200)}`}`.replace(/: $/, '');

async function ask(api: DockerApi, target: string, host: DockerHost): Promise<Record<string, unknown>> {
  const answer = await api.ask('GET', target);
  const parsed = parseJson(answer.text);
  if (answer.status === 200 && typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  throw new PullError(
    'ENGINE_UNAVAILABLE',
    'Docker',
    `${host.from}: expected facts from ${target}, found an answer ${said(answer)}`,
    {
      hint: 'Let the daemon, or the proxy before it, answer /version and /info, or set engine: none.',
    },
  );
}
