import type { Digest } from '../oci/digest.ts';
import { normalizePlatform } from '../oci/platform.ts';
import type { BlobSource, Engine, Loadable } from '../ports.ts';
import { type DockerApi, dockerApi } from './docker-api.ts';
import { dockerDisk } from './docker-disk.ts';
import { type DockerFacts, dockerFacts } from './docker-facts.ts';
import { notThere } from './docker-failed.ts';
import type { DockerHost } from './docker-host.ts';
import { dockerImages } from './docker-images.ts';
import type { Inspected } from './docker-inspect.ts';
import { idOf, localName } from './docker-names.ts';
import { waysInto } from './docker-ways.ts';
import type { OfferImage } from './offer.ts';

/** How long a daemon may keep silent, in milliseconds, and what it may be offered. */
export interface DockerOptions {
  /** Until it has answered `/_ping`: 10 s unless given. */
  readonly pingMs?: number | undefined;
  /** While it takes in an image: it may extract for minutes without a word, so 30 minutes unless given. */
  readonly loadMs?: number | undefined;
  /** Until it has asked an offer for the first time: 5 s unless given. */
  readonly askMs?: number | undefined;
  /** How images are offered on loopback; without it they are only sent. */
  readonly offerImage?: OfferImage | undefined;
}

/**
 * The Docker daemon at `host`, after it has answered: Docker 20.10 and later, with a graph driver or with the containerd image store. Throws ENGINE_UNAVAILABLE
 * if it does not answer within 10 s.
 */
export async function connectDocker(
  host: DockerHost,
  signal: AbortSignal,
  options: DockerOptions = {},
): Promise<Engine> {
  const api = dockerApi(host, signal);
  const facts = await dockerFacts(api, host, options.pingMs ?? 10_000, signal);
  return docker({ host, api, facts, signal }, options);
}

interface Daemon {
  readonly host: DockerHost;
  readonly api: DockerApi;
  readonly facts: DockerFacts;
  readonly signal: AbortSignal;
}

function docker({ host, api, facts, signal }: Daemon, options: DockerOptions): Engine {
  const images = dockerImages(api, facts);
  const ways = waysInto(images, facts, signal, {
    silenceMs: options.loadMs ?? 30 * 60_000,
    askMs: options.askMs ?? 5000,
    // Over TCP the daemon is another machine, whose loopback is not ours.
    offerImage: host.kind === 'socket' ? options.offerImage : undefined,
  });
  const nameOf = (image: Loadable) => localName(image.reference, facts);

  return {
    title: facts.title,
    platform: normalizePlatform(facts.platform),
    holdsPlatforms: facts.keepsManifests,
    async find(name) {
      const found = await images.inspect(name);
      if (!found) return undefined;
      const { id, repoDigests, platform } = found;
      const whole = isWhole(found, facts);
      return { imageId: id, digests: repoDigests, local: name, whole, platform, manifest: manifestIn(found) };
    },
    async present(image) {
      const name = nameOf(image);
      const found = await images.held(image, name);
      if (found || !(await images.held(image, idOf(image, facts)))) return found;
      return (await ways.name(image, idOf(image, facts), name)) ? images.held(image, name) : undefined;
    },
    async load(image: Loadable, source: BlobSource) {
      const name = nameOf(image);
      await ways.bring(image, source, name);
      const loaded = await images.held(image, name);
      if (loaded) return loaded;
      throw notThere(image, name, await images.inspect(name), facts);
    },
    disk: (beside) => dockerDisk(host, facts, images, beside),
  };
}

/** A graph driver has all of an image or none of it; other stores say which platforms they have, since API 1.48. */
function isWhole({ manifests }: Inspected, { keepsManifests, platform: { os, architecture } }: DockerFacts): boolean {
  return manifests?.some((it) => it.available && it.platform === `${os}/${architecture}`) ?? !keepsManifests;
}

/** The manifest of what it would run, where the store says which there are; two that differ in their variants alone it does not tell apart. */
function manifestIn({ manifests = [], platform }: Inspected): Digest | undefined {
  const [one, other] = manifests.filter(
    (it) => it.available && it.platform === `${platform?.os}/${platform?.architecture}`,
  );
  return other ? undefined : one?.digest;
}
