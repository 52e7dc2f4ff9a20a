import { expect } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { BINARY, conforming, type Repository, withDigest } from '../support/conformance/registries.ts';
import { fresh } from '../support/conformance/samples.ts';

const MISSING = digestOf('nobody has this');

/** Sends bytes from `start` on as one chunk; where the upload then stands. */
async function chunk({ ask }: Repository, at: string, bytes: Uint8Array, start: number, end: number, method = 'PATCH') {
  const headers = { ...BINARY, 'content-range': `${start}-${end - 1}` };
  const reply = await ask(method, at, bytes.subarray(start, end), headers);
  return { ...reply, at: reply.headers.get('location') ?? at, range: reply.headers.get('range') };
}

/** Each way to bring a blob; the last answer. */
const WAYS = {
  'a POST and a PUT': async ({ ask, begin }: Repository, bytes: Uint8Array, digest: string) =>
    ask('PUT', withDigest(await begin(), digest), bytes, BINARY),
  'a POST, a PATCH that says no range, and a PUT': async (
    repository: Repository,
    bytes: Uint8Array,
    digest: string,
  ) => {
    const { status, headers } = await repository.ask('PATCH', await repository.begin(), bytes, BINARY);
    expect(status).toBe(202);
    return repository.ask('PUT', withDigest(headers.get('location') ?? '', digest));
  },
  'chunks, ended by an empty PUT': async (repository: Repository, bytes: Uint8Array, digest: string) => {
    let at = await repository.begin();
    for (let start = 0; start < bytes.byteLength; start += 1024) {
      const sent = await chunk(repository, at, bytes, start, Math.min(start + 1024, bytes.byteLength));
      expect([sent.status, sent.range]).toEqual([202, `0-${Math.min(start + 1024, bytes.byteLength) - 1}`]);
      at = sent.at;
    }
    return repository.ask('PUT', withDigest(at, digest));
  },
  'chunks, the last of them with the PUT': async (repository: Repository, bytes: Uint8Array, digest: string) => {
    const { at } = await chunk(repository, await repository.begin(), bytes, 0, 1024);
    return chunk(repository, withDigest(at, digest), bytes, 1024, bytes.byteLength, 'PUT');
  },
};

conforming('pulling blobs (end-2)', (clause) => {
  clause('the base says that it speaks the protocol (end-1)', async ({ ask }) => {
    expect((await ask('GET', '/v2/')).status).toBe(200);
  });

  clause('GET gives the bytes and HEAD what they are; both tell size and digest', async (repository) => {
    const bytes = fresh(2048);
    const digest = await repository.push(bytes);
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, bytes: got } = await repository.ask(method, `blobs/${digest}`);
      expect([status, headers.get('content-length')]).toEqual([200, '2048']);
      expect(headers.get('docker-content-digest')).toBe(digest);
      expect(got.equals(method === 'GET' ? bytes : Buffer.of())).toBe(true);
    }
  });

  clause('a blob that is not there is 404, with the code of the spec', async ({ ask }) => {
    expect((await ask('GET', `blobs/${MISSING}`)).verdict).toBe('404 BLOB_UNKNOWN');
    expect((await ask('HEAD', `blobs/${MISSING}`)).status).toBe(404);
  });

  clause(
    'what is no digest is 400',
    async ({ ask }) => {
      for (const text of ['sha256:bad', 'sha256:', 'md5:0123456789abcdef0123456789abcdef'])
        expect((await ask('GET', `blobs/${text}`)).verdict).toBe('400 DIGEST_INVALID');
    },
    'codes of the spec',
  );

  const ranges = async (repository: Repository, ...wanted: readonly (readonly [string, number, number])[]) => {
    const bytes = fresh(2048);
    const digest = await repository.push(bytes);
    for (const [range, start, end] of wanted) {
      const headers = { range: `bytes=${range}` };
      const { status, headers: told, bytes: got } = await repository.ask('GET', `blobs/${digest}`, undefined, headers);
      expect([range, status, told.get('content-range')]).toEqual([range, 206, `bytes ${start}-${end - 1}/2048`]);
      expect([told.get('content-length'), got.equals(bytes.subarray(start, end))]).toEqual([`${end - start}`, true]);
    }
    return digest;
  };

  clause('one range of it is given as 206', async (repository) => {
    await ranges(repository, ['500-1499', 500, 1500], ['500-', 500, 2048], ['-500', 1548, 2048]);
  });

  clause(
    'a range that ends behind the end is cut there, and one that begins there is 416',
    async (repository) => {
      const digest = await ranges(repository, ['2000-5000', 2000, 2048], ['-5000', 0, 2048]);
      const behind = await repository.ask('GET', `blobs/${digest}`, undefined, { range: 'bytes=5000-10000' });
      expect(behind.status).toBe(416);
    },
    'ranges behind the end',
  );
});

