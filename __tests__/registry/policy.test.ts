import { describe, expect, test } from '@jest/globals';
import { type Zone, zoneOf } from '../../src/registry/addresses.ts';
import { createInsecure } from '../../src/registry/insecure.ts';
import { type Knowledge, mayReach, reach, refusal, sharesCredentials, type Via } from '../../src/registry/policy.ts';

const HUB = 'https://registry-1.docker.io';
const LOCAL = 'http://127.0.0.1:5000';

/** Names as they were looked up: `*.corp` is in a private network, `*.link` on the link, `*.here` this machine, all others on the internet. */
const zones: Readonly<Record<string, Zone>> = { corp: 'private', link: 'link-local', here: 'loopback' };
const listing = (...list: string[]): Knowledge => {
  const { lists, maybePlain } = createInsecure(list);
  const byName = (hostname: string) => zones[hostname.split('.').at(-1) ?? ''];
  return { zoneOf: (hostname) => byName(hostname) ?? zoneOf(hostname), isListed: lists, mayBePlain: maybePlain };
};
const ask = (via: Via, from: string, to: string, known = listing()) =>
  refusal({ url: new URL(from), via }, new URL(to), known);

describe('a redirect is followed', () => {
  test.each([
    [HUB, 'https://production.cloudflare.example/x'],
    [HUB, 'https://r2.example:8443/x'],
    [LOCAL, 'http://127.0.0.1:5001/x'],
    [LOCAL, 'https://cdn.example/x'],
    [LOCAL, 'http://minio.corp/x'],
    ['https://10.0.0.5', 'https://10.0.0.6/x'],
    ['https://harbor.corp', 'https://10.0.0.6/x'],
    ['https://harbor.corp', 'https://minio.corp/x'],
    ['https://harbor.corp', 'https://cdn.example/x'],
    ['http://harbor.corp', 'http://minio.corp/x'],
    ['https://localhost:5000', 'https://127.0.0.1:5001/x'],
    ['https://nas.link', 'https://nas.link/x'],
  ])('from %s to %s', (from, to) => {
    expect(ask('redirect', from, to)).toBeUndefined();
  });
});

