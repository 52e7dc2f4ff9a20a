import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** A YAML document with the lines of its nodes. */
export interface YamlSource {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Keys and positions from the top of a document down. */
export type Path = readonly (string | number)[];

/** More aliases than this are a bomb, not a file. */
const MAX_ALIASES = 10_000;

/** The documents of a YAML file (JSON is YAML); throws INPUT_INVALID with file and line for what is no YAML. */
export function parseDocuments(file: string, text: string): readonly YamlSource[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: false, logLevel: 'error' });
  return [...documents].map((document) => {
    const [error] = document.errors;
    if (!error) return { file, document, lines };
    const reason = clean(error.message.split('\n')[0] ?? '', 300).replace(/ at line \d+, column \d+:?$/, '');
    const at = `${file}:${lines.linePos(error.pos[0]).line}`;
    throw new PullError('INPUT_INVALID', at, `is not YAML: ${reason}`, { cause: error });
  });
}

/** What the document says, aliases and merge keys resolved; throws INPUT_INVALID for one whose aliases do not end, or lead back to themselves. */
export function contentOf({ file, document }: YamlSource): unknown {
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    const reason = `is not YAML: ${clean(cause instanceof Error ? cause.message : String(cause), 300)}`;
    throw new PullError('INPUT_INVALID', file, reason, { cause });
  }
  if (isCircular(content, new Set(), new Set()))
    throw new PullError('INPUT_INVALID', file, 'is not YAML that ends: an alias leads back to itself');
  return content;
}

/** True if something holds itself; each thing is looked into once, however often it is meant. */
function isCircular(value: unknown, above: Set<unknown>, ended: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || ended.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((inner) => isCircular(inner, above, ended));
  above.delete(value);
  ended.add(value);
  return found;
}

/** `file:line` of the key or item at the path, or of the nearest one above it that is written out (what an alias or a merge key brings has its text elsewhere). */
export function placeOf({ file, document, lines }: YamlSource, path: Path): string {
  for (let end = path.length; end > 0; end -= 1) {
    const above = document.getIn(path.slice(0, end - 1), true);
    const pair = isMap(above) ? above.items.find(({ key }) => isScalar(key) && key.value === path[end - 1]) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, end), true);
    if (isNode(node) && node.range) return `${file}:${lines.linePos(node.range[0]).line}`;
  }
  return file;
}

/** The characters that stand for the value at the path, `5.10` for the number 5.1; undefined for what is no scalar written there. */
export function writtenAt({ document }: YamlSource, path: Path): string | undefined {
  const node = document.getIn(path, true);
  return isScalar(node) ? node.source : undefined;
}

/** The tag of the node at the path that is none of YAML's own, such as `!reset`; undefined if it has none. */
export function tagAt({ document }: YamlSource, path: Path): string | undefined {
  const node = document.getIn(path, true);
  return isNode(node) && node.tag?.startsWith('!') ? node.tag : undefined;
}
