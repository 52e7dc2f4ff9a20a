import { Readable } from 'node:stream';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import { normalizePlatform } from '../oci/platform.ts';
import { canonicalName, familiarName, type Reference } from '../oci/reference.ts';
import type { BlobSource, Engine, Held, Loadable } from '../ports.ts';
import { imageArchive } from './archive.ts';
import { type DockerApi, dockerApi } from './docker-api.ts';
import type { DockerHost } from './docker-host.ts';
import { type DockerFacts, dockerFacts } from './docker-facts.ts';
import { type Inspected, parseInspect } from './docker-inspect.ts';
import { loadFailure } from './load-stream.ts';

/**
 * The Docker daemon at `host`, after it has answered: Docker 20.10 and later, with a graph driver or with the containerd image store. Throws ENGINE_UNAVAILABLE
 * if it does not answer within 10 s.
 */
export async function connectDocker(host: DockerHost, signal: AbortSignal): Promise<Engine> {
  const api = dockerApi(host, signal);
  const facts = await dockerFacts(api, host);
  return docker(api, facts);
}

function docker(api: DockerApi, facts: DockerFacts): Engine {
  const base = `/v${facts.apiVersion}`;

  async function inspect(name: string): Promise<Inspected | undefined> {
    const manifests = facts.keepsManifests && facts.inspectsManifests ? '?manifests=1' : '';
    const answer = await api.ask('GET', `${base}/images/${encodeURI(name)}/json${manifests}`);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw failed(facts, `inspecting ${clean(name)}`, answer.text);
    return parseInspect(answer.text, name);
  }

  /** Held under this name, with this image's own bytes, and complete as far as the engine can tell. */
  async function held(image: Loadable, name: string): Promise<Held | undefined> {
    const found = await inspect(name);
    const imageId = idOf(image, facts);
    if (!found || found.id !== imageId) return undefined;
    const manifest = image.documents.at(-1)?.digest ?? image.target.digest;
    if (found.manifests && !found.manifests.some((it) => it.digest === manifest && it.available)) return undefined;
    const pinned = `${familiarName(image.reference)}@${image.target.digest}`;
    return { manifest, imageId, local: name, digestRunnable: (await inspect(pinned))?.id === imageId };
  }

  async function tag(image: Loadable, name: string): Promise<boolean> {
    const imageId = idOf(image, facts);
    // A name with a digest cannot be given by tagging.
    if (name.includes('@') || !(await held(image, imageId))) return false;
    const colon = name.lastIndexOf(':');
    const query = new URLSearchParams({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
    const answer = await api.ask('POST', `${base}/images/${imageId}/tag?${query}`);
    return answer.status === 201;
  }

  async function send(image: Loadable, source: BlobSource, name: string): Promise<void> {
    const archive = imageArchive(image, source, { name: archiveName(image.reference, facts), plainZstd: !facts.readsZstd });
    const body = Readable.from(archive, { objectMode: false, highWaterMark: 1024 * 1024 });
    const answer = await api.ask('POST', `${base}/images/load?quiet=1`, { body, timeoutMs: LOAD_TIMEOUT });
    const failure = answer.status === 200 ? loadFailure(answer.text) : answer.text;
    if (failure !== undefined) throw failed(facts, `loading ${name}`, failure);
  }

  return {
    title: facts.title,
    platform: normalizePlatform(facts.platform),
    async find(name) {
      const found = await inspect(name);
      return found && { imageId: found.id, digests: found.repoDigests };
    },
    present: (image) => held(image, localName(image.reference, facts)),
    async load(image, source) {
      const name = localName(image.reference, facts);
      if (!(await tag(image, name))) await send(image, source, name);
      const loaded = await held(image, name);
      if (loaded) return loaded;
      const found = (await inspect(name))?.id ?? 'no such image';
      throw failed(facts, `loading ${name}`, `it was accepted, but ${name} is ${found} afterwards, expected ${idOf(image, facts)}`);
    },
  };
}

/** A daemon may extract for minutes without a word; a silent one is given up after this many milliseconds. */
const LOAD_TIMEOUT = 30 * 60_000;

/** What the engine calls an image: what its name points to where it keeps manifests, else its config. */
const idOf = (image: Loadable, facts: DockerFacts): Digest =>
  facts.keepsManifests ? image.target.digest : image.manifest.config.digest;

/** The name the image runs by: its own tag; for a bare digest the digest itself, or a tag made of it where the engine cannot name digests. */
function localName(reference: Reference, facts: DockerFacts): string {
  const name = familiarName(reference);
  if (reference.tag !== undefined) return `${name}:${reference.tag}`;
  if (reference.digest === undefined) return `${name}:latest`;
  return facts.keepsManifests ? `${name}@${reference.digest}` : `${name}:sha256-${hexOf(reference.digest).slice(0, 12)}`;
}

/** The local name with the registry spelled out, as archives carry it. */
function archiveName(reference: Reference, facts: DockerFacts): string {
  const local = localName(reference, facts);
  return canonicalName(reference) + local.slice(familiarName(reference).length);
}

function failed(facts: DockerFacts, doing: string, said: string): PullError {
  let words = said;
  try {
    const parsed: unknown = JSON.parse(said);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) words = String(parsed.message);
  } catch {
    // Not JSON: the text itself is what the engine said.
  }
  return new PullError('ENGINE_FAILED', facts.title, `${doing}: ${clean(words, 500) || 'no reason given'}`, {
    hint: /no space left/i.test(words) ? 'Free some disk space for the engine.' : undefined,
  });
}
