import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts';
import type { BlobSource } from '../../src/ports.ts';
import { repositoryAt } from '../support/client.ts';
import { noise } from '../support/image-builder.ts';
import { closeServers, scriptedServer } from '../support/scripted-server.ts';
import { answer, answering, BEGIN, inTurn, sizes } from '../support/scripted-uploads.ts';
import { openUploads, type UploadsClient } from '../support/uploads-client.ts';

let uploads: UploadsClient | undefined;
afterEach(async () => {
  await uploads?.close();
  await closeServers();
});

function blobOf(size: number) {
  const bytes = noise('broken', size);
  const blob = { mediaType: OCI_LAYER_GZIP, digest: digestOf(bytes), size };
  const source: BlobSource = {
    async *open(_, { start, end } = { start: 0, end: size }) {
      yield bytes.subarray(start, end);
    },
  };
  return { blob, source, done: `?digest=${encodeURIComponent(blob.digest)}` };
}

const LOCATED = { location: '/up/1' };
const SMALL = blobOf(10_000);
const DONE = SMALL.done;
const MB = 1024 * 1024;
const BIG = blobOf(36 * MB);

const send = (host: string, options = {}, { blob, source } = SMALL) => {
  uploads = openUploads(options);
  return uploads.blob(repositoryAt(host), blob, source);
};

describe('an upload that breaks off', () => {
  test('after a break go on where the registry says it stands', async () => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: answer(202, LOCATED),
        'PATCH /up/1': inTurn(
          (_, response) => response.destroy(),
          answer(202, { ...LOCATED, range: '0-7999' }),
          answer(202, { ...LOCATED, range: '0-9999' }),
        ),
        'GET /up/1': answer(204, { ...LOCATED, range: '0-2999' }),
        'PUT /up/1': answer(201),
      }),
    );
    expect(await send(server.host, { chunkBytes: 5000 })).toBe('uploaded');
    expect(sizes(server.requests)).toEqual([
      'PATCH /up/1 0-4999 5000',
      'PATCH /up/1 3000-7999 5000',
      'PATCH /up/1 8000-9999 2000',
      `PUT /up/1${DONE} 0`,
    ]);
  });

  test('one PUT that breaks off is taken up in a PATCH, and in a new upload where the old one is gone', async () => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: inTurn(answer(202, LOCATED), answer(202, { location: '/up/9' })),
        'PUT /up/1': (_, response) => response.destroy(),
        'GET /up/1': inTurn(answer(204, { ...LOCATED, range: '0-3999' }), answer(404)),
        'PATCH /up/1': answer(404),
        'PUT /up/9': answer(201),
      }),
    );
    expect(await send(server.host)).toBe('uploaded');
    expect(sizes(server.requests)).toEqual([
      `PUT /up/1${DONE} 10000`,
      'PATCH /up/1 4000-9999 6000',
      `PUT /up/9${DONE} 10000`,
    ]);
  });

  test('five breaks in a row without progress are the end', async () => {
    const server = await scriptedServer(
      answering({ [BEGIN]: answer(202, LOCATED), 'PUT /up/1': answer(503), 'GET /up/1': answer(404) }),
    );
    await expect(send(server.host)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(sizes(server.requests)).toHaveLength(5);
  });

  test.each([
    ['holds nothing', inTurn(answer(202, { ...LOCATED, range: '0-0' })), 5, '0-4999', 0],
    [
      'holds less',
      inTurn(...['0-4999', '0-1999'].map((range) => answer(202, { ...LOCATED, range }))),
      6,
      '2000-6999',
      2000,
    ],
  ])('a registry that takes chunks and %s is not sent the same for ever', async (_, patched, count, sent, held) => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: answer(202, LOCATED),
        'PATCH /up/1': patched,
        'GET /up/1': answer(204, { ...LOCATED, range: `0-${Math.max(held - 1, 0)}` }),
      }),
    );
    await expect(send(server.host, { chunkBytes: 5000 })).rejects.toMatchObject({
      code: 'REGISTRY_ANSWER',
      reason: `${server.host} took bytes ${sent} of an upload (202), but says that it holds ${held} bytes: expected more than before`,
    });
    expect(sizes(server.requests)).toHaveLength(count);
  });

  test('goes on in small pieces where all was lost, so that the next break costs no more than a piece', async () => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: inTurn(answer(202, LOCATED), answer(202, { location: '/up/2' })),
        'PUT /up/1': (_, response) => response.destroy(),
        'PATCH /up/2': inTurn(
          answer(202, { location: '/up/2', range: `0-${16 * MB - 1}` }),
          (_, response) => response.destroy(),
          answer(202, { location: '/up/2', range: `0-${32 * MB - 1}` }),
          answer(202, { location: '/up/2' }),
        ),
        'GET /up/2': answer(204, { location: '/up/2', range: `0-${16 * MB - 1}` }),
        'PUT /up/2': answer(201),
      }),
    );
    expect(await send(server.host, {}, BIG)).toBe('uploaded');
    expect(sizes(server.requests)).toEqual([
      `PUT /up/1${BIG.done} ${36 * MB}`,
      `PATCH /up/2 0-${16 * MB - 1} ${16 * MB}`,
      `PATCH /up/2 ${16 * MB}-${32 * MB - 1} ${16 * MB}`,
      `PATCH /up/2 ${16 * MB}-${32 * MB - 1} ${16 * MB}`,
      `PATCH /up/2 ${32 * MB}-${36 * MB - 1} ${4 * MB}`,
      `PUT /up/2${BIG.done} 0`,
    ]);
  });

  test('goes on whole again where a break costs the pieces, too, or pieces are not taken', async () => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: inTurn(...[1, 2, 3].map((at) => answer(202, { location: `/up/${at}` }))),
        'PUT /up/1': (_, response) => response.destroy(),
        'PATCH /up/2': answer(400),
        'PUT /up/3': answer(201),
      }),
    );
    expect(await send(server.host, {}, BIG)).toBe('uploaded');
    expect(sizes(server.requests).map((line) => line.split(/[? ]/).slice(0, 2).join(' '))).toEqual([
      'PUT /up/1',
      'PATCH /up/2',
      'PUT /up/3',
    ]);
  });

  test('begins anew where the registry finds that what came before and after does not fit', async () => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: inTurn(answer(202, LOCATED), answer(202, { location: '/up/2' })),
        'PUT /up/1': inTurn((_, response) => response.destroy(), answer(400)),
        'GET /up/1': inTurn(answer(204, { ...LOCATED, range: '0-3999' }), answer(404)),
        'PATCH /up/1': answer(202, LOCATED),
        'PUT /up/2': answer(201),
      }),
    );
    expect(await send(server.host)).toBe('uploaded');
    expect(sizes(server.requests).at(-1)).toBe(`PUT /up/2${DONE} 10000`);
  });

  test('a refusal before any break is believed at once', async () => {
    const server = await scriptedServer(answering({ [BEGIN]: answer(202, LOCATED), 'PUT /up/1': answer(400) }));
    await expect(send(server.host)).rejects.toMatchObject({ code: 'REGISTRY_ANSWER' });
    expect(sizes(server.requests)).toHaveLength(1);
  });
});
