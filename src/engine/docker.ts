import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Digest } from '../oci/digest.ts';
import { normalizePlatform } from '../oci/platform.ts';
import { familiarName } from '../oci/reference.ts';
import type { BlobSource, Engine, Held, Loadable } from '../ports.ts';
import { imageArchive } from './archive.ts';
import { type Answer, type DockerApi, dockerApi, type Method, type Question } from './docker-api.ts';
import { type DockerFacts, dockerFacts } from './docker-facts.ts';
import type { DockerHost } from './docker-host.ts';
import { type Inspected, parseInspect } from './docker-inspect.ts';
import { archiveName, localName } from './docker-names.ts';
import { loadFailure } from './load-stream.ts';

/** How long a daemon may keep silent, in milliseconds. */
export interface Patience {
  /** Until it has answered `/_ping`: 10 s unless given. */
  readonly pingMs?: number | undefined;
  /** While it takes in an image: it may extract for minutes without a word, so 30 minutes unless given. */
  readonly loadMs?: number | undefined;
}

/**
 * The Docker daemon at `host`, after it has answered: Docker 20.10 and later, with a graph driver or with the containerd image store. Throws ENGINE_UNAVAILABLE
 * if it does not answer within 10 s.
 */
export async function connectDocker(host: DockerHost, signal: AbortSignal, patience: Patience = {}): Promise<Engine> {
  const { pingMs = 10_000, loadMs = 30 * 60_000 } = patience;
  const api = dockerApi(host, signal);
  return docker(api, await dockerFacts(api, host, pingMs, signal), loadMs);
}

function docker(api: DockerApi, facts: DockerFacts, loadMs: number): Engine {
  const images = `/v${facts.apiVersion}/images`;

  /** An exchange about one image: whatever goes wrong says what was being done. */
  async function ask(doing: string, method: Method, target: string, question?: Question): Promise<Answer> {
    try {
      return await api.ask(method, images + target, question);
    } catch (error) {
      if (!(error instanceof PullError) || error.code !== 'ENGINE_UNAVAILABLE') throw error;
      const { code, reason, hint } = error;
      throw new PullError(code, facts.title, `${doing}: ${reason}`, { hint, cause: error });
    }
  }

  async function inspect(name: string): Promise<Inspected | undefined> {
    const manifests = facts.keepsManifests && facts.inspectsManifests ? '?manifests=1' : '';
    const doing = `inspecting ${clean(name)}`;
    const answer = await ask(doing, 'GET', `/${encodeURI(name)}/json${manifests}`);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw failed(facts, doing, answer.text);
    return parseInspect(answer.text, name);
  }

  /** Held under this name, with this image's own bytes, and complete as far as the engine can tell. */
  async function held(image: Loadable, name: string): Promise<Held | undefined> {
    const found = await inspect(name);
    const imageId = idOf(image, facts);
    const manifest = manifestOf(image);
    if (found?.id !== imageId || !holds(found, manifest)) return undefined;
    const pinned = `${familiarName(image.reference)}@${image.target.digest}`;
    return { manifest, imageId, local: name, digestRunnable: (await inspect(pinned))?.id === imageId };
  }

  /** True if the engine had the image under another name and now has it under this one too. */
  async function tag(image: Loadable, name: string): Promise<boolean> {
    const imageId = idOf(image, facts);
    // A name with a digest cannot be given by tagging.
    if (name.includes('@') || !(await held(image, imageId))) return false;
    const colon = name.lastIndexOf(':');
    const query = new URLSearchParams({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
    const answer = await ask(`tagging ${name}`, 'POST', `/${imageId}/tag?${query}`);
    return answer.status === 201;
  }

  async function send(image: Loadable, source: BlobSource, name: string): Promise<void> {
    const body = imageArchive(image, source, {
      name: archiveName(image.reference, facts),
      plainZstd: !facts.readsZstd,
    });
    const answer = await ask(`loading ${name}`, 'POST', '/load?quiet=1', { body, timeoutMs: loadMs });
    const failure = answer.status === 200 ? loadFailure(answer.text) : answer.text;
    if (failure === undefined) return;
    if (facts.keepsManifests) await forget(image, name);
    throw failed(facts, `loading ${name}`, failure);
  }

  /** The containerd image store keeps the name of an image that it could not unpack: the next run would take it for whole. */
  async function forget(image: Loadable, name: string): Promise<void> {
    try {
      if (await held(image, name)) await ask(`removing ${name}`, 'DELETE', `/${encodeURI(name)}`);
    } catch {
      // The load has failed already, and that is what must be said.
    }
  }

  return {
    title: facts.title,
    platform: normalizePlatform(facts.platform),
    holdsPlatforms: facts.keepsManifests,
    async find(name) {
      const found = await inspect(name);
      return found && { imageId: found.id, digests: found.repoDigests, local: name };
    },
    present: (image) => held(image, localName(image.reference, facts)),
    async load(image, source) {
      const name = localName(image.reference, facts);
      if (!(await tag(image, name))) await send(image, source, name);
      const loaded = await held(image, name);
      if (loaded) return loaded;
      throw notThere(image, name, await inspect(name), facts);
    },
  };
}

/** What the engine calls an image: what its name points to where it keeps manifests, else its config. */
const idOf = (image: Loadable, { keepsManifests }: DockerFacts): Digest =>
  keepsManifests ? image.target.digest : image.manifest.config.digest;

const manifestOf = ({ documents, target }: Loadable): Digest => documents.at(-1)?.digest ?? target.digest;

/** False only if the engine itself says that blobs of this manifest are missing. */
const holds = ({ manifests }: Inspected, manifest: Digest): boolean =>
  manifests === undefined || manifests.some((it) => it.digest === manifest && it.available);

/** A load that was answered with success proves nothing: this is what inspecting the image found instead. */
function notThere(image: Loadable, name: string, found: Inspected | undefined, facts: DockerFacts): PullError {
  const expected = idOf(image, facts);
  const state =
    found?.id === expected
      ? `has not all of manifest ${manifestOf(image)}`
      : `is ${found?.id ?? 'no image at all'}, expected ${expected}`;
  return failed(facts, `loading ${name}`, `the image was accepted, but afterwards ${name} ${state}`);
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
    hint: /no space left/i.test(words)
      ? 'Free some disk space for the engine.'
      : 'See the log of the daemon; with engine: none the image is kept in the store all the same.',
  });
}