describe('the place of an upload', () => {
  test.each([
    [HUB, 'https://uploads.example/x', undefined],
    [LOCAL, 'http://127.0.0.1:5001/x', undefined],
    [HUB, 'http://registry-1.docker.io/x', 'https: to http:'],
    [HUB, 'https://10.1.2.3/x', 'a private network'],
    [HUB, 'https://localhost/x', 'this machine'],
  ])('that %s names, %s', (from, to, reason) => {
    const said = ask('upload', from, to);
    if (reason === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(reason);
  });
});

describe('a redirect is refused', () => {
  test.each([
    [HUB, 'http://registry-1.docker.io/x', 'https: to http:'],
    ['https://127.0.0.1:5000', 'http://127.0.0.1:5000/x', 'https: to http:'],
    [HUB, 'file:///etc/passwd', 'file: is neither'],
    [HUB, 'ftp://registry-1.docker.io/x', 'ftp: is neither'],
    [HUB, 'https://127.0.0.1/x', 'this machine'],
    [HUB, 'https://127.1/x', 'this machine'],
    [HUB, 'https://[::ffff:127.0.0.1]/x', 'this machine'],
    [HUB, 'https://168.63.129.16/x', 'the local link'],
    [HUB, 'https://192.0.0.192/x', 'the local link'],
    ['https://harbor.corp', 'https://100.100.100.200/x', 'the local link'],
    [HUB, 'https://2130706433/x', 'this machine'],
    [HUB, 'https://0x7f000001/x', 'this machine'],
    [HUB, 'https://0.0.0.0/x', 'this machine'],
    [HUB, 'https://localhost/x', 'this machine'],
    [HUB, 'https://localhost./x', 'this machine'],
    [HUB, 'https://registry.localhost/x', 'this machine'],
    [HUB, 'https://[::1]/x', 'this machine'],
    [HUB, 'https://[::]/x', 'this machine'],
    [HUB, 'https://[::ffff:7f00:1]/x', 'this machine'],
    [HUB, 'https://10.1.2.3/x', 'a private network'],
    [HUB, 'https://172.31.255.255/x', 'a private network'],
    [HUB, 'https://192.168.0.1/x', 'a private network'],
    [HUB, 'https://100.64.0.1/x', 'a private network'],
    [HUB, 'https://[fd00::1]/x', 'a private network'],
    [HUB, 'https://[64:ff9b::10.0.0.1]/x', 'a private network'],
    [HUB, 'https://minio.corp/x', 'a private network'],
    [HUB, 'https://169.254.169.254/latest/meta-data/', 'the local link'],
    [HUB, 'https://[fe80::1]/x', 'the local link'],
    [HUB, 'https://[fd00:ec2::254]/x', 'the local link'],
    [HUB, 'https://[::ffff:169.254.169.254]/x', 'the local link'],
    [HUB, 'https://[64:ff9b::a9fe:a9fe]/x', 'the local link'],
    [HUB, 'https://[::127.0.0.1]/x', 'this machine'],
    [HUB, 'https://[::ffff:0:7f00:1]/x', 'this machine'],
    [HUB, 'https://[2002:7f00:1::]/x', 'this machine'],
    [HUB, 'https://[2002:a9fe:a9fe::1]/x', 'the local link'],
    [HUB, 'https://[2001:0:a00:1::f7f7:f7f7]/x', 'a private network'],
    [HUB, 'https://[2001:0:808:808::80ff:fffe]/x', 'this machine'],
    [HUB, 'https://[64:ff9b:1::a9fe:a9fe]/x', 'the local link'],
    [HUB, 'https://[64:ff9b:1::808:808]/x', 'a private network'],
    [HUB, 'https://[2606:4700::5efe:10.0.0.1]/x', 'a private network'],
    [HUB, 'https://[2606:4700::200:5efe:7f00:1]/x', 'this machine'],
    [HUB, 'https://[fec0::1]/x', 'a private network'],
    [HUB, 'https://198.18.0.1/x', 'a private network'],
    [HUB, 'https://240.0.0.1/x', 'a private network'],
    ['https://8.8.8.8', 'https://10.0.0.1/x', 'a private network'],
    ['https://harbor.corp', 'https://127.0.0.1/x', 'this machine'],
    ['https://harbor.corp', 'https://169.254.169.254/x', 'the local link'],
    [LOCAL, 'http://169.254.169.254/x', 'the local link'],
  ])('from %s to %s', (from, to, why) => {
    expect(ask('redirect', from, to)).toContain(why);
  });

  test.each([
    '172.32.0.1',
    '11.0.0.1',
    '169.253.0.1',
    '100.128.0.1',
    '8.8.8.8',
    '[2606:4700::1]',
    '[64:ff9b::808:808]',
    '[::808:808]',
    '[::ffff:808:808]',
    '[2002:808:808::1]',
    '[2001:0:808:808::f7f7:f7f7]',
    '[2001:db8::5efe:808:808]',
    '[2606:4700::5eff:7f00:1]',
  ])('but not to %s', (host) => {
    expect(ask('redirect', HUB, `https://${host}/x`)).toBeUndefined();
  });

  test.each([
    ['10.0.0.0/8', 'https://10.1.2.3/x'],
    ['minio.corp', 'https://minio.corp/x'],
    ['minio.corp:9000', 'https://minio.corp:9000/x'],
    ['[fd00::1]', 'https://[fd00::1]:5000/x'],
  ])('but not where the user lists %s', (entry, to) => {
    expect(ask('redirect', HUB, to)).toContain('private');
    expect(ask('redirect', HUB, to, listing(entry))).toBeUndefined();
  });
});

describe('a token server', () => {
  test.each([
    ['https://r.example', 'https://auth.example/token'],
    ['https://r.example', 'https://r.example/token'],
    ['https://r.example:5000', 'https://r.example:5001/token'],
    ['https://harbor.corp', 'https://10.0.0.6/service/token'],
    ['https://10.0.0.5', 'https://10.0.0.6/token'],
    [LOCAL, 'http://127.0.0.1:5001/token'],
    ['http://registry.corp', 'http://registry.corp:81/token'],
  ])('named by %s is asked at %s', (from, to) => {
    expect(ask('realm', from, to)).toBeUndefined();
  });

  test.each([
    ['https://r.example', 'http://r.example/token', 'https: to http:'],
    ['https://r.example', 'https://169.254.169.254/latest/meta-data/', 'local link'],
    ['https://r.example', 'https://localhost/token', 'this machine'],
    ['https://r.example', 'https://[::ffff:10.0.0.1]/token', 'private'],
    ['https://r.example', 'https://0/token', 'this machine'],
    ['https://r.example', 'javascript:alert(1)', 'javascript: is neither'],
    ['http://registry.corp', 'http://auth.corp/token', 'plain text'],
    [LOCAL, 'http://auth.example/token', 'plain text'],
  ])('named by %s is not asked at %s', (from, to, why) => {
    expect(ask('realm', from, to)).toContain(why);
  });

  test('may speak plain HTTP where the user says so', () => {
    expect(ask('realm', 'http://registry.corp', 'http://auth.corp/token', listing('auth.corp'))).toBeUndefined();
  });
});

describe("a layer's URL", () => {
  test('is asked on the internet, over TLS', () => {
    expect(ask('layer', HUB, 'https://mcr.example/layer')).toBeUndefined();
    expect(ask('layer', LOCAL, 'https://mcr.example/layer')).toBeUndefined();
  });

  test.each([
    [LOCAL, 'http://mcr.example/layer', 'not https:'],
    [LOCAL, 'https://127.0.0.1:5001/layer', 'this machine'],
    ['https://harbor.corp', 'https://minio.corp/layer', 'private'],
    ['https://harbor.corp', 'https://harbor.corp/layer', 'private'],
    [HUB, 'file:///etc/passwd', 'neither'],
  ])('named by an image of %s is not asked at %s', (from, to, why) => {
    expect(ask('layer', from, to)).toContain(why);
  });

  test('is asked inside where the user lists it', () => {
    expect(ask('layer', HUB, 'https://10.0.0.9/layer', listing('10.0.0.9'))).toBeUndefined();
  });
});

test.each<[Zone, string]>([
  ['public', 'public'],
  ['private', 'public private'],
  ['link-local', 'public link-local'],
  ['loopback', 'public private loopback'],
])('from %s one may be sent to: %s', (from, to) => {
  const all: Zone[] = ['public', 'private', 'link-local', 'loopback'];
  expect(all.filter((zone) => mayReach(from, zone)).join(' ')).toBe(to);
});

test.each<[Via, string, string, Zone | undefined]>([
  ['redirect', HUB, 'https://cdn.example', 'public'],
  ['redirect', 'https://harbor.corp', 'https://minio.corp', 'private'],
  ['redirect', HUB, `${HUB}:8443`, undefined],
  ['realm', HUB, 'https://auth.docker.io', 'public'],
  ['layer', 'https://harbor.corp', 'https://cdn.example', 'public'],
])('a name reached by %s from %s, %s, is looked up within: %s', (via, from, to, expected) => {
  expect(reach({ url: new URL(from), via }, new URL(to), listing())).toBe(expected);
});

test.each([
  ['https://r.example/a', 'https://r.example:443/b', true],
  ['https://r.example/a', 'https://r.example:8443/a', false],
  ['https://r.example/a', 'http://r.example/a', false],
  ['https://r.example/a', 'https://sub.r.example/a', false],
])('what opens %s opens %s: %s', (from, to, expected) => {
  expect(sharesCredentials(new URL(from), new URL(to))).toBe(expected);
});
