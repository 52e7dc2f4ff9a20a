import { clean } from '../lib/clean.ts';
import type { FoundImage } from '../settings/found.ts';
import { type Instruction, instructionsOf } from './dockerfile-lines.ts';
import type { FileReading } from './file-reading.ts';
import { interpolate } from './interpolate.ts';

/** Set by BuildKit to what is built on or for: whatever is pulled here by default. */
const PLATFORM_ARGS = ['BUILDPLATFORM', 'TARGETPLATFORM'];

/** These and their parts have values without any ARG; a default of the file's own would stand in their way. */
const BUILD_KNOWS = /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/;

/** What stands after the flags is a command or paths, whatever it looks like. */
const flagsOf = (rest: string): string => /^(?:--\S+(?:\s+|$))*/.exec(rest)?.[0] ?? '';

interface Stages {
  readonly names: Set<string>;
  /** ARGs before the first FROM; undefined for one without a default. */
  readonly args: Map<string, string | undefined>;
  hasBegun: boolean;
}

interface Report {
  readonly images: FoundImage[];
  readonly warnings: string[];
}

/**
 * The images a build starts from (dockerfile reference): of each `FROM`, `COPY --from` and `RUN --mount=from`, unless it names an earlier stage or `scratch`; `ARG`s
 * before the first `FROM` count with their defaults. What a build argument decides is named in `warnings`. The frontend of `# syntax=` is BuildKit's own affair and
 * not taken.
 */
export function readDockerfile(file: string, text: string): FileReading {
  const stages: Stages = { names: new Set(), args: new Map(), hasBegun: false };
  const report: Report = { images: [], warnings: [] };
  let count = 0;
  for (const instruction of instructionsOf(text)) {
    const at = `${file}:${instruction.line}`;
    if (instruction.keyword === 'ARG' && !stages.hasBegun) declare(instruction, stages);
    if (instruction.keyword === 'FROM') {
      from(instruction, at, stages, report);
      stages.names.add(String(count));
      count += 1;
    }
    if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD')
      borrow(/(?:^|\s)--from=(\S+)/.exec(flagsOf(instruction.rest))?.[1], at, stages, report);
    if (instruction.keyword === 'RUN')
      for (const mount of flagsOf(instruction.rest).matchAll(/--mount=(\S+)/g))
        borrow(/(?:^|,)from=([^,]+)/.exec(mount[1] ?? '')?.[1], at, stages, report);
  }
  return { ...report, left: [] };
}

function declare({ rest }: Instruction, { args }: Stages): void {
  for (const [, name = '', , double, single, bare] of rest.matchAll(ARG)) {
    const value = single ?? double ?? bare;
    args.set(name, value === undefined || single !== undefined ? value : resolvedBy(value, args));
  }
}

const ARG = /([A-Za-z_]\w*)(=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*)))?/g;

/** Undefined where an argument without a value is in it. */
function resolvedBy(text: string, args: Stages['args']): string | undefined {
  const result = interpolate(text, (name) => args.get(name));
  return 'text' in result && result.blank.length === 0 ? result.text : undefined;
}

function from({ rest }: Instruction, at: string, stages: Stages, report: Report): void {
  const { names, args } = stages;
  stages.hasBegun = true;
  const flags = flagsOf(rest);
  const [, image = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?/i.exec(rest.slice(flags.length)) ?? [];
  const wrong = mistakeIn(rest, flags, image);
  if (wrong) {
    report.images.push({ text: `FROM ${rest}`.trim(), at, problem: wrong });
    // What is built upon it is not another image that lacks.
    names.add(/\sAS\s+(\S+)\s*$/i.exec(rest)?.[1]?.toLowerCase() ?? '');
    return;
  }
  const platform = /--platform=(\S+)/.exec(flags)?.[1];
  const reference = unquoted(image);
  const known = names.has(reference.toLowerCase());
  if (name !== undefined) names.add(name.toLowerCase());
  if (known) return;
  const resolved = resolvedBy(reference, args);
  if (resolved === undefined || resolved === '') {
    if (isSomeStage(reference, stages)) return;
    report.warnings.push(openArgument(at, `FROM ${image}`, reference, args));
    return;
  }
  if (resolved === 'scratch' || (resolved !== reference && names.has(resolved.toLowerCase()))) return;
  const asked = platform === undefined ? undefined : platformOf(unquoted(platform), args);
  if (asked === undefined && platform !== undefined && !isDefault(unquoted(platform)))
    report.warnings.push(openArgument(at, `FROM --platform=${platform} ${image}`, platform, args));
  else report.images.push({ text: resolved, at, platform: asked });
}

/** What a build would refuse: a flag without its value, or nothing behind the flags. */
function mistakeIn(rest: string, flags: string, image: string): FoundImage['problem'] {
  const what = clean(`FROM ${rest}`.trim(), 300);
  if (/(?:^|\s)--platform(?:\s|$)/.test(flags))
    return {
      reason: `${what} has a flag without its value`,
      hint: 'Write FROM --platform=linux/arm64 and the image behind it.',
    };
  if (image !== '') return undefined;
  return { reason: `${what} names no image`, hint: 'Write the image, or scratch, behind it.' };
}

/** A stage for each platform, as in `FROM build-$TARGETARCH`: whichever a build takes, its image is named above. */
function isSomeStage(text: string, { names, args }: Stages): boolean {
  const anything = '\u0000';
  const result = interpolate(text, (name) => args.get(name) ?? (BUILD_KNOWS.test(name) ? anything : undefined));
  if (!('text' in result) || result.blank.length > 0) return false;
  const [start = '', ...others] = result.text.toLowerCase().split(anything);
  const end = others.at(-1);
  return [...names].some((name) => name.startsWith(start) && end !== undefined && name.endsWith(end));
}

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

const isDefault = (text: string): boolean =>
  PLATFORM_ARGS.some((name) => text === `$${name}` || text === `\${${name}}`);

function platformOf(text: string, args: Stages['args']): string | undefined {
  return isDefault(text) ? undefined : resolvedBy(text, args) || undefined;
}

/** The part of a stage that is another image, unless it is another stage. */
function borrow(text: string | undefined, at: string, { names }: Stages, { images, warnings }: Report): void {
  const name = text && unquoted(text);
  if (!name || names.has(name.toLowerCase()) || name === 'scratch' || /^\d+$/.test(name)) return;
  if (name.includes('$')) warnings.push(`${at}: from=${clean(name, 200)} is not pulled: no variable counts there`);
  else images.push({ text: name, at });
}

function openArgument(at: string, what: string, text: string, args: Stages['args']): string {
  const result = interpolate(text, (name) => args.get(name));
  const names = 'text' in result ? result.blank : [];
  const known = names.find((name) => BUILD_KNOWS.test(name));
  const why = known
    ? `only a build knows ${known}; name the image in images`
    : names.length > 0
      ? `${names.join(', ')} has no value before the build; give ARG ${names[0]} a default, or name the image in images`
      : 'it uses what only a build can resolve; name the image in images';
  return `${at}: ${clean(what, 300)} is not pulled: ${why}`;
}
