import { describe, expect, test } from '@jest/globals';
import { configOf } from '../../src/archives/changes.ts';

const made = (...changes: readonly string[]) => configOf(changes, 'linux');

describe('instructions', () => {
  // Each as Docker 20.10 has it in the config after `docker import --change`.
  test.each<readonly [string, readonly string[], object]>([
    ['a command for a shell', ['CMD echo $HOME "x"'], { Cmd: ['/bin/sh', '-c', 'echo $HOME "x"'] }],
    ['the last command', ['CMD one', 'cmd ["a","b c"]'], { Cmd: ['a', 'b c'] }],
    ['no command', ['CMD []'], { Cmd: [] }],
    ['an entrypoint', ['ENTRYPOINT ["/run", "it"]'], { Entrypoint: ['/run', 'it'] }],
    [
      'variables',
      ['ENV A=1 B="two words" C=a\\ b D=\'$A\'', 'ENV E $A and "more"', `ENV A=\${A}2 F=\${NOPE:-dflt} G=\${A:+yes}`],
      { Env: ['A=12', 'B=two words', 'C=a b', 'D=$A', 'E=1 and more', 'F=dflt', 'G=yes'] },
    ],
    [
      'ports',
      ['EXPOSE 80 53/udp', 'EXPOSE 8000-8001'],
      { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {} } },
    ],
    [
      'labels',
      ['LABEL a=b "c d"="e f" g=\'h i\'', 'LABEL single some words', 'LABEL a='],
      { Labels: { a: '', 'c d': 'e f', g: 'h i', single: 'some words' } },
    ],
    ['what is for later', ['ONBUILD RUN x y', 'ONBUILD COPY . .'], { OnBuild: ['RUN x y', 'COPY . .'] }],
    ['a user', ['ENV WHO=me', 'USER $WHO:you'], { Env: ['WHO=me'], User: 'me:you' }],
    ['volumes', ['VOLUME ["/a","/b c"]', 'VOLUME /c /d'], { Volumes: { '/a': {}, '/b c': {}, '/c': {}, '/d': {} } }],
    ['folders', ['WORKDIR /x', 'WORKDIR y'], { WorkingDir: '/x/y' }],
    ['a signal', ['STOPSIGNAL SIGQUIT'], { StopSignal: 'SIGQUIT' }],
    [
      'a check of health',
      ['HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl -f http://localhost/ || exit 1'],
      {
        Healthcheck: {
          Test: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'],
          Interval: 90e9,
          Timeout: 500e6,
          Retries: 3,
        },
      },
    ],
    ['a check as a list', ['HEALTHCHECK CMD ["/ok"]'], { Healthcheck: { Test: ['CMD', '/ok'] } }],
    ['no check', ['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  ])('make %s', (_, changes, config) => {
    expect(made(...changes)).toEqual(config);
  });

  test('for Windows are for its shell', () => {
    expect(configOf(['CMD dir'], 'windows')).toEqual({ Cmd: ['cmd', '/S', '/C', 'dir'] });
  });

  test.each([
    ['FROM alpine', 'expected CMD, ENTRYPOINT, ENV, EXPOSE'],
    ['', 'or WORKDIR, found ""'],
    ['RUN make', 'found "RUN make"'],
    ['ENV', 'expected something behind the instruction'],
    ['ENV A', 'expected a name and a value'],
    ['LABEL a=b c', 'expected name=value each time'],
    ['EXPOSE http', 'expected ports from 1 to 65535'],
    ['EXPOSE 1-99999999', 'expected ports from 1 to 65535'],
    ['ONBUILD FROM x', 'expected an instruction behind ONBUILD other than'],
    ['USER a b', 'expected one word'],
    ['HEALTHCHECK curl', 'expected NONE, or CMD and a command'],
    ['HEALTHCHECK --interval=soon CMD x', 'expected a time such as 30s or 1m30s'],
    ['HEALTHCHECK --often=1s CMD x', 'expected --interval, --timeout'],
  ])('that are none are refused: %s', (change, reason) => {
    expect(() => made(change)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(reason) }),
    );
  });
});
