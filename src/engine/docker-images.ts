import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Digest } from '../oci/digest.ts';
import { familiarName } from '../oci/reference.ts';
import type { Held, Loadable } from '../ports.ts';
import type { Answer, DockerApi, Method, Question } from './docker-api.ts';
import type { DockerFacts } from './docker-facts.ts';
import { dockerFailed } from './docker-failed.ts';
import { type Inspected, parseInspect, parseList } from './docker-inspect.ts';
import { idOf, manifestOf } from './docker-names.ts';

/** What a daemon can be asked about images, by name; each failure says what was being done. */
export interface DockerImages {
  /** An exchange below `/images` about one image. */
  ask(doing: string, method: Method, target: string, question?: Question): Promise<Answer>;
  /** The id of every image. */
  list(): Promise<readonly Digest[]>;
  /** Undefined if there is no such image. */
  inspect(name: string): Promise<Inspected | undefined>;
  /** Held under this name, with this image's own bytes, and complete as far as the daemon can tell. */
  held(image: Loadable, name: string): Promise<Held | undefined>;
  /** Gives an image a further `name:tag`; false if the daemon will not. */
  tag(from: string, name: string): Promise<boolean>;
  /** Takes a name away, if it can be done, and only from this image if one is given; never an error, for it is done where something else is to be said. */
  forget(name: string, image?: Loadable): Promise<void>;
}

const FORGET_MS = 60_000;

/** The images of the daemon. */
export function dockerImages(api: DockerApi, facts: DockerFacts): DockerImages {
  const root = `/v${facts.apiVersion}/images`;

  async function ask(doing: string, method: Method, target: string, question?: Question): Promise<Answer> {
    try {
      return await api.ask(method, root + target, question);
    } catch (error) {
      if (!(error instanceof PullError) || error.code !== 'ENGINE_UNAVAILABLE' || error.subject === facts.title)
        throw error;
      const { code, reason, hint } = error;
      throw new PullError(code, facts.title, `${doing}: ${reason}`, { hint, cause: error });
    }
  }

  async function inspect(name: string, until?: AbortSignal): Promise<Inspected | undefined> {
    const manifests = facts.keepsManifests && facts.inspectsManifests ? '?manifests=1' : '';
    const doing = `inspecting ${clean(name)}`;
    const answer = await ask(doing, 'GET', `/${encodeURI(name)}/json${manifests}`, { until });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw dockerFailed(facts, doing, answer.text);
    return parseInspect(answer.text, name);
  }

  const isOf = (image: Loadable, found: Inspected | undefined): boolean =>
    found?.id === idOf(image, facts) && holds(found, manifestOf(image));

  return {
    ask,
    inspect: (name) => inspect(name),
    async list() {
      const answer = await ask('listing images', 'GET', '/json');
      if (answer.status !== 200) throw dockerFailed(facts, 'listing images', answer.text);
      return parseList(answer.text);
    },
    async held(image, name) {
      const found = await inspect(name);
      const imageId = idOf(image, facts);
      const manifest = manifestOf(image);
      if (!isOf(image, found)) return undefined;
      const pinned = `${familiarName(image.reference)}@${image.target.digest}`;
      return { manifest, imageId, local: name, digestRunnable: (await inspect(pinned))?.id === imageId };
    },
    async tag(from, name) {
      const colon = name.lastIndexOf(':');
      const query = new URLSearchParams({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
      const answer = await ask(`tagging ${name}`, 'POST', `/${encodeURI(from)}/tag?${query}`);
      return answer.status === 201;
    },
    async forget(name, image) {
      // Also when the run is cancelled: nobody else knows of the name.
      const until = AbortSignal.timeout(FORGET_MS);
      if (image && !isOf(image, await inspect(name, until).catch(() => undefined))) return;
      await ask(`removing ${name}`, 'DELETE', `/${encodeURI(name)}`, { until }).catch(() => {});
    },
  };
}

/** False only if the engine itself says that blobs of this manifest are missing. */
const holds = ({ manifests }: Inspected, manifest: Digest): boolean =>
  manifests === undefined || manifests.some((it) => it.digest === manifest && it.available);
