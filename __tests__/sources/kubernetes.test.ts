import { describe, expect, test } from '@jest/globals';
import { readKubernetes } from '../../src/sources/kubernetes.ts';
import { parseDocuments } from '../../src/sources/yaml-source.ts';

const read = (text: string) => readKubernetes(parseDocuments('k8s/app.yml', text));
const images = (text: string) => read(text).images.map(({ text: image, at }) => `${image} ${at}`);

const POD = `
apiVersion: v1
kind: Pod
spec:
  initContainers:
    - name: init
      image: busybox:1
  containers:
    - {name: a, image: "redis:7"}
    - name: b
      image: ghcr.io/o/r@sha256:${'a'.repeat(64)}
  ephemeralContainers:
    - image: debug:1
  volumes:
    - name: data
      image:
        reference: models:1
        pullPolicy: Always
    - name: other
      emptyDir: {}
`;

describe('images of Kubernetes manifests', () => {
  test('of a pod: containers of all sorts and image volumes, with their lines', () => {
    expect(images(POD)).toEqual([
      'busybox:1 k8s/app.yml:7',
      'redis:7 k8s/app.yml:9',
      `ghcr.io/o/r@sha256:${'a'.repeat(64)} k8s/app.yml:11`,
      'debug:1 k8s/app.yml:13',
      'models:1 k8s/app.yml:17',
    ]);
  });

  test.each([
    ['Deployment', 'spec: {template: {spec: {containers: [{image: a}]}}}'],
    ['CronJob', 'spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a}]}}}}}'],
    ['Rollout', 'spec: {template: {spec: {containers: [{image: a}]}}}'],
    ['PodTemplate', 'template: {spec: {containers: [{image: a}]}}'],
    ['List', 'items: [{kind: Pod, spec: {containers: [{image: a}]}}]'],
  ])('of a %s', (kind, rest) => {
    expect(images(`apiVersion: v1\nkind: ${kind}\n${rest}`)).toEqual(['a k8s/app.yml:3']);
  });

  test('of every document, in JSON too', () => {
    expect(
      images('kind: A\nspec: {containers: [{image: a}]}\n---\n---\nkind: B\nspec:\n  containers:\n  - image: b'),
    ).toEqual(['a k8s/app.yml:2', 'b k8s/app.yml:8']);
    expect(images('{"kind": "Pod", "spec": {"containers": [{"image": "a"}]}}')).toEqual(['a k8s/app.yml:1']);
  });

  test('nothing that only looks like one', () => {
    expect(
      images(
        'kind: CustomResourceDefinition\nspec: {properties: {containers: {image: a}, image: b}}\ndata: {image: c}',
      ),
    ).toEqual([]);
  });

  test.each(['"{{ .Values.image }}"', '"$IMAGE"', '"app:$(TAG)"', '"<your-image>"'])(
    '%s is named, not guessed',
    (image) => {
      expect(read(`kind: Pod\nspec:\n  containers:\n  - image: ${image}`)).toEqual({
        images: [],
        left: [],
        warnings: [
          `k8s/app.yml:4: image ${JSON.parse(image)} is not pulled: another tool fills it in; name it in images`,
        ],
      });
    },
  );

  test('nothing that an alias turns into a circle', () => {
    expect(() => read('kind: Pod\nspec: &a\n  again: *a')).toThrow(
      'k8s/app.yml: is not YAML that ends: an alias leads back to itself',
    );
  });

  test('what aliases repeat without end is looked into once', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`);
    const nothing = `[${'{}, '.repeat(20_000)}]`;
    const bomb = ['apiVersion: v1', 'kind: List', `a0: &a0 ${nothing}`, ...levels].join('\n');
    const started = Date.now();
    expect(images(`${bomb}\nspec: {containers: [{image: "redis:7"}]}`)).toEqual(['redis:7 k8s/app.yml:16']);
    expect(Date.now() - started).toBeLessThan(3000);
  });
});
