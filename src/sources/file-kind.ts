import path from 'node:path';
import { isRecord } from '../lib/records.ts';

export type FileKind = 'compose' | 'dockerfile' | 'kubernetes' | 'workflow';

/** The kind that a file's name alone tells; undefined for all that must be looked into. */
export function kindByName(file: string): FileKind | undefined {
  const name = path.posix.basename(file);
  if (/^(?:Dockerfile|Containerfile)(?:\..+)?$/i.test(name) && !/\.(?:ya?ml|json|md)$/i.test(name)) return 'dockerfile';
  if (/\.(?:dockerfile|containerfile)$/i.test(name)) return 'dockerfile';
  if (!/\.ya?ml$/i.test(name)) return undefined;
  if (/(?:^|\/)\.github\/workflows\/[^/]+$/.test(file)) return 'workflow';
  return /^(?:docker-|podman-)?compose(?:[.-].+)?\.ya?ml$/i.test(name) ? 'compose' : undefined;
}

/** The kind that the documents of a YAML file tell; undefined if they are none of these. */
export function kindByContent(contents: readonly unknown[]): FileKind | undefined {
  const maps = contents.filter(isRecord);
  if (maps.some(({ apiVersion, kind }) => typeof apiVersion === 'string' && typeof kind === 'string'))
    return 'kubernetes';
  if (maps.some(({ jobs, runs }) => isRecord(jobs) || isRecord(runs))) return 'workflow';
  return maps.some(({ services, include }) => isRecord(services) || Array.isArray(include)) ? 'compose' : undefined;
}
