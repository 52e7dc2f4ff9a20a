import type { Descriptor } from '../oci/descriptor.ts';
import type { ByteRange, Filler } from '../ports.ts';
import type { Lanes } from './lanes.ts';
import type { Answer, Divisible } from './remote.ts';
import { EXPIRED } from './stream-blob.ts';

/** Asks for one part; the signal ends that request, whether or not it was answered. */
export type Ask = (range: ByteRange, ends: AbortSignal, filler?: Filler) => Promise<Answer>;

/**
 * Asks for parts of one blob by closed ranges, once each. Where a redirect led to is asked directly from then on, without credentials; when it refuses (400, 401,
 * 403, 404), the registry is asked where it is now, once. What is plain is left to the filler, if there is one; where the `lanes` took for plain what is not, once
 * more without it.
 */
export function partsOf(remote: Divisible, blob: Descriptor, lanes: Pick<Lanes, 'direct'>): Ask {
  let place: URL | undefined;
  let plain = lanes.direct;
  let proved = false;
  return async ({ start, end }, ends, filler) => {
    const question = {
      kind: 'blob',
      at: `blobs/${blob.digest}`,
      target: `${remote.name}@${blob.digest}`,
      headers: { range: `bytes=${start}-${end - 1}` },
      plain,
      into: filler && { filler, start, end, size: blob.size },
      ends,
    } as const;
    const asked = place;
    let answer = await remote.askOnce(question, asked);
    const again = async () => {
      await answer.discard();
      answer = await remote.askOnce({ ...question, plain: false, into: undefined }, place);
    };
    if (EXPIRED.has(answer.status) && answer.url.origin !== answer.asked.origin) {
      // Another part may have found the new place already.
      if (place === asked) place = undefined;
      await again();
    }
    // A whole blob that came to a bare connection was not read. Others need not learn that once more.
    if (question.plain && !proved && answer.status === 200) {
      lanes.direct = false;
      await again();
    }
    plain = answer.status === 206;
    proved ||= plain;
    if (plain) place = answer.url.origin === answer.asked.origin ? undefined : answer.url;
    return answer;
  };
}
