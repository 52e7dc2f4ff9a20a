import { describe, expect, test } from '@jest/globals';
import { parseInspect } from '../../src/engine/docker-inspect.ts';
import { digestOf } from '../../src/oci/digest.ts';

const [ID, ONE, TWO] = [digestOf('id'), digestOf('one'), digestOf('two')];
const parsed = (answer: object, name: string) => parseInspect(JSON.stringify(answer), name);

describe('an inspected image', () => {
  test.each([
    ['redis:7', [`redis@${ONE}`, `bitnami/redis@${TWO}`], [ONE]],
    [`redis@${ONE}`, [`redis@${ONE}`, `redis@${TWO}`], [ONE, TWO]],
    ['127.0.0.1:5000/a/b:1', [`127.0.0.1:5000/a/b@${ONE}`], [ONE]],
    [`127.0.0.1:5000/a@${ONE}`, [`127.0.0.1:5000/a@${ONE}`], [ONE]],
    ['redis:7', [], []],
    ['redis:7', null, []],
    ['redis:7', ['redis', 'redis@sha256:short', 7, `redis@${ONE}@${TWO}x`], [ONE]],
  ])('%s with %j is known by %j', (name, RepoDigests, expected) => {
    expect(parsed({ Id: ID, RepoDigests }, name)).toMatchObject({
      id: ID,
      repoDigests: expected,
      manifests: undefined,
    });
  });

  test('has the layers it lists, and was pulled if any registry knows it', () => {
    const answer = { Id: ID, RootFS: { Layers: [ONE, TWO] }, RepoDigests: [`other@${ONE}`] };
    expect(parsed(answer, 'redis:7')).toMatchObject({ diffIds: [ONE, TWO], wasPulled: true });
    expect(parsed({ Id: ID }, 'redis:7')).toMatchObject({ diffIds: [], wasPulled: false });
  });

  test('has the manifests whose digests can be read, and says which are whole', () => {
    const Manifests = [
      { Descriptor: { digest: ONE }, Available: true },
      { Descriptor: { digest: TWO }, Available: 'yes' },
      { Descriptor: { digest: 'md5:0' }, Available: true },
      null,
      {},
    ];
    expect(parsed({ Id: ID, Manifests }, 'a:1').manifests).toEqual([
      { digest: ONE, available: true },
      { digest: TWO, available: false },
    ]);
  });

  test.each(['', 'null', '[]', '<html>', '{}', '{"Id":"sha256:short"}', '{"Id":7}', '{"Id":null,"RepoDigests":[]}'])(
    'is not %j',
    (body) => {
      let thrown: unknown;
      try {
        parseInspect(body, 'redis:7');
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({
        code: 'ENGINE_FAILED',
        message: expect.stringContaining('inspecting redis:7: expected an image, found'),
      });
    },
  );
});
