import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { FoundImage } from '../settings/found.ts';
import { type ComposeFile, type Include, parseComposeFile, projectLookup, type Service } from './compose-file.ts';
import { foundIn } from './compose-image.ts';
import type { FileReading } from './file-reading.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import type { Workspace } from './workspace.ts';

/** What compose files are read with. */
export interface ComposeWorld {
  readonly workspace: Workspace;
  readonly environment: Lookup;
}

interface Project extends ComposeWorld {
  readonly lookup: Lookup;
  readonly warnings: string[];
  /** Files that are being included, so that a circle is found. */
  readonly above: readonly string[];
}

/** A service together with the file its `extends` is relative to. */
interface Placed {
  readonly service: Service;
  readonly file: ComposeFile;
}

/** The override that Compose puts on top of a file of its own accord. */
export function overrideNames(file: string): readonly string[] {
  const base = /^((?:docker-)?compose)\.ya?ml$/.exec(path.posix.basename(file))?.[1];
  const folder = path.posix.dirname(file);
  return base ? ['yml', 'yaml'].map((end) => path.posix.join(folder, `${base}.override.${end}`)) : [];
}

/**
 * The images that `docker compose pull` would pull for the file: its services and those it includes, overridden by the override file beside it, extended, variables
 * from the environment and the `.env` file beside it, without services whose profiles are not in COMPOSE_PROFILES and those that are built. Throws INPUT_INVALID
 * for files that cannot be read; remote includes are left out with a warning.
 */
export async function readCompose(file: string, world: ComposeWorld): Promise<FileReading> {
  const { workspace, environment } = world;
  const lookup = await projectLookup([path.posix.join(path.posix.dirname(file), '.env')], environment, workspace);
  const warnings: string[] = [];
  const project: Project = { ...world, lookup, warnings, above: [] };
  const services = await projectServices([file, ...overrideNames(file)], project);
  const active = activeProfiles(lookup('COMPOSE_PROFILES'));
  const images: FoundImage[] = [];
  const left: string[] = [];
  for (const { service } of services) {
    const why = active(service) ?? undefined;
    const found = why === undefined ? foundIn(service) : { left: why };
    if ('image' in found) {
      images.push(found.image);
      warnings.push(...found.warnings);
    } else left.push(`${service.at}: service ${clean(service.name, 100)} is left out: ${found.left}`);
  }
  return { images, warnings, left };
}

/** The services of the files, later files on top of earlier ones and all on top of what they include; the first file must be there. */
async function projectServices(files: readonly string[], project: Project): Promise<readonly Placed[]> {
  const found = new Map<string, Placed>();
  for (const [position, name] of files.entries()) {
    const file = await composeFile(name, project, position === 0);
    if (!file) continue;
    for (const include of file.includes)
      for (const placed of await includedServices(include, file, project)) found.set(placed.service.name, placed);
    for (const [title, service] of file.services) {
      if (!service) {
        found.delete(title);
        continue;
      }
      const extended = await extendedService({ service, file }, project, []);
      const below = found.get(service.name);
      found.set(service.name, { service: below ? onTop(extended, below.service) : extended, file });
    }
  }
  return [...found.values()];
}

async function composeFile(name: string, project: Project, required: boolean): Promise<ComposeFile | undefined> {
  const text = await project.workspace.read(name);
  if (text !== undefined) return parseComposeFile(name, text, project.lookup);
  if (!required) return undefined;
  throw new PullError('INPUT_INVALID', clean(name, 300), `is not there, in ${project.workspace.root}`);
}

async function includedServices(
  { paths, at, folder, envFiles }: Include,
  file: ComposeFile,
  project: Project,
): Promise<readonly Placed[]> {
  const resolved = paths.map((each) => interpolate(each, file.lookup)).map((it) => ('text' in it ? it.text : ''));
  const remote = resolved.find((each) => each === '' || /^[a-z+]+:\/\/|^oci:|^git@|\.git(?:#|$)/.test(each));
  if (remote !== undefined) {
    project.warnings.push(
      `${at}: include of ${clean(remote || paths.join(', '), 200)} is not read: it is not a file of this workspace`,
    );
    return [];
  }
  const local = resolved.map((each) => path.posix.join(path.posix.dirname(file.file), each));
  const [first = ''] = local;
  if (project.above.includes(first)) throw new PullError('INPUT_INVALID', at, `${clean(first, 200)} includes itself`);
  const base = folder ?? path.posix.dirname(first);
  const { workspace } = project;
  try {
    // Said of the file itself, before the variables beside it are looked for.
    await workspace.read(first);
    const lookup = await projectLookup(
      envFiles.length > 0 ? envFiles : [path.posix.join(base, '.env')],
      file.lookup,
      workspace,
    );
    return await projectServices(local, { ...project, lookup, above: [...project.above, file.file, first] });
  } catch (error) {
    throw because(error, at);
  }
}

/** The service on top of what it extends, and so on; throws INPUT_INVALID for a base that is not there, and for a circle. */
async function extendedService({ service, file }: Placed, project: Project, seen: readonly string[]): Promise<Service> {
  if (!service.extends) return service;
  const { service: name, file: other, at } = service.extends;
  const where = other === undefined ? file.file : path.posix.join(path.posix.dirname(file.file), other);
  const mark = `${where}#${name}`;
  if (seen.includes(mark)) throw new PullError('INPUT_INVALID', at, `service ${clean(service.name)} extends itself`);
  try {
    const from = other === undefined ? file : await composeFile(where, project, true);
    const base = from?.services.get(name);
    if (!from || !base) throw new PullError('INPUT_INVALID', where, `has no service ${clean(name, 100)} to extend`);
    return onTop(service, await extendedService({ service: base, file: from }, project, [...seen, mark]));
  } catch (error) {
    throw because(error, at);
  }
}

/** The error with the place that led to it, unless it names a line of its own. */
function because(error: unknown, at: string): unknown {
  if (!(error instanceof PullError) || /:\d+$/.test(error.subject)) return error;
  return new PullError(error.code, at, `${error.subject} ${error.reason}`, { hint: error.hint, cause: error });
}

function onTop(upper: Service, lower: Service): Service {
  const keeps = (key: string) => !upper.takesBack.has(key);
  return {
    name: upper.name,
    at: upper.at,
    image: upper.image ?? (keeps('image') ? lower.image : undefined),
    platform: upper.platform ?? (keeps('platform') ? lower.platform : undefined),
    pullPolicy: upper.pullPolicy ?? (keeps('pull_policy') ? lower.pullPolicy : undefined),
    isBuilt: upper.isBuilt || (keeps('build') && lower.isBuilt),
    profiles: [...(keeps('profiles') ? lower.profiles : []), ...upper.profiles],
    takesBack: new Set([...lower.takesBack, ...upper.takesBack]),
  };
}

/** Says why a service is not active, if so: none of its profiles is in `COMPOSE_PROFILES`, which may be `*`. */
function activeProfiles(text = ''): (service: Service) => string | undefined {
  const active = new Set(text.split(',').map((name) => name.trim()));
  return ({ profiles }) => {
    const names = profiles.map(({ text: name, lookup }) => {
      const resolved = interpolate(name, lookup);
      return 'text' in resolved ? resolved.text : name;
    });
    if (names.length === 0 || active.has('*') || names.some((name) => active.has(name))) return undefined;
    return `none of its profiles (${names.map((name) => clean(name, 100)).join(', ')}) is in COMPOSE_PROFILES`;
  };
}
