import { describe, expect, test } from '@jest/globals';
import { parse } from 'smol-toml';
import { parseHosts } from '../../../src/registry/routes/hosts-toml.ts';

/** What is read of a text, with what was said about it; a host that is as usual has nothing in it. */
function read(text: string) {
  const warnings: string[] = [];
  const hosts = parseHosts(parse(text), '/etc/containerd/certs.d/a', (warning) => warnings.push(warning));
  return { hosts: hosts.map(({ origin, ...rest }) => ({ ...rest, origin: origin?.href })), warnings };
}

const SETTINGS = { authorities: [], client: undefined, skipsVerify: false, headers: {}, connectMs: undefined };
const ITSELF = { origin: undefined, base: '/v2', resolves: true, pulls: true, settings: SETTINGS };

describe('a hosts.toml', () => {
  test('names hosts in its order, the registry itself last', () => {
    const { hosts, warnings } = read(`
      [host."https://b.test"]
      capabilities = ["pull"]
      [host."http://a.test:5000/proxy/hub/"]
      capabilities = ["Resolve", "push"]
      [host."c.test:8443"]
    `);
    expect(hosts).toEqual([
      { ...ITSELF, origin: 'https://b.test/', resolves: false },
      { ...ITSELF, origin: 'http://a.test:5000/', base: '/proxy/hub/v2', pulls: false },
      { ...ITSELF, origin: 'https://c.test:8443/' },
      ITSELF,
    ]);
    expect(warnings).toEqual([]);
  });

  test('may have another server in place of the registry', () => {
    expect(read('server = "https://mirror.test/v2"').hosts).toEqual([{ ...ITSELF, origin: 'https://mirror.test/' }]);
    expect(read('').hosts).toEqual([ITSELF]);
  });

  test.each([
    ['https://a.test', false, '/v2'],
    ['https://a.test/', false, '/v2'],
    ['https://a.test/v2/', false, '/v2'],
    ['https://a.test/x', false, '/x/v2'],
    ['https://a.test/x', true, '/x'],
    ['https://a.test//b.test//', true, '/b.test'],
    ['https://a.test', true, ''],
  ])('%s with override_path %s has its repositories below %j', (server, override, base) => {
    expect(read(`server = "${server}"\noverride_path = ${override}`).hosts).toMatchObject([{ base }]);
  });

  test('says how to connect, paths as seen from its folder', () => {
    const { hosts, warnings } = read(`
      ca = "own.pem"
      skip_verify = true
      [host."https://a.test"]
      ca = ["/abs/a.pem", "../b.pem"]
      client = [["c.cert", "c.key"], ["d.cert", "d.key"]]
      dial_timeout = "1m1.5s"
      [host."https://a.test".header]
      X-Team = ["one", "two"]
      [host."https://b.test"]
      client = "both.pem"
    `);
    const folder = '/etc/containerd/certs.d/a';
    expect(hosts.map(({ settings }) => settings)).toEqual([
      {
        ...SETTINGS,
        authorities: ['/abs/a.pem', '/etc/containerd/certs.d/b.pem'],
        client: [`${folder}/c.cert`, `${folder}/c.key`],
        headers: { 'x-team': 'one, two' },
        connectMs: 61_500,
      },
      { ...SETTINGS, client: [`${folder}/both.pem`, `${folder}/both.pem`] },
      { ...SETTINGS, authorities: [`${folder}/own.pem`], skipsVerify: true },
    ]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['server = "ftp://a.test:x"', 'ftp://a.test:x: expected http://host or https://host'],
    ['[host."https://u:p@a.test"]', 'expected http://host or https://host'],
    ['[host."https://a.test"]\ncapabilities = ["pull", "fly"]', 'https://a.test: capabilities: fly is not known'],
    ['[host."https://a.test"]\ndial_timeout = 5', 'https://a.test: dial_timeout: expected a duration such as 3s'],
    ['[header]\n"x y" = "1"', 'server: header: x y is left out'],
    ['[header]\nx = "1\\r\\nhost: b"', 'server: header: x is left out'],
    ['[header]\nHost = "b"', 'server: header: Host is left out'],
  ])('with %s goes by the rest, with a warning', (text, warning) => {
    const { hosts, warnings } = read(text);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
    expect(hosts.every(({ settings }) => Object.keys(settings.headers).length === 0)).toBe(true);
  });

  test('with a server that is none leaves the registry itself', () => {
    expect(read('server = "ftp://a.test:x"').hosts).toEqual([ITSELF]);
  });

  test('of odd types is as good as empty', () => {
    expect(read('host = 1\nserver = []\nca = 3\nclient = [[]]\nheader = "x"\nskip_verify = "yes"').hosts).toEqual([
      ITSELF,
    ]);
    expect(read('[host]\n"https://a.test" = 5').hosts).toEqual([ITSELF]);
  });
});
