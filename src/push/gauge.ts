import type { Descriptor } from '../oci/descriptor.ts';
import type { Report } from '../outcome.ts';
import type { BlobSource } from '../ports.ts';

/** What is known of one blob on its way up. */
export interface Gauged {
  /** The same bytes, counted as they are taken; what is read again counts once. */
  readonly source: Pick<BlobSource, 'open'>;
  /** It is there, sent or not, or never will be. */
  readonly end: () => void;
}

/** Counts the blobs it is told of and tells how many of their bytes were sent; those that need not be sent are no longer expected once that is known. */
export function uploadGauge(
  store: Pick<BlobSource, 'open'>,
  report: Report,
): (blob: Pick<Descriptor, 'size'>) => Gauged {
  let [sent, expected, blobs, blobsDone] = [0, 0, 0, 0];
  const tell = () => report({ type: 'pushing', sent, expected, blobs, blobsDone });

  return ({ size }) => {
    blobs += 1;
    expected += size;
    let at = 0;
    const moveTo = (position: number) => {
      sent += position - at;
      at = position;
      tell();
    };
    return {
      source: {
        async *open(blob, range) {
          let position = range?.start ?? 0;
          moveTo(position);
          for await (const chunk of store.open(blob, range)) {
            yield chunk;
            position += chunk.byteLength;
            moveTo(position);
          }
        },
      },
      end() {
        expected -= size - at;
        blobsDone += 1;
        tell();
      },
    };
  };
}
