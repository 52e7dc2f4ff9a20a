import { expect } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { conforming, type Feature, type Repository } from '../support/conformance/registries.ts';
import { builder, image, index, SAMPLES, type Sample } from '../support/conformance/samples.ts';

const ACCEPT = { accept: `${OCI_MANIFEST}, ${OCI_INDEX}` };
type Document = Sample['documents'][number];

const put = ({ ask }: Repository, reference: string, { bytes, mediaType }: Pick<Document, 'bytes' | 'mediaType'>) =>
  ask('PUT', `manifests/${reference}`, bytes, { 'content-type': mediaType });

const last = ({ documents }: Sample): Document => {
  const found = documents.at(-1);
  if (!found) throw new Error('a sample of nothing');
  return found;
};

async function pushBlobs(repository: Repository, { blobs }: Sample): Promise<void> {
  for (const [digest, bytes] of blobs) await repository.push(bytes, digest);
}

/** Everything, each document under its digest and the last under the tag too. */
async function pushAll(repository: Repository, sample: Sample, tag?: string): Promise<void> {
  await pushBlobs(repository, sample);
  for (const document of sample.documents) {
    const { status, headers } = await put(repository, document.digest, document);
    expect([status, headers.get('docker-content-digest')]).toEqual([201, document.digest]);
    await isServed(repository, headers.get('location') ?? '', document);
  }
  if (tag !== undefined) expect((await put(repository, tag, last(sample))).status).toBe(201);
}

/** GET and HEAD give exactly this document (end-3). */
async function isServed({ ask }: Repository, at: string, { bytes, digest, mediaType }: Document): Promise<void> {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers, bytes: got } = await ask(method, at, undefined, ACCEPT);
    const told = ['content-type', 'content-length', 'docker-content-digest'].map((name) => headers.get(name));
    expect([status, ...told]).toEqual([200, mediaType, `${bytes.byteLength}`, digest]);
    expect(got.equals(method === 'GET' ? bytes : Buffer.of())).toBe(true);
  }
}

function made(fill: (build: ReturnType<typeof builder>) => unknown): Sample {
  const build = builder();
  fill(build);
  return build.sample();
}

const NEEDS: Readonly<Record<string, Feature>> = {
  'layers that lie elsewhere': 'layers that lie elsewhere',
  'digests of sha512': 'sha512 manifests',
};

conforming('what can be pushed, pulled and deleted (end-3, end-7, end-9, end-10)', (clause) => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    const needs = NEEDS[name];
    clause(
      name,
      async (repository) => {
        const { ask } = repository;
        const content = sample();
        const byTag = last(content).digest.startsWith('sha256:');
        await pushAll(repository, content, byTag ? 'latest' : undefined);
        for (const document of content.documents) await isServed(repository, `manifests/${document.digest}`, document);
        if (byTag) await isServed(repository, 'manifests/latest', last(content));
        for (const [digest, bytes] of content.blobs)
          expect((await ask('GET', `blobs/${digest}`)).bytes.equals(Buffer.from(bytes))).toBe(true);
        for (const { digest } of [...content.documents].reverse()) {
          expect((await ask('DELETE', `manifests/${digest}`)).status).toBe(202);
          expect((await ask('HEAD', `manifests/${digest}`, undefined, ACCEPT)).status).toBe(404);
        }
        expect((await ask('HEAD', 'manifests/latest', undefined, ACCEPT)).status).toBe(404);
        for (const digest of content.blobs.keys()) {
          expect((await ask('DELETE', `blobs/${digest}`)).status).toBe(202);
          expect((await ask('HEAD', `blobs/${digest}`)).status).toBe(404);
        }
      },
      ...(needs ? [needs] : []),
    );
  }
});

conforming('manifests (end-3, end-7, end-9)', (clause) => {
  clause('one that is not there is 404 by tag and by digest, with the code of the spec', async ({ ask }) => {
    for (const reference of ['missing', digestOf('missing')]) {
      expect((await ask('GET', `manifests/${reference}`, undefined, ACCEPT)).verdict).toBe('404 MANIFEST_UNKNOWN');
      expect((await ask('HEAD', `manifests/${reference}`, undefined, ACCEPT)).status).toBe(404);
    }
  });

  clause('one under the digest of another is 400, and is not there', async (repository) => {
    const sample = made(image);
    await pushBlobs(repository, sample);
    const { bytes, digest, mediaType } = last(sample);
    const spaced = { bytes: Buffer.concat([bytes, Buffer.from('  ')]), mediaType };
    expect((await put(repository, digest, spaced)).verdict).toBe('400 DIGEST_INVALID');
    expect((await repository.ask('GET', `manifests/${digest}`, undefined, ACCEPT)).status).toBe(404);
  });

  clause(
    'one under what is neither a tag nor a digest is 400, and nothing can be got from there',
    async (repository) => {
      const sample = made(image);
      await pushBlobs(repository, sample);
      for (const reference of ['sha256:baddigeststring', '-1', `${'t'.repeat(129)}`]) {
        expect((await put(repository, reference, last(sample))).status).toBe(400);
        expect([400, 404]).toContain((await repository.ask('GET', `manifests/${reference}`)).status);
      }
    },
    'codes of the spec',
  );

  clause('what is none is 400', async (repository) => {
    const { verdict } = await put(repository, '1', { bytes: Buffer.from('no'), mediaType: OCI_MANIFEST });
    expect(verdict).toBe('400 MANIFEST_INVALID');
  });

  clause('one whose blobs or children never came is refused, and its tag is not there', async (repository) => {
    for (const sample of [made(image), made(index)]) {
      const { status, verdict } = await put(repository, 'early', last(sample));
      expect([400, 404]).toContain(status);
      expect(verdict).toMatch(/MANIFEST_BLOB_UNKNOWN|BLOB_UNKNOWN|MANIFEST_UNKNOWN/);
      expect((await repository.ask('HEAD', 'manifests/early', undefined, ACCEPT)).status).toBe(404);
    }
  });

  clause('a tag that is pushed again moves, and what it was stays under its digest', async (repository) => {
    const [first, second] = [made(image), made(image)];
    await pushAll(repository, first, 'moving');
    await pushAll(repository, second, 'moving');
    await isServed(repository, 'manifests/moving', last(second));
    await isServed(repository, `manifests/${last(first).digest}`, last(first));
  });

  clause('a deleted digest takes its tags along, and can be deleted once', async (repository) => {
    const sample = made(image);
    await pushAll(repository, sample, 'one');
    await put(repository, 'two', last(sample));
    const { digest } = last(sample);
    expect((await repository.ask('DELETE', `manifests/${digest}`)).status).toBe(202);
    for (const reference of ['one', 'two', digest])
      expect((await repository.ask('HEAD', `manifests/${reference}`, undefined, ACCEPT)).status).toBe(404);
    expect((await repository.ask('DELETE', `manifests/${digest}`)).verdict).toBe('404 MANIFEST_UNKNOWN');
  });

  clause(
    'a deleted tag leaves the manifest under its digest, and other tags',
    async (repository) => {
      const sample = made(image);
      await pushAll(repository, sample, 'one');
      await put(repository, 'two', last(sample));
      expect((await repository.ask('DELETE', 'manifests/one')).status).toBe(202);
      expect((await repository.ask('HEAD', 'manifests/one', undefined, ACCEPT)).status).toBe(404);
      for (const reference of ['two', last(sample).digest])
        await isServed(repository, `manifests/${reference}`, last(sample));
      expect((await repository.ask('DELETE', 'manifests/one')).verdict).toBe('404 MANIFEST_UNKNOWN');
    },
    'tag deletion',
  );
});
