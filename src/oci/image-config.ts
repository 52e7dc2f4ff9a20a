import * as v from 'valibot';
import { decodeObject } from './untrusted-json.ts';

/** One step of how an image was made (image-spec v1.1, config.md, "history"). */
export interface HistoryStep {
  readonly created?: string | undefined;
  readonly created_by?: string | undefined;
  readonly comment?: string | undefined;
  readonly author?: string | undefined;
  /** True if the step made no layer. */
  readonly empty_layer?: boolean | undefined;
}

/** What people want to know of an image config; foreign text, uncleaned. */
export interface ImageConfig {
  /** RFC 3339, if it is a time, and not the first moment of the year 1: by that Go says that it knows none. */
  readonly created?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly history: readonly HistoryStep[];
  /** The member `config` as it is written: environment, command, user and the like. */
  readonly settings: unknown;
}

const text = v.fallback(v.optional(v.string()), undefined);
const stepSchema = v.object({
  created: text,
  created_by: text,
  comment: text,
  author: text,
  empty_layer: v.fallback(v.optional(v.boolean()), undefined),
});
const schema = v.object({
  created: text,
  config: v.fallback(
    v.optional(v.looseObject({ Labels: v.fallback(v.nullish(v.record(v.string(), v.string())), {}) })),
    {
      Labels: {},
    },
  ),
  history: v.fallback(v.optional(v.array(stepSchema)), []),
});

const ZERO_TIME = Date.parse('0001-01-01T00:00:00Z');

/** The config for people; throws MANIFEST_INVALID only if the bytes are not a JSON object: odd members count as absent. */
export function parseImageConfig(bytes: Uint8Array, subject: string): ImageConfig {
  const json = decodeObject(bytes, subject);
  const { created, config, history = [] } = v.parse(schema, json);
  return {
    created: created !== undefined && Date.parse(created) > ZERO_TIME ? created : undefined,
    labels: config?.Labels ?? {},
    history,
    settings: json.config,
  };
}
