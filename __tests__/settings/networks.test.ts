import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../src/settings.ts';

const read = (raw: Record<string, string>) => parseSettings({ images: 'redis:7', ...raw });
const mistake = (raw: Record<string, string>): string => {
  try {
    read(raw);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('mirrors', () => {
  test('are registry=mirror, one a line, in order', () => {
    const text = `
      docker.io = mirror.gcr.io     # first
      docker.io=https://registry.corp:5000/hub-proxy/
      ghcr.io=localhost:5001/a/b`;
    expect(read({ mirrors: text }).mirrors).toEqual([
      { registry: 'docker.io', domain: 'mirror.gcr.io', prefix: '' },
      { registry: 'docker.io', domain: 'registry.corp:5000', prefix: 'hub-proxy/' },
      { registry: 'ghcr.io', domain: 'localhost:5001', prefix: 'a/b/' },
    ]);
  });

  test('of Docker Hub are meant under its old name too', () => {
    expect(read({ mirrors: 'index.docker.io=[::1]:5000' }).mirrors).toEqual([
      { registry: 'docker.io', domain: '[::1]:5000', prefix: '' },
    ]);
  });

  test('are none by default', () => {
    expect(read({}).mirrors).toEqual([]);
  });

  test.each([
    ['mirror.gcr.io', 'expected registry=mirror. Write docker.io=mirror.gcr.io'],
    ['=mirror.gcr.io', 'expected registry=mirror'],
    ['docker.io=', 'expected registry=mirror'],
    ['docker.io=a.b=c.d', 'expected registry=mirror'],
    [
      'docker.io=http://mirror.corp',
      'a mirror has no scheme; one that speaks plain HTTP is listed in insecure-registries',
    ],
    ['docker.io/library=mirror.corp', 'what it stands for is a whole registry'],
    ['docker.io=mirror', 'mirror is not a registry'],
    ['docker.io=mirror.corp/Upper', 'mirror.corp/Upper is not a registry'],
    ['docker.io=user@mirror.corp', 'user@mirror.corp is not a registry'],
    ['docker.io=mirror.corp/../x', 'mirror.corp/../x is not a registry'],
  ])('cannot be %s', (text, expected) => {
    expect(mistake({ mirrors: text })).toContain(`mirrors: ${text}: ${expected}`);
  });
});

test.each(['mirrors', 'insecure-registries', 'images'])('a password in %s is not repeated', (name) => {
  const said = mistake({ [name]: `${name === 'mirrors' ? 'docker.io=' : ''}https://me:secret@registry.corp/app` });
  expect(said).toContain('https://me:…@registry.corp/app');
  expect(said).not.toContain('secret');
});

describe('insecure registries', () => {
  test('are hosts and CIDRs, one a line', () => {
    const text = 'Registry.corp\nregistry.corp:5000\n[::1]:5000\n10.0.0.0/8\nfd00::/8\n10.0.0.1';
    expect(read({ 'insecure-registries': text }).insecureRegistries).toEqual([
      'registry.corp',
      'registry.corp:5000',
      '[::1]:5000',
      '10.0.0.0/8',
      'fd00::/8',
      '10.0.0.1',
    ]);
  });

  test.each([
    ['http://registry.corp', 'a registry has no scheme'],
    ['10.0.0.0/33', 'expected a host or a CIDR'],
    ['registry.corp/path', 'expected a host or a CIDR'],
    ['fd00::1', 'expected a host or a CIDR'],
    ['registry.corp:99999', 'expected a host or a CIDR'],
    ['*.corp', 'expected a host or a CIDR'],
  ])('cannot be %s', (text, expected) => {
    const message = mistake({ 'insecure-registries': text });
    expect(message).toContain(`insecure-registries: ${text}: ${expected}. Write a host such as`);
  });
});
