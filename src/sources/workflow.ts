import { clean } from '../lib/clean.ts';
import { asRecord, isRecord } from '../lib/records.ts';
import type { FoundImage } from '../settings/found.ts';
import type { FileReading } from './file-reading.ts';
import { contentOf, type Path, placeOf, type YamlSource } from './yaml-source.ts';

const SCHEME = 'docker://';

/**
 * The images that GitHub runs for a workflow or an action: of jobs' `container` and `services`, and what steps and Docker actions take from `docker://`. An image with an
 * expression is known only to a run and named in `warnings`.
 */
export function readWorkflow(source: YamlSource): FileReading {
  const images: FoundImage[] = [];
  const warnings: string[] = [];
  for (const { text, path } of written(contentOf(source))) {
    const at = placeOf(source, path);
    if (text.includes('${{')) {
      warnings.push(`${at}: ${clean(text, 200)} is not pulled: only a run of the workflow knows it; name it in images`);
    } else if (text !== '') images.push({ text: text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text, at });
  }
  return { images, warnings, left: [] };
}

type Item = { readonly text: string; readonly path: Path };

function* written(content: unknown): Generator<Item> {
  if (!isRecord(content)) return;
  for (const [name, job] of entries(content.jobs)) {
    if (!isRecord(job)) continue;
    yield* imageOf(job.container, ['jobs', name, 'container']);
    for (const [service, value] of entries(job.services)) yield* imageOf(value, ['jobs', name, 'services', service]);
    yield* uses(job.steps, ['jobs', name, 'steps']);
  }
  if (!isRecord(content.runs)) return;
  const { image, steps } = content.runs;
  if (typeof image === 'string' && image.startsWith(SCHEME)) yield { text: image, path: ['runs', 'image'] };
  yield* uses(steps, ['runs', 'steps']);
}

const entries = (value: unknown) => Object.entries(asRecord(value));

function* imageOf(value: unknown, path: Path): Generator<Item> {
  if (typeof value === 'string') yield { text: value, path };
  else if (isRecord(value) && typeof value.image === 'string') yield { text: value.image, path: [...path, 'image'] };
}

function* uses(steps: unknown, path: Path): Generator<Item> {
  if (!Array.isArray(steps)) return;
  for (const [position, step] of steps.entries()) {
    const text = isRecord(step) ? step.uses : undefined;
    if (typeof text === 'string' && text.startsWith(SCHEME)) yield { text, path: [...path, position, 'uses'] };
  }
}
