import { describe, expect, test } from '@jest/globals';
import { readDockerfile } from '../../src/sources/dockerfile.ts';

const lines = (...text: string[]) => text.join('\n');
const read = (...text: string[]) => readDockerfile('Dockerfile', lines(...text));
const images = (...text: string[]) =>
  read(...text).images.map(({ text: image, at, platform }) => [image, at, ...(platform ? [platform] : [])].join(' '));
const v = (inner: string) => `\${${inner}}`;

describe('images of a Dockerfile', () => {
  test.each<[string, string[], string[]]>([
    ['FROM', ['FROM redis:7'], ['redis:7 Dockerfile:1']],
    ['any case, any blanks', ['  from\tredis:7  as  base '], ['redis:7 Dockerfile:1']],
    [
      'stages are skipped, whatever case',
      ['FROM golang AS Build', 'FROM build', 'FROM scratch'],
      ['golang Dockerfile:1'],
    ],
    [
      'a stage named like an image is not yet a stage',
      ['FROM golang AS golang', 'FROM golang'],
      ['golang Dockerfile:1'],
    ],
    [
      'comments and continuations',
      ['# FROM a', 'FROM \\', '  # here', '', '  redis:7 \\', '  AS x'],
      ['redis:7 Dockerfile:2'],
    ],
    [
      'the escape directive',
      ['# escape=`', 'FROM `', 'redis:7', 'RUN dir c:\\', 'FROM b'],
      ['redis:7 Dockerfile:2', 'b Dockerfile:5'],
    ],
    ['no directive after the first line', ['', '# escape=`', 'FROM \\', 'redis'], ['redis Dockerfile:3']],
    ['ARG with its default', ['ARG V=7', 'FROM redis:$V'], ['redis:7 Dockerfile:2']],
    [
      'ARGs made of ARGs',
      ['ARG A=x B="$A-y"', `ARG C=${v('A')}`, `FROM redis:${v('B')}-${v('C')}`],
      ['redis:x-y-x Dockerfile:3'],
    ],
    ['defaults in FROM', ['ARG V', `FROM redis:${v('V:-8')}`], ['redis:8 Dockerfile:2']],
    ['a stage by ARG', ['ARG WHICH=dev', 'FROM a AS dev', 'FROM $WHICH'], ['a Dockerfile:2']],
    ['ARG in a stage does not count', ['FROM a', 'ARG V=1', 'FROM b:1'], ['a Dockerfile:1', 'b:1 Dockerfile:3']],
    ['--platform', ['FROM --platform=linux/arm64 redis:7'], ['redis:7 Dockerfile:1 linux/arm64']],
    ['--platform by ARG', ['ARG P=linux/arm64', 'FROM --platform=$P redis'], ['redis Dockerfile:2 linux/arm64']],
    [
      'the platform of the build is the default',
      ['FROM --platform=$BUILDPLATFORM a', `FROM --platform=${v('TARGETPLATFORM')} b`],
      ['a Dockerfile:1', 'b Dockerfile:2'],
    ],
    [
      'COPY --from',
      ['FROM a AS b', 'COPY --from=b /x /x', 'COPY --from=0 / /', 'COPY --chown=1 --from=c:1 / /'],
      ['a Dockerfile:1', 'c:1 Dockerfile:4'],
    ],
    [
      'RUN --mount',
      ['FROM a', 'RUN --mount=type=bind,from=tools:1,target=/x --mount=type=cache,target=/c make'],
      ['a Dockerfile:1', 'tools:1 Dockerfile:2'],
    ],
    [
      'here-documents are skipped',
      ['FROM a', 'RUN <<EOF', 'FROM b', 'EOF', 'COPY <<-"X" /f', 'FROM c', '\tX', 'FROM d'],
      ['a Dockerfile:1', 'd Dockerfile:8'],
    ],
    [
      'here-documents with odd words',
      ['FROM a', 'RUN <<END-1', 'FROM b', 'END-1', 'RUN x<<y', 'FROM c'],
      ['a Dockerfile:1', 'c Dockerfile:6'],
    ],
    [
      'what only looks like a flag is none',
      ['FROM a', 'RUN echo --mount=type=bind,from=b:1', 'COPY x --from=c:1 /'],
      ['a Dockerfile:1'],
    ],
    [
      'a stage for each platform',
      [
        'FROM a AS build-amd64',
        'FROM b AS build-arm64',
        `FROM build-${v('TARGETARCH')}`,
        'FROM build-$TARGETARCH AS c',
      ],
      ['a Dockerfile:1', 'b Dockerfile:2'],
    ],
    ['the frontend is not taken', ['# syntax=docker/dockerfile:1', 'FROM a'], ['a Dockerfile:2']],
    ['quoted', ['ARG V="7"', 'FROM "redis:7"'], ['redis:7 Dockerfile:2']],
    ['Windows line ends', ['FROM a\r', 'FROM b\r'], ['a Dockerfile:1', 'b Dockerfile:2']],
  ])('%s', (_, text, expected) => {
    expect(images(...text)).toEqual(expected);
    expect(read(...text).warnings).toEqual([]);
  });

  test.each([
    [
      'FROM $BASE',
      'Dockerfile:2: FROM $BASE is not pulled: BASE has no value before the build; give ARG BASE a default, or name the image in images',
    ],
    [
      'FROM --platform=$BASE x',
      'Dockerfile:2: FROM --platform=$BASE x is not pulled: BASE has no value before the build; give ARG BASE a default, or name the image in images',
    ],
    [
      `FROM app-${v('TARGETARCH')}`,
      `Dockerfile:2: FROM app-${v('TARGETARCH')} is not pulled: only a build knows TARGETARCH; name the image in images`,
    ],
    [
      `FROM x:${v('BASE%%-*')}`,
      `Dockerfile:2: FROM x:${v('BASE%%-*')} is not pulled: it uses what only a build can resolve; name the image in images`,
    ],
    ['COPY --from=$BASE / /', 'Dockerfile:2: from=$BASE is not pulled: no variable counts there'],
  ])('%s is named, not guessed', (line, warning) => {
    expect(read('ARG BASE', line)).toEqual({ images: [], warnings: [warning], left: [] });
  });

  test.each([
    [
      'FROM --platform=linux/arm64',
      'FROM --platform=linux/arm64 names no image',
      'Write the image, or scratch, behind it.',
    ],
    ['FROM', 'FROM names no image', 'Write the image, or scratch, behind it.'],
    [
      'FROM --platform',
      'FROM --platform has a flag without its value',
      'Write FROM --platform=linux/arm64 and the image behind it.',
    ],
    [
      'FROM --platform linux/arm64 redis:7 AS base',
      'FROM --platform linux/arm64 redis:7 AS base has a flag without its value',
      'Write FROM --platform=linux/arm64 and the image behind it.',
    ],
  ])('%s is a mistake that is named with its line, and nothing else', (line, reason, hint) => {
    expect(read('FROM a', line, 'FROM base', 'FROM b')).toMatchObject({
      images: [
        { text: 'a', at: 'Dockerfile:1' },
        { text: line, at: 'Dockerfile:2', problem: { reason, hint } },
        ...(line.endsWith('base') ? [] : [{ text: 'base' }]),
        { text: 'b', at: 'Dockerfile:4' },
      ],
      warnings: [],
    });
  });

  test('--platform= with nothing behind it is the default, as in a build', () => {
    expect(read('FROM --platform= redis:7').images).toEqual([{ text: 'redis:7', at: 'Dockerfile:1' }]);
  });

  test('here-documents that nothing ends cost no search each', () => {
    const started = Date.now();
    const text = Array.from({ length: 80_000 }, (_, at) => `RUN <<A${at}`).join('\n');
    expect(read('FROM a', text).images).toEqual([{ text: 'a', at: 'Dockerfile:1' }]);
    expect(Date.now() - started).toBeLessThan(2000);
  });
});
