import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts';
import type { PullEvent } from '../../src/outcome.ts';
import { uploadGauge } from '../../src/push/gauge.ts';

const blobOf = (size: number) => ({ mediaType: OCI_LAYER_GZIP, digest: digestOf(`${size}`), size });

function gauged() {
  const told: PullEvent[] = [];
  const store = {
    async *open({ size }: { readonly size: number }, { start, end } = { start: 0, end: size }) {
      for (let at = start; at < end; at += 10) yield Buffer.alloc(Math.min(10, end - at));
    },
  };
  const gauge = uploadGauge(store, (event) => void told.push(event));
  const last = () => {
    const { type, ...figures } = told.at(-1) ?? { type: undefined };
    expect(type).toBe('pushing');
    return figures;
  };
  return { gauge, last, told };
}

async function read(content: AsyncIterable<Uint8Array>, most = Number.POSITIVE_INFINITY): Promise<void> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    if (bytes > most) return;
  }
}

test('what is sent counts, and what need not be is not expected any more', async () => {
  const { gauge, last } = gauged();
  const [sent, there] = [gauge(blobOf(40)), gauge(blobOf(100))];
  await read(sent.source.open(blobOf(40)));
  expect(last()).toEqual({ sent: 40, expected: 140, blobs: 2, blobsDone: 0 });
  there.end();
  expect(last()).toEqual({ sent: 40, expected: 40, blobs: 2, blobsDone: 1 });
  sent.end();
  expect(last()).toEqual({ sent: 40, expected: 40, blobs: 2, blobsDone: 2 });
});

test('what is sent again after a break counts once, also where it goes on in the middle', async () => {
  const { gauge, last, told } = gauged();
  const blob = blobOf(50);
  const { source, end } = gauge(blob);
  await read(source.open(blob), 30);
  expect(last()).toMatchObject({ sent: 30 });
  await read(source.open(blob, { start: 20, end: 50 }));
  expect(last()).toMatchObject({ sent: 50, expected: 50 });
  await read(source.open(blob), 10);
  expect(last()).toMatchObject({ sent: 10 });
  end();
  expect(last()).toEqual({ sent: 10, expected: 10, blobs: 1, blobsDone: 1 });
  expect(told.every((event) => event.type === 'pushing' && event.sent <= 50)).toBe(true);
});
