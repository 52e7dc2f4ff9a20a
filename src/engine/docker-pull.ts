import { formatPlatform } from '../oci/platform.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import type { DockerFacts } from './docker-facts.ts';
import { dockerFailed } from './docker-failed.ts';
import type { DockerImages } from './docker-images.ts';
import { manifestOf } from './docker-names.ts';
import { loadFailure } from './load-stream.ts';
import { type Offer, type OfferImage, whileOffered } from './offer.ts';

/** What a pull from loopback came to: `unreached` if the daemon never asked, so that it must be elsewhere. */
export type Pulled = 'pulled' | 'unreached';

export interface PullOptions {
  readonly offerImage: OfferImage;
  /** Milliseconds until the daemon must have asked for the first time. */
  readonly askMs: number;
  /** Milliseconds in which it may tell of no progress. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * The daemon pulls the image from an offer on loopback, under a name of its own that is gone afterwards; before that `use` is told it. It unpacks a layer while
 * the next one comes, and leaves out what it has. Throws the source's own errors, ENGINE_UNAVAILABLE, or ENGINE_FAILED in the daemon's words.
 */
export function pullInto(images: DockerImages, facts: DockerFacts, options: PullOptions) {
  return async (
    image: Loadable,
    source: BlobSource,
    name: string,
    use: (temporary: string) => Promise<void>,
  ): Promise<Pulled> => {
    // A graph driver keeps no index, so it is spared the choice; elsewhere the index is what the image is known by.
    const digest = facts.keepsManifests ? image.target.digest : manifestOf(image);
    const offered = { image, source, tag: digest, signal: options.signal };
    return whileOffered(options.offerImage, offered, async (offer, until) => {
      const repository = `${offer.host}/${offer.prefix}/${image.reference.path}`;
      const query = new URLSearchParams({ fromImage: repository, tag: digest });
      if (facts.keepsManifests) query.set('platform', formatPlatform(image.platform));
      const doing = `loading ${name}`;
      try {
        const failure = await asking(offer, until, options, async (signal) => {
          const question = { timeoutMs: options.silenceMs, tellsProgress: true, until: signal };
          const answer = await images.ask(doing, 'POST', `/create?${query}`, question);
          return answer.status === 200 ? loadFailure(answer.text) : answer.text;
        });
        if (failure !== undefined && offer.asked()) throw dockerFailed(facts, doing, failure);
        if (failure === undefined) await use(`${repository}@${digest}`);
        return failure === undefined ? 'pulled' : 'unreached';
      } finally {
        await images.forget(`${repository}@${digest}`);
      }
    });
  };
}

/** What the pull says went wrong, if anything; it is ended if nobody has asked in time. */
async function asking(
  offer: Offer,
  until: AbortSignal,
  { askMs }: PullOptions,
  pull: (until: AbortSignal) => Promise<string | undefined>,
): Promise<string | undefined> {
  const unasked = new AbortController();
  const timer = setTimeout(() => offer.asked() || unasked.abort(), askMs);
  try {
    return await pull(AbortSignal.any([until, unasked.signal]));
  } catch (error) {
    if (unasked.signal.aborted && !until.aborted) return 'nobody asked';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
