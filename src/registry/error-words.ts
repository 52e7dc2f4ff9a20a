import { clean } from '../lib/clean.ts';
import { isRecord, parseJson } from '../lib/records.ts';
import { redactText } from '../lib/redact.ts';

/** What a registry said about an error. */
export interface Words {
  /** Codes of the distribution spec, or what the registry takes for such, as sent. */
  readonly codes: readonly string[];
  /** One cleaned line of at most 300 characters, without secrets; empty if nothing was said. */
  readonly text: string;
}

/** Nothing was said. */
export const NO_WORDS: Words = { codes: [], text: '' };

const MAX_TEXT = 300;
const MAX_READ = 4 * MAX_TEXT;

/**
 * The words in an error body: `errors[]` of the distribution spec, the forms Docker Hub's token server and Quay use instead, the title of an HTML
 * page, the message of an S3 document, or plain text. Bytes that are no text say nothing.
 */
export function errorWords(body: string): Words {
  const text = body.trim();
  if (!isText(text)) return NO_WORDS;
  if (text.startsWith('<')) return { codes: [], text: line(fromMarkup(text)) };
  const json = parseJson(text);
  return json === undefined ? { codes: [], text: line(text) } : fromJson(json);
}

/** False for what nobody wrote for people: compressed bytes, or those of a layer, of which more than a tenth cannot be read. */
export const isText = (body: string): boolean => (body.match(UNREADABLE)?.length ?? 0) <= body.length / 10;

/** Control characters but for white space and what begins the colours of a terminal, and what the decoder could not read. */
const UNREADABLE = /[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g;

function fromJson(json: unknown): Words {
  if (!isRecord(json)) return { codes: [], text: typeof json === 'string' ? line(json) : '' };
  const errors = Array.isArray(json.errors) ? json.errors : isRecord(json.error) ? [json.error] : [json];
  const items = errors.filter(isRecord);
  const codes = items.map((item) => item.code).filter((code) => typeof code === 'string');
  const messages = new Set(items.map(messageOf).filter((message) => message !== ''));
  return { codes, text: line([...messages].join('; ')) };
}

function messageOf(item: Readonly<Record<string, unknown>>): string {
  const said = [item.message, item.detail, item.details, item.error_description, item.error, item.code];
  const first = said.find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof first === 'string' ? first.trim() : '';
}

/** The title of a page or its first heading, the message of a document or its code. */
function fromMarkup(text: string): string {
  for (const name of ['title', 'message', 'h1', 'code']) {
    const found = new RegExp(`<${name}(?:\\s[^<>]*)?>([^<]+)<`, 'i').exec(text)?.[1] ?? '';
    const words = found.replace(/&(\w+|#39);/g, (all, entity) => ENTITIES[entity] ?? all).replace(/\s+/g, ' ');
    if (words.trim() !== '') return words.trim();
  }
  return '';
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  nbsp: ' ',
};

const line = (text: string): string => clean(redactText(shortened(text)), MAX_TEXT);

/** So much of a text that 300 characters of it remain, and no half of a secret: what redacts takes its time on long ones. */
function shortened(text: string): string {
  return text.length > MAX_READ ? text.slice(0, MAX_READ).replace(/\S+$/, '') : text;
}
