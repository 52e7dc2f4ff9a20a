import { describe, expect, test } from '@jest/globals';
import { readWorkflow } from '../../src/sources/workflow.ts';
import { parseDocuments } from '../../src/sources/yaml-source.ts';

const read = (text: string) => {
  const [source] = parseDocuments('ci.yml', text);
  if (!source) throw new Error('no document');
  return readWorkflow(source);
};

const EXPRESSION = '$'.concat('{{ matrix.image }}');

describe('images of workflows', () => {
  test('of containers, services and steps, with their lines', () => {
    const text = `
on: push
jobs:
  one:
    container: node:24
    steps:
      - uses: actions/checkout@v5
      - uses: docker://alpine:3
      - run: docker run redis
  two:
    container:
      image: ghcr.io/o/r:1
    services:
      db: {image: "postgres:17"}
      cache:
        image: redis:7
  three:
    uses: ./.github/workflows/other.yml
  four:
    container:
      image: ''
`;
    expect(read(text).images).toEqual([
      { text: 'node:24', at: 'ci.yml:5' },
      { text: 'alpine:3', at: 'ci.yml:8' },
      { text: 'ghcr.io/o/r:1', at: 'ci.yml:12' },
      { text: 'postgres:17', at: 'ci.yml:14' },
      { text: 'redis:7', at: 'ci.yml:16' },
    ]);
  });

  test('of actions', () => {
    expect(read('runs:\n  using: docker\n  image: docker://alpine:3').images).toEqual([
      { text: 'alpine:3', at: 'ci.yml:3' },
    ]);
    expect(read('runs:\n  using: docker\n  image: Dockerfile').images).toEqual([]);
    expect(read('runs:\n  steps:\n  - uses: docker://a:1').images).toEqual([{ text: 'a:1', at: 'ci.yml:3' }]);
  });

  test('an expression is named, not guessed', () => {
    expect(read(`jobs:\n  one:\n    container: ${EXPRESSION}\n    services: {db: {image: "x:${EXPRESSION}"}}`)).toEqual(
      {
        images: [],
        left: [],
        warnings: [
          `ci.yml:3: ${EXPRESSION} is not pulled: only a run of the workflow knows it; name it in images`,
          `ci.yml:4: x:${EXPRESSION} is not pulled: only a run of the workflow knows it; name it in images`,
        ],
      },
    );
  });
});