conforming('pushing blobs (end-4, end-5, end-6, end-13)', (clause) => {
  for (const [name, bring] of Object.entries(WAYS)) {
    clause(`by ${name}`, async (repository) => {
      for (const bytes of [fresh(3067), fresh(1025)]) {
        const digest = digestOf(bytes);
        const { status, headers } = await bring(repository, bytes, digest);
        expect([status, headers.get('docker-content-digest')]).toEqual([201, digest]);
        expect((await repository.ask('GET', headers.get('location') ?? '')).bytes.equals(bytes)).toBe(true);
      }
    });

    clause(`by ${name}: bytes of another digest are 400 and never become a blob`, async (repository) => {
      const digest = digestOf(fresh());
      expect((await bring(repository, fresh(3067), digest)).verdict).toBe('400 DIGEST_INVALID');
      expect((await repository.ask('HEAD', `blobs/${digest}`)).status).toBe(404);
    });
  }

  clause(
    'by a POST alone, of the right bytes and of others (end-4b)',
    async ({ ask }) => {
      const bytes = fresh();
      const { status, headers } = await ask('POST', `blobs/uploads/?digest=${digestOf(bytes)}`, bytes, BINARY);
      expect(status).toBe(201);
      expect((await ask('GET', headers.get('location') ?? '')).bytes.equals(bytes)).toBe(true);
      const wrong = await ask('POST', `blobs/uploads/?digest=${MISSING}`, bytes, BINARY);
      expect(wrong.verdict).toBe('400 DIGEST_INVALID');
    },
    'blobs in one POST',
  );

  clause('of nothing, of an empty object, and with a digest of sha512', async (repository) => {
    for (const bytes of [Buffer.of(), Buffer.from('{}')]) {
      const digest = await repository.push(bytes);
      const { status, headers, bytes: got } = await repository.ask('GET', `blobs/${digest}`);
      expect([status, headers.get('content-length'), got.equals(bytes)]).toEqual([200, `${bytes.byteLength}`, true]);
    }
    const bytes = fresh();
    const digest = await repository.push(bytes, digestOf(bytes, 'sha512'));
    expect((await repository.ask('GET', `blobs/${digest}`)).bytes.equals(bytes)).toBe(true);
  });

  clause(
    'a chunk ahead, or one that was sent before, is 416; a GET then says where to go on (end-13)',
    async (repository) => {
      const bytes = fresh(3072);
      let at = await repository.begin();
      expect((await chunk(repository, at, bytes, 1024, 2048)).status).toBe(416);
      ({ at } = await chunk(repository, at, bytes, 0, 1024));
      for (const [start, method] of [
        [2048, 'PATCH'],
        [0, 'PATCH'],
        [2048, 'PUT'],
      ] as const) {
        const place = method === 'PUT' ? withDigest(at, digestOf(bytes)) : at;
        expect((await chunk(repository, place, bytes, start, start + 1024, method)).status).toBe(416);
        const { status, headers } = await repository.ask('GET', at);
        expect([status, headers.get('range')]).toEqual([204, '0-1023']);
        expect(headers.get('location')).toContain('/blobs/uploads/');
      }
      ({ at } = await chunk(repository, at, bytes, 1024, 3072));
      expect((await repository.ask('PUT', withDigest(at, digestOf(bytes)))).status).toBe(201);
    },
    'chunks in order',
  );

  clause('an upload that is cancelled is gone, and so is one that never began', async ({ ask, begin }) => {
    const at = await begin();
    expect((await ask('DELETE', at)).status).toBe(204);
    expect((await ask('GET', at)).verdict).toBe('404 BLOB_UPLOAD_UNKNOWN');
  });
});

conforming('mounting blobs (end-11)', (clause) => {
  clause('a blob of another repository is taken from there, and is then in both', async (repository) => {
    const other = repository.sibling();
    const digest = await other.push(fresh());
    const { status, headers } = await repository.ask('POST', `blobs/uploads/?mount=${digest}&from=${other.path}`);
    expect([status, headers.get('docker-content-digest')]).toEqual([201, digest]);
    expect(headers.get('location')).toContain(`/v2/${repository.path}/blobs/${digest}`);
    for (const { ask } of [repository, other]) expect((await ask('HEAD', `blobs/${digest}`)).status).toBe(200);
  });

  clause('where the other has none of it, an upload begins instead', async ({ ask, sibling }) => {
    const bytes = fresh();
    const begun = await ask('POST', `blobs/uploads/?mount=${digestOf(bytes)}&from=${sibling().path}`);
    expect(begun.status).toBe(202);
    const at = withDigest(begun.headers.get('location') ?? '', digestOf(bytes));
    expect((await ask('PUT', at, bytes, BINARY)).status).toBe(201);
  });

  clause(
    'without saying where from',
    async (repository) => {
      const digest = await repository.sibling().push(fresh());
      expect((await repository.ask('POST', `blobs/uploads/?mount=${digest}`)).status).toBe(201);
      expect((await repository.ask('POST', `blobs/uploads/?mount=${MISSING}`)).status).toBe(202);
    },
    'anonymous mounts',
  );
});

conforming('deleting blobs (end-10)', (clause) => {
  clause('it is gone at once, and a second time there is nothing to delete', async (repository) => {
    const digest = await repository.push(fresh());
    expect((await repository.ask('DELETE', `blobs/${digest}`)).status).toBe(202);
    expect((await repository.ask('HEAD', `blobs/${digest}`)).status).toBe(404);
    expect((await repository.ask('DELETE', `blobs/${digest}`)).verdict).toBe('404 BLOB_UNKNOWN');
  });
});
