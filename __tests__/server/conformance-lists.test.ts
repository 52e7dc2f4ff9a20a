import { expect } from '@jest/globals';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { conforming, type Repository } from '../support/conformance/registries.ts';
import { artifact, builder, image, index, type Sample } from '../support/conformance/samples.ts';

async function push(repository: Repository, { blobs, documents }: Sample, ...tags: readonly string[]) {
  for (const [digest, bytes] of blobs) await repository.push(bytes, digest);
  let headers = new Headers();
  for (const { bytes, digest, mediaType } of documents)
    for (const reference of [digest, ...(digest === documents.at(-1)?.digest ? tags : [])]) {
      const reply = await repository.ask('PUT', `manifests/${reference}`, bytes, { 'content-type': mediaType });
      expect(reply.verdict).toBe('201');
      headers = reply.headers;
    }
  return headers;
}

async function tagsAt({ ask, path }: Repository, at: string) {
  const { status, bytes, headers } = await ask('GET', at);
  expect(status).toBe(200);
  const { name, tags } = JSON.parse(bytes.toString()) as { name: string; tags: readonly string[] };
  expect(name).toBe(path);
  return { tags, next: /^<([^>]+)>; rel="?next"?$/.exec(headers.get('link') ?? '')?.[1] };
}

const TAGS = ['10', '9', 'alpha', 'beta', 'gamma', 'test0', 'test1'];

conforming('tags (end-8a, end-8b)', (clause) => {
  const filled = async (repository: Repository) => {
    const build = builder();
    image(build);
    await push(repository, build.sample(), ...[...TAGS].reverse());
  };

  clause('all of them, in lexical order', async (repository) => {
    await filled(repository);
    expect([...(await tagsAt(repository, 'tags/list')).tags].sort()).toEqual(TAGS);
  });

  clause('of a repository that nobody knows: 404', async ({ ask }) => {
    expect((await ask('GET', 'tags/list')).verdict).toBe('404 NAME_UNKNOWN');
  });

  clause(
    'n of them, from behind the last, and by the links to the very end',
    async (repository) => {
      await filled(repository);
      expect((await tagsAt(repository, 'tags/list')).tags).toEqual(TAGS);
      expect((await tagsAt(repository, 'tags/list?n=0')).tags).toEqual([]);
      expect((await tagsAt(repository, 'tags/list?last=beta')).tags).toEqual(TAGS.slice(4));
      expect((await tagsAt(repository, 'tags/list?n=2&last=9')).tags).toEqual(['alpha', 'beta']);
      expect(await tagsAt(repository, `tags/list?n=${TAGS.length}`)).toEqual({ tags: TAGS, next: undefined });
      const seen: string[] = [];
      for (let at: string | undefined = 'tags/list?n=3'; at !== undefined; ) {
        const page: Awaited<ReturnType<typeof tagsAt>> = await tagsAt(repository, at);
        expect(page.tags.length).toBeLessThanOrEqual(3);
        seen.push(...page.tags);
        at = page.next;
      }
      expect(seen).toEqual(TAGS);
    },
    'pages of tags',
  );
});

conforming('referrers (end-12a, end-12b)', (clause) => {
  const list = async ({ ask }: Repository, digest: string, type?: string) => {
    const query = type === undefined ? '' : `?artifactType=${encodeURIComponent(type)}`;
    const { status, headers, bytes } = await ask('GET', `referrers/${digest}${query}`);
    expect([status, headers.get('content-type')]).toEqual([200, OCI_INDEX]);
    const found = JSON.parse(bytes.toString());
    expect([found.schemaVersion, found.mediaType]).toEqual([2, OCI_INDEX]);
    return { manifests: found.manifests as readonly object[], filters: headers.get('oci-filters-applied') };
  };
  const ofSubject = (fill: (build: ReturnType<typeof builder>) => unknown) => {
    const build = builder();
    fill(build);
    return build.sample();
  };

  clause(
    'of what nobody refers to, or nobody has: an index of nothing',
    async (repository) => {
      expect((await list(repository, digestOf('nobody'))).manifests).toEqual([]);
      expect((await repository.ask('GET', 'referrers/sha256:bad')).verdict).toBe('400 DIGEST_INVALID');
    },
    'referrers',
  );

  clause(
    'images, artifacts and indexes with a subject, pushed before or after it, each with its type and annotations',
    async (repository) => {
      const about = builder();
      const subject = image(about);
      const note = (text: string) => ({ subject, annotations: { 'org.example.note': text } });
      const before = ofSubject((build) => artifact(build, note('before')));
      const after = ofSubject((build) => image(build, note('after')));
      const both = ofSubject((build) =>
        index(build, { ...note('index'), artifactType: 'application/vnd.example.list' }),
      );
      expect((await push(repository, before)).get('oci-subject')).toBe(subject.digest);
      expect((await push(repository, about.sample(), 'subject')).get('oci-subject')).toBeNull();
      expect((await push(repository, after)).get('oci-subject')).toBe(subject.digest);
      expect((await push(repository, both, 'tagged')).get('oci-subject')).toBe(subject.digest);
      const told = ({ documents }: Sample, artifactType: string, text: string) => {
        const document = documents.at(-1);
        const [mediaType, digest] = [document?.mediaType, document?.digest as Digest];
        return {
          ...{ mediaType, digest, size: document?.bytes.byteLength, artifactType },
          annotations: { 'org.example.note': text },
        };
      };
      const expected = [
        told(before, 'application/vnd.example.thing.v1', 'before'),
        told(after, OCI_CONFIG, 'after'),
        told(both, 'application/vnd.example.list', 'index'),
      ];
      const all = await list(repository, subject.digest);
      expect(all.manifests).toHaveLength(3);
      expect(all).toEqual({ manifests: expect.arrayContaining(expected), filters: null });
      for (const one of expected)
        expect(await list(repository, subject.digest, one.artifactType)).toEqual({
          manifests: [one],
          filters: 'artifactType',
        });
      expect((await list(repository, subject.digest, 'application/none')).manifests).toEqual([]);
      expect((await list(repository.sibling(), subject.digest)).manifests).toEqual([]);
    },
    'referrers',
  );

  clause(
    'of a subject that is not there; one that is deleted is listed no more',
    async (repository) => {
      const subject = { mediaType: OCI_MANIFEST, digest: digestOf('never pushed'), size: 12 };
      const sample = ofSubject((build) => artifact(build, { subject }));
      const { digest } = sample.documents.at(-1) ?? { digest: '' };
      expect((await push(repository, sample, 'tagged')).get('oci-subject')).toBe(subject.digest);
      expect((await list(repository, subject.digest)).manifests).toMatchObject([{ digest }]);
      expect((await repository.ask('DELETE', `manifests/${digest}`)).status).toBe(202);
      expect((await list(repository, subject.digest)).manifests).toEqual([]);
    },
    'referrers',
  );
});
