export const id = 250;
export const ids = [250];
export const modules = {

/***/ 2250:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  discover: () => (/* binding */ discover)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./node_modules/tinyglobby/dist/index.mjs + 1 modules
var dist = __webpack_require__(3382);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
;// CONCATENATED MODULE: ./build/sources/interpolate.js
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
/**
 * Text with variables as Compose reads it (compose-spec, "Interpolation"): `$A`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?error}`, `${A?error}`, `${A:+other}`,
 * `${A+other}`, nested, and `$$` for a dollar sign. A variable without a value is blank, and named. Never throws.
 */
function interpolate(text, lookup) {
    const blank = [];
    try {
        return { text: expand(text, lookup, blank, 0), blank };
    }
    catch (error) {
        if (error instanceof Unresolved)
            return { variable: error.variable, reason: error.message };
        throw error;
    }
}
class Unresolved extends Error {
    variable;
    constructor(variable, reason) {
        super(reason);
        this.variable = variable;
    }
}
/** Deeper than anybody nests; a text that is deeper is no reference. */
const MAX_DEPTH = 20;
/** Characters. Variables made of variables would else grow without end. */
const MAX_LENGTH = 8192;
function expand(text, lookup, blank, depth) {
    if (depth > MAX_DEPTH)
        throw new Unresolved('', 'is nested too deep');
    let result = '';
    for (let at = 0; at < text.length;) {
        if (text[at] !== '$') {
            result += text[at];
            at += 1;
        }
        else if (text[at + 1] === '$') {
            result += '$';
            at += 2;
        }
        else if (text[at + 1] === '{') {
            const end = closing(text, at + 2);
            result += braced(text.slice(at + 2, end), lookup, blank, depth);
            at = end + 1;
        }
        else {
            const name = NAME.exec(text.slice(at + 1))?.[0];
            if (name === undefined)
                throw new Unresolved('', 'has a $ that begins no variable; write $$ for a dollar sign');
            result += blankable(name, lookup, blank);
            at += 1 + name.length;
        }
        if (result.length > MAX_LENGTH)
            throw new Unresolved('', `is longer than ${MAX_LENGTH} characters with its variables`);
    }
    return result;
}
/** Where the brace that opened before `from` is closed. */
function closing(text, from) {
    for (let at = from, open = 1; at < text.length; at += 1) {
        if (text.startsWith('${', at))
            open += 1;
        else if (text[at] === '}')
            open -= 1;
        if (open === 0)
            return at;
    }
    throw new Unresolved('', 'has a brace that is not closed');
}
function braced(inner, lookup, blank, depth) {
    const name = NAME.exec(inner)?.[0];
    const [, colon, operator, word = ''] = /^(:?)([-?+])(.*)$/s.exec(inner.slice(name?.length ?? 0)) ?? [];
    if (name === undefined || (operator === undefined && inner !== name))
        throw new Unresolved(name ?? '', `has \${${inner}}, which is no variable`);
    if (operator === undefined)
        return blankable(name, lookup, blank);
    const value = lookup(name);
    const isSet = value !== undefined && (colon === '' || value !== '');
    const other = () => expand(word, lookup, blank, depth + 1);
    if (operator === '+')
        return isSet ? other() : '';
    if (isSet)
        return value;
    if (operator === '-')
        return other();
    const said = other();
    throw new Unresolved(name, `needs ${name}, which is not set${said === '' ? '' : `: ${said}`}`);
}
function blankable(name, lookup, blank) {
    const value = lookup(name);
    if (value === undefined)
        blank.push(name);
    return value ?? '';
}

;// CONCATENATED MODULE: ./build/sources/env-file.js

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*/;
const ESCAPES = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
/**
 * The variables of an `.env` file as Compose reads it: `NAME=value`, `export`, comments, 'single quotes' as they are, "double quotes" and bare values with variables,
 * those of the environment before those above in the file. A line that is none of these says nothing.
 */
function parseEnvFile(text, environment) {
    const found = new Map();
    const lookup = (name) => environment(name) ?? found.get(name);
    let rest = text.replaceAll('\r\n', '\n').replace(/^\ufeff/, '');
    while (rest !== '') {
        const assignment = ASSIGNMENT.exec(rest.slice(0, lineEnd(rest)));
        if (assignment)
            rest = rest.slice(assignment[0].length);
        const quoted = assignment && /^(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)")/.exec(rest);
        const line = rest.slice(0, lineEnd(rest));
        if (assignment?.[1] !== undefined) {
            const bare = line.replace(/(^|\s)#.*$/, '').trim();
            found.set(assignment[1], quoted?.[1] ?? expanded(quoted?.[2] === undefined ? bare : unescaped(quoted[2]), lookup));
        }
        if (quoted)
            rest = rest.slice(quoted[0].length);
        rest = rest.slice(lineEnd(rest) + 1);
    }
    return found;
}
function lineEnd(text) {
    const end = text.indexOf('\n');
    return end < 0 ? text.length : end;
}
const unescaped = (text) => text.replace(/\\([nrt"\\])/g, (_, letter) => ESCAPES[letter] ?? '');
function expanded(text, lookup) {
    const result = interpolate(text, lookup);
    return 'text' in result ? result.text : text;
}

// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var yaml_dist = __webpack_require__(8815);
;// CONCATENATED MODULE: ./build/sources/yaml-source.js



/** More aliases than this are a bomb, not a file. */
const MAX_ALIASES = 10_000;
/** The documents of a YAML file (JSON is YAML); throws INPUT_INVALID with file and line for what is no YAML. */
function parseDocuments(file, text) {
    const lines = new yaml_dist/* LineCounter */.HN();
    const documents = (0,yaml_dist/* parseAllDocuments */.hR)(text, { lineCounter: lines, merge: true, uniqueKeys: false, logLevel: 'error' });
    return [...documents].map((document) => {
        const [error] = document.errors;
        if (!error)
            return { file, document, lines };
        const reason = (0,clean/* clean */.uH)(error.message.split('\n')[0] ?? '', 300).replace(/ at line \d+, column \d+:?$/, '');
        const at = `${file}:${lines.linePos(error.pos[0]).line}`;
        throw new errors/* PullError */.YX('INPUT_INVALID', at, `is not YAML: ${reason}`, { cause: error });
    });
}
/** What the document says, aliases and merge keys resolved; throws INPUT_INVALID for one whose aliases do not end, or lead back to themselves. */
function contentOf({ file, document }) {
    let content;
    try {
        content = document.toJS({ maxAliasCount: MAX_ALIASES });
    }
    catch (cause) {
        const reason = `is not YAML: ${(0,clean/* clean */.uH)(cause instanceof Error ? cause.message : String(cause), 300)}`;
        throw new errors/* PullError */.YX('INPUT_INVALID', file, reason, { cause });
    }
    if (isCircular(content, new Set(), new Set()))
        throw new errors/* PullError */.YX('INPUT_INVALID', file, 'is not YAML that ends: an alias leads back to itself');
    return content;
}
/** True if something holds itself; each thing is looked into once, however often it is meant. */
function isCircular(value, above, ended) {
    if (typeof value !== 'object' || value === null || ended.has(value))
        return false;
    if (above.has(value))
        return true;
    above.add(value);
    const found = Object.values(value).some((inner) => isCircular(inner, above, ended));
    above.delete(value);
    ended.add(value);
    return found;
}
/** `file:line` of the key or item at the path, or of the nearest one above it that is written out (what an alias or a merge key brings has its text elsewhere). */
function placeOf({ file, document, lines }, path) {
    for (let end = path.length; end > 0; end -= 1) {
        const above = document.getIn(path.slice(0, end - 1), true);
        const pair = (0,yaml_dist/* isMap */.jh)(above) ? above.items.find(({ key }) => (0,yaml_dist/* isScalar */.jn)(key) && key.value === path[end - 1]) : undefined;
        const node = pair?.key ?? document.getIn(path.slice(0, end), true);
        if ((0,yaml_dist/* isNode */.Ll)(node) && node.range)
            return `${file}:${lines.linePos(node.range[0]).line}`;
    }
    return file;
}
/** The characters that stand for the value at the path, `5.10` for the number 5.1; undefined for what is no scalar written there. */
function writtenAt({ document }, path) {
    const node = document.getIn(path, true);
    return (0,yaml_dist/* isScalar */.jn)(node) ? node.source : undefined;
}
/** The tag of the node at the path that is none of YAML's own, such as `!reset`; undefined if it has none. */
function tagAt({ document }, path) {
    const node = document.getIn(path, true);
    return (0,yaml_dist/* isNode */.Ll)(node) && node.tag?.startsWith('!') ? node.tag : undefined;
}

;// CONCATENATED MODULE: ./build/sources/compose-file.js







/** The variables of a project: the environment first, then its `.env` files, the first file first. */
async function projectLookup(envFiles, environment, workspace) {
    const found = [];
    for (const file of envFiles)
        found.push(parseEnvFile((await workspace.read(file)) ?? '', environment));
    return (name) => environment(name) ?? found.find((variables) => variables.has(name))?.get(name);
}
/** A compose file out of its text; throws INPUT_INVALID with file and line for what is no YAML or no compose file. */
function parseComposeFile(file, text, lookup) {
    const [source] = parseDocuments(file, text);
    const content = source && contentOf(source);
    if (!source || !(0,records/* isRecord */.u4)(content))
        throw new errors/* PullError */.YX('INPUT_INVALID', file, 'expected a compose file, found no mapping');
    const { services = {}, include = [] } = content;
    if (services !== null && !(0,records/* isRecord */.u4)(services)) {
        throw new errors/* PullError */.YX('INPUT_INVALID', placeOf(source, ['services']), 'expected a mapping of services');
    }
    const read = Object.entries(services ?? {}).map(([name, service]) => [name, readService(name, service, source, lookup)]);
    const includes = (0,records/* asArray */._j)(include).map((entry, position) => readInclude(entry, placeOf(source, ['include', position]), external_node_path_.posix.dirname(file)));
    return { file, services: new Map(read), includes, lookup };
}
function readService(name, value, source, lookup) {
    const tagOf = (...keys) => tagAt(source, ['services', name, ...keys]);
    if (tagOf() === RESET)
        return undefined;
    const at = placeOf(source, ['services', name]);
    const given = Object.entries((0,records/* asRecord */.qY)(value));
    const service = Object.fromEntries(given.filter(([key]) => tagOf(key) !== RESET));
    const written = (...keys) => {
        const found = keys.reduce((within, key) => within?.[key], service);
        if (!['string', 'number', 'boolean'].includes(typeof found))
            return undefined;
        const path = ['services', name, ...keys];
        const at = placeOf(source, path);
        if (typeof found === 'string')
            return { text: found, at, lookup };
        return { text: writtenAt(source, path) ?? String(found), at, lookup, isNoText: true };
    };
    const profiles = (0,records/* asArray */._j)(service.profiles);
    return {
        name,
        at,
        image: written('image'),
        platform: written('platform'),
        pullPolicy: written('pull_policy'),
        isBuilt: service.build !== undefined && service.build !== null,
        profiles: profiles.flatMap((_, position) => written('profiles', position) ?? []),
        takesBack: new Set(given.map(([key]) => key).filter((key) => [RESET, OVERRIDE].includes(tagOf(key) ?? ''))),
        extends: readBase(service.extends, placeOf(source, ['services', name, 'extends']), lookup),
    };
}
/** The tags of a merge (compose-spec, "Merge"). */
const RESET = '!reset';
const OVERRIDE = '!override';
function readBase(value, at, lookup) {
    const { service, file } = (0,records/* isRecord */.u4)(value) ? value : { service: value, file: undefined };
    if (!(0,records/* isRecord */.u4)(value) && typeof value !== 'string')
        return undefined;
    const resolved = (text) => {
        const result = interpolate(String(text), lookup);
        if ('text' in result)
            return result.text;
        throw new errors/* PullError */.YX('INPUT_INVALID', at, (0,clean/* clean */.uH)(`${text} ${result.reason}`, 400));
    };
    return { service: resolved(service ?? ''), file: file === undefined ? undefined : resolved(file), at };
}
function readInclude(entry, at, folder) {
    const { path: paths = entry, project_directory: directory, env_file: envFile = [] } = (0,records/* asRecord */.qY)(entry);
    const list = (value) => (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string').map(String);
    return {
        paths: list(paths),
        at,
        folder: typeof directory === 'string' ? external_node_path_.posix.join(folder, directory) : undefined,
        envFiles: list(envFile).map((file) => external_node_path_.posix.join(folder, file)),
    };
}

;// CONCATENATED MODULE: ./build/sources/compose-image.js


/** A service whose image compose pulls although it can build it. */
const PULLS = /^(?:always|missing|if_not_present|daily|weekly|every_.+)$/;
/**
 * The image a service runs, or why it is none of ours: a service that only builds has none, and one that does both names with `image` what comes out, unless a
 * `pull_policy` says that it is pulled.
 */
function foundIn(service) {
    const { image, platform, isBuilt, pullPolicy } = service;
    const policy = pullPolicy && resolved(pullPolicy);
    if (isBuilt && !(image && policy && 'text' in policy && PULLS.test(policy.text))) {
        const name = image ? `, and ${(0,clean/* clean */.uH)(image.text, 200)} is what comes out` : '';
        return { left: `it is built${name}` };
    }
    if (!image)
        return { left: 'it has neither an image nor a build' };
    const noText = [image, platform].find((written) => written?.isNoText);
    if (noText)
        return { image: { text: noText.text, at: noText.at, problem: quotesMissing(noText) }, warnings: [] };
    const { at, text } = image;
    const result = resolved(image);
    if (!('text' in result))
        return { image: { text, at, problem: problemOf(image, result) }, warnings: [] };
    const onWhat = platform && resolved(platform);
    if (platform && onWhat && !('text' in onWhat))
        return { image: { text, at: platform.at, problem: problemOf(platform, onWhat) }, warnings: [] };
    const asked = onWhat && 'text' in onWhat && onWhat.text !== '' ? onWhat.text : undefined;
    const warnings = result.blank.map((name) => `${at}: ${name} is not set, and blank in ${(0,clean/* clean */.uH)(text, 200)}, as Compose has it`);
    return { image: { text: result.text, at, platform: asked, ...problemIfBlank(image, result) }, warnings };
}
/** Compose refuses the whole file ("must be a string"), for 5.10 is the same number as 5.1. */
const quotesMissing = ({ text }) => ({
    reason: `${(0,clean/* clean */.uH)(text, 200)} is no text in YAML, and Compose does not take it`,
    hint: `Put it in quotes: "${(0,clean/* clean */.uH)(text, 200)}".`,
});
const resolved = ({ text, lookup }) => interpolate(text, lookup);
const SET = (name) => `Set ${name} in the env of the step or in the .env file beside it.`;
function problemOf({ text }, { variable, reason }) {
    return { reason: (0,clean/* clean */.uH)(`${text} ${reason}`, 400), hint: variable === '' ? undefined : SET(variable) };
}
/** A reference that ends or begins where a blank variable stands is no reference, and that variable is why. */
function problemIfBlank({ text }, { text: result, blank }) {
    const [name] = blank;
    if (name === undefined || !/^$|^[/:@]|[/:@]$|:[/@]|\/\//.test(result))
        return {};
    const reason = (0,clean/* clean */.uH)(`${text} is ${JSON.stringify(result)}, for ${blank.join(', ')} is not set`, 400);
    return { problem: { reason, hint: SET(name) } };
}

;// CONCATENATED MODULE: ./build/sources/compose.js






/** The override that Compose puts on top of a file of its own accord. */
function overrideNames(file) {
    const base = /^((?:docker-)?compose)\.ya?ml$/.exec(external_node_path_.posix.basename(file))?.[1];
    const folder = external_node_path_.posix.dirname(file);
    return base ? ['yml', 'yaml'].map((end) => external_node_path_.posix.join(folder, `${base}.override.${end}`)) : [];
}
/**
 * The images that `docker compose pull` would pull for the file: its services and those it includes, overridden by the override file beside it, extended, variables
 * from the environment and the `.env` file beside it, without services whose profiles are not in COMPOSE_PROFILES and those that are built. Throws INPUT_INVALID
 * for files that cannot be read; remote includes are left out with a warning.
 */
async function readCompose(file, world) {
    const { workspace, environment } = world;
    const lookup = await projectLookup([external_node_path_.posix.join(external_node_path_.posix.dirname(file), '.env')], environment, workspace);
    const warnings = [];
    const project = { ...world, lookup, warnings, above: [] };
    const services = await projectServices([file, ...overrideNames(file)], project);
    const active = activeProfiles(lookup('COMPOSE_PROFILES'));
    const images = [];
    const left = [];
    for (const { service } of services) {
        const why = active(service) ?? undefined;
        const found = why === undefined ? foundIn(service) : { left: why };
        if ('image' in found) {
            images.push(found.image);
            warnings.push(...found.warnings);
        }
        else
            left.push(`${service.at}: service ${(0,clean/* clean */.uH)(service.name, 100)} is left out: ${found.left}`);
    }
    return { images, warnings, left };
}
/** The services of the files, later files on top of earlier ones and all on top of what they include; the first file must be there. */
async function projectServices(files, project) {
    const found = new Map();
    for (const [position, name] of files.entries()) {
        const file = await composeFile(name, project, position === 0);
        if (!file)
            continue;
        for (const include of file.includes)
            for (const placed of await includedServices(include, file, project))
                found.set(placed.service.name, placed);
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
async function composeFile(name, project, required) {
    const text = await project.workspace.read(name);
    if (text !== undefined)
        return parseComposeFile(name, text, project.lookup);
    if (!required)
        return undefined;
    throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(name, 300), `is not there, in ${project.workspace.root}`);
}
async function includedServices({ paths, at, folder, envFiles }, file, project) {
    const resolved = paths.map((each) => interpolate(each, file.lookup)).map((it) => ('text' in it ? it.text : ''));
    const remote = resolved.find((each) => each === '' || /^[a-z+]+:\/\/|^oci:|^git@|\.git(?:#|$)/.test(each));
    if (remote !== undefined) {
        project.warnings.push(`${at}: include of ${(0,clean/* clean */.uH)(remote || paths.join(', '), 200)} is not read: it is not a file of this workspace`);
        return [];
    }
    const local = resolved.map((each) => external_node_path_.posix.join(external_node_path_.posix.dirname(file.file), each));
    const [first = ''] = local;
    if (project.above.includes(first))
        throw new errors/* PullError */.YX('INPUT_INVALID', at, `${(0,clean/* clean */.uH)(first, 200)} includes itself`);
    const base = folder ?? external_node_path_.posix.dirname(first);
    const { workspace } = project;
    try {
        // Said of the file itself, before the variables beside it are looked for.
        await workspace.read(first);
        const lookup = await projectLookup(envFiles.length > 0 ? envFiles : [external_node_path_.posix.join(base, '.env')], file.lookup, workspace);
        return await projectServices(local, { ...project, lookup, above: [...project.above, file.file, first] });
    }
    catch (error) {
        throw because(error, at);
    }
}
/** The service on top of what it extends, and so on; throws INPUT_INVALID for a base that is not there, and for a circle. */
async function extendedService({ service, file }, project, seen) {
    if (!service.extends)
        return service;
    const { service: name, file: other, at } = service.extends;
    const where = other === undefined ? file.file : external_node_path_.posix.join(external_node_path_.posix.dirname(file.file), other);
    const mark = `${where}#${name}`;
    if (seen.includes(mark))
        throw new errors/* PullError */.YX('INPUT_INVALID', at, `service ${(0,clean/* clean */.uH)(service.name)} extends itself`);
    try {
        const from = other === undefined ? file : await composeFile(where, project, true);
        const base = from?.services.get(name);
        if (!from || !base)
            throw new errors/* PullError */.YX('INPUT_INVALID', where, `has no service ${(0,clean/* clean */.uH)(name, 100)} to extend`);
        return onTop(service, await extendedService({ service: base, file: from }, project, [...seen, mark]));
    }
    catch (error) {
        throw because(error, at);
    }
}
/** The error with the place that led to it, unless it names a line of its own. */
function because(error, at) {
    if (!(error instanceof errors/* PullError */.YX) || /:\d+$/.test(error.subject))
        return error;
    return new errors/* PullError */.YX(error.code, at, `${error.subject} ${error.reason}`, { hint: error.hint, cause: error });
}
function onTop(upper, lower) {
    const keeps = (key) => !upper.takesBack.has(key);
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
function activeProfiles(text = '') {
    const active = new Set(text.split(',').map((name) => name.trim()));
    return ({ profiles }) => {
        const names = profiles.map(({ text: name, lookup }) => {
            const resolved = interpolate(name, lookup);
            return 'text' in resolved ? resolved.text : name;
        });
        if (names.length === 0 || active.has('*') || names.some((name) => active.has(name)))
            return undefined;
        return `none of its profiles (${names.map((name) => (0,clean/* clean */.uH)(name, 100)).join(', ')}) is in COMPOSE_PROFILES`;
    };
}

;// CONCATENATED MODULE: ./build/sources/dockerfile-lines.js
const DIRECTIVE = /^#\s*([A-Za-z]+)\s*=\s*(\S+)\s*$/;
const HEREDOC = /(?<![<\d])<<(-?)(["']?)([A-Za-z_][\w.-]*)\2/g;
/**
 * The instructions of a Dockerfile (dockerfile reference): continued lines joined, with the escape character the directive names; comments and empty lines inside
 * them left out, here-documents skipped.
 */
function instructionsOf(text) {
    const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
    const escapeCharacter = escapeOf(lines);
    const lastLines = lastLinesOf(lines);
    const found = [];
    for (let at = 0; at < lines.length;) {
        const first = at;
        let joined = '';
        let goesOn = true;
        while (goesOn && at < lines.length) {
            const line = lines[at] ?? '';
            at += 1;
            if (/^\s*#/.test(line)) {
                if (joined === '')
                    break;
                continue;
            }
            if (line.trim() === '' && joined !== '')
                continue;
            const trimmed = line.trimEnd();
            goesOn = trimmed.endsWith(escapeCharacter);
            joined += goesOn ? `${trimmed.slice(0, -1)} ` : trimmed;
        }
        const [, keyword, rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(joined) ?? [];
        if (keyword === undefined)
            continue;
        const word = keyword.toUpperCase();
        found.push({ keyword: word, rest: rest.trim(), line: first + 1 });
        if (['RUN', 'COPY', 'ADD'].includes(word))
            at = afterHeredocs(rest, lines, at, lastLines);
    }
    return found;
}
/** Directives stand before everything else, comments too. */
function escapeOf(lines) {
    for (const line of lines) {
        const [, name = '', value] = DIRECTIVE.exec(line.trim()) ?? [];
        if (value === undefined)
            return '\\';
        if (name.toLowerCase() === 'escape')
            return value;
    }
    return '\\';
}
const withoutTabs = (line) => line.replace(/^\t+/, '');
const lastLinesOf = (lines) => ({
    '': new Map(lines.map((line, at) => [line, at])),
    '-': new Map(lines.map((line, at) => [withoutTabs(line), at])),
});
/** What nothing ends is no here-document; that is known without a search, of which a file may ask for thousands. */
function afterHeredocs(rest, lines, from, lastLines) {
    let at = from;
    for (const [, dash, , word = ''] of rest.matchAll(HEREDOC)) {
        const kind = dash === '-' ? '-' : '';
        if ((lastLines[kind].get(word) ?? -1) < at)
            continue;
        while ((kind === '-' ? withoutTabs(lines[at] ?? '') : lines[at]) !== word)
            at += 1;
        at += 1;
    }
    return at;
}

;// CONCATENATED MODULE: ./build/sources/dockerfile.js



/** Set by BuildKit to what is built on or for: whatever is pulled here by default. */
const PLATFORM_ARGS = ['BUILDPLATFORM', 'TARGETPLATFORM'];
/** These and their parts have values without any ARG; a default of the file's own would stand in their way. */
const BUILD_KNOWS = /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/;
/** What stands after the flags is a command or paths, whatever it looks like. */
const flagsOf = (rest) => /^(?:--\S+(?:\s+|$))*/.exec(rest)?.[0] ?? '';
/**
 * The images a build starts from (dockerfile reference): of each `FROM`, `COPY --from` and `RUN --mount=from`, unless it names an earlier stage or `scratch`; `ARG`s
 * before the first `FROM` count with their defaults. What a build argument decides is named in `warnings`. The frontend of `# syntax=` is BuildKit's own affair and
 * not taken.
 */
function readDockerfile(file, text) {
    const stages = { names: new Set(), args: new Map(), hasBegun: false };
    const report = { images: [], warnings: [] };
    let count = 0;
    for (const instruction of instructionsOf(text)) {
        const at = `${file}:${instruction.line}`;
        if (instruction.keyword === 'ARG' && !stages.hasBegun)
            declare(instruction, stages);
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
function declare({ rest }, { args }) {
    for (const [, name = '', , double, single, bare] of rest.matchAll(ARG)) {
        const value = single ?? double ?? bare;
        args.set(name, value === undefined || single !== undefined ? value : resolvedBy(value, args));
    }
}
const ARG = /([A-Za-z_]\w*)(=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*)))?/g;
/** Undefined where an argument without a value is in it. */
function resolvedBy(text, args) {
    const result = interpolate(text, (name) => args.get(name));
    return 'text' in result && result.blank.length === 0 ? result.text : undefined;
}
function from({ rest }, at, stages, report) {
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
    if (name !== undefined)
        names.add(name.toLowerCase());
    if (known)
        return;
    const resolved = resolvedBy(reference, args);
    if (resolved === undefined || resolved === '') {
        if (isSomeStage(reference, stages))
            return;
        report.warnings.push(openArgument(at, `FROM ${image}`, reference, args));
        return;
    }
    if (resolved === 'scratch' || (resolved !== reference && names.has(resolved.toLowerCase())))
        return;
    const asked = platform === undefined ? undefined : platformOf(unquoted(platform), args);
    if (asked === undefined && platform !== undefined && !isDefault(unquoted(platform)))
        report.warnings.push(openArgument(at, `FROM --platform=${platform} ${image}`, platform, args));
    else
        report.images.push({ text: resolved, at, platform: asked });
}
/** What a build would refuse: a flag without its value, or nothing behind the flags. */
function mistakeIn(rest, flags, image) {
    const what = (0,clean/* clean */.uH)(`FROM ${rest}`.trim(), 300);
    if (/(?:^|\s)--platform(?:\s|$)/.test(flags))
        return {
            reason: `${what} has a flag without its value`,
            hint: 'Write FROM --platform=linux/arm64 and the image behind it.',
        };
    if (image !== '')
        return undefined;
    return { reason: `${what} names no image`, hint: 'Write the image, or scratch, behind it.' };
}
/** A stage for each platform, as in `FROM build-$TARGETARCH`: whichever a build takes, its image is named above. */
function isSomeStage(text, { names, args }) {
    const anything = '\u0000';
    const result = interpolate(text, (name) => args.get(name) ?? (BUILD_KNOWS.test(name) ? anything : undefined));
    if (!('text' in result) || result.blank.length > 0)
        return false;
    const [start = '', ...others] = result.text.toLowerCase().split(anything);
    const end = others.at(-1);
    return [...names].some((name) => name.startsWith(start) && end !== undefined && name.endsWith(end));
}
const unquoted = (text) => text.replace(/^(["'])(.*)\1$/, '$2');
const isDefault = (text) => PLATFORM_ARGS.some((name) => text === `$${name}` || text === `\${${name}}`);
function platformOf(text, args) {
    return isDefault(text) ? undefined : resolvedBy(text, args) || undefined;
}
/** The part of a stage that is another image, unless it is another stage. */
function borrow(text, at, { names }, { images, warnings }) {
    const name = text && unquoted(text);
    if (!name || names.has(name.toLowerCase()) || name === 'scratch' || /^\d+$/.test(name))
        return;
    if (name.includes('$'))
        warnings.push(`${at}: from=${(0,clean/* clean */.uH)(name, 200)} is not pulled: no variable counts there`);
    else
        images.push({ text: name, at });
}
function openArgument(at, what, text, args) {
    const result = interpolate(text, (name) => args.get(name));
    const names = 'text' in result ? result.blank : [];
    const known = names.find((name) => BUILD_KNOWS.test(name));
    const why = known
        ? `only a build knows ${known}; name the image in images`
        : names.length > 0
            ? `${names.join(', ')} has no value before the build; give ARG ${names[0]} a default, or name the image in images`
            : 'it uses what only a build can resolve; name the image in images';
    return `${at}: ${(0,clean/* clean */.uH)(what, 300)} is not pulled: ${why}`;
}

;// CONCATENATED MODULE: ./build/sources/file-kind.js


/** The kind that a file's name alone tells; undefined for all that must be looked into. */
function kindByName(file) {
    const name = external_node_path_.posix.basename(file);
    if (/^(?:Dockerfile|Containerfile)(?:\..+)?$/i.test(name) && !/\.(?:ya?ml|json|md)$/i.test(name))
        return 'dockerfile';
    if (/\.(?:dockerfile|containerfile)$/i.test(name))
        return 'dockerfile';
    if (!/\.ya?ml$/i.test(name))
        return undefined;
    if (/(?:^|\/)\.github\/workflows\/[^/]+$/.test(file))
        return 'workflow';
    return /^(?:docker-|podman-)?compose(?:[.-].+)?\.ya?ml$/i.test(name) ? 'compose' : undefined;
}
/** The kind that the documents of a YAML file tell; undefined if they are none of these. */
function kindByContent(contents) {
    const maps = contents.filter(records/* isRecord */.u4);
    if (maps.some(({ apiVersion, kind }) => typeof apiVersion === 'string' && typeof kind === 'string'))
        return 'kubernetes';
    if (maps.some(({ jobs, runs }) => (0,records/* isRecord */.u4)(jobs) || (0,records/* isRecord */.u4)(runs)))
        return 'workflow';
    return maps.some(({ services, include }) => (0,records/* isRecord */.u4)(services) || Array.isArray(include)) ? 'compose' : undefined;
}

;// CONCATENATED MODULE: ./build/sources/kubernetes.js



/** Lists of containers wherever a pod spec is, in kinds that nobody has thought of yet too (core/v1, PodSpec). */
const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'];
/**
 * The images of every pod spec in a manifest, whatever kind it is in: containers of all sorts and image volumes (core/v1, PodSpec), in the order they are written. An
 * image whose text holds a placeholder of some other tool is named in `warnings`. A node selector is not a platform: it speaks of the cluster.
 */
function readKubernetes(documents) {
    const images = [];
    const warnings = [];
    for (const source of documents) {
        for (const { text, path } of imagesIn(contentOf(source), [], new Set())) {
            const at = placeOf(source, path);
            if (/\{\{|\$\{|\$\(|^\$|^<.*>$/.test(text))
                warnings.push(`${at}: image ${(0,clean/* clean */.uH)(text, 200)} is not pulled: another tool fills it in; name it in images`);
            else
                images.push({ text, at });
        }
    }
    return { images, warnings, left: [] };
}
/** What aliases repeat is one object, and looked into once: `seen` has those that were. */
function* imagesIn(value, path, seen) {
    if (typeof value !== 'object' || value === null || seen.has(value))
        return;
    seen.add(value);
    if (Array.isArray(value)) {
        for (const [position, item] of value.entries())
            yield* imagesIn(item, [...path, position], seen);
        return;
    }
    if (!(0,records/* isRecord */.u4)(value))
        return;
    for (const [key, inner] of Object.entries(value)) {
        const within = [...path, key];
        if (Array.isArray(inner) && seen.has(inner))
            continue;
        if (Array.isArray(inner) && CONTAINERS.includes(key))
            for (const [position, item] of inner.entries())
                yield* imageOf(item, 'image', [...within, position]);
        else if (Array.isArray(inner) && key === 'volumes')
            for (const [position, item] of inner.entries())
                if ((0,records/* isRecord */.u4)(item))
                    yield* imageOf(item.image, 'reference', [...within, position, 'image']);
        if (!CONTAINERS.includes(key))
            yield* imagesIn(inner, within, seen);
        else if (Array.isArray(inner))
            seen.add(inner);
    }
}
function* imageOf(value, key, path) {
    const text = (0,records/* isRecord */.u4)(value) ? value[key] : undefined;
    if (typeof text === 'string' && text !== '')
        yield { text, path: [...path, key] };
}

;// CONCATENATED MODULE: ./build/sources/workflow.js



const SCHEME = 'docker://';
/**
 * The images that GitHub runs for a workflow or an action: of jobs' `container` and `services`, and what steps and Docker actions take from `docker://`. An image with an
 * expression is known only to a run and named in `warnings`.
 */
function readWorkflow(source) {
    const images = [];
    const warnings = [];
    for (const { text, path } of written(contentOf(source))) {
        const at = placeOf(source, path);
        if (text.includes('${{')) {
            warnings.push(`${at}: ${(0,clean/* clean */.uH)(text, 200)} is not pulled: only a run of the workflow knows it; name it in images`);
        }
        else if (text !== '')
            images.push({ text: text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text, at });
    }
    return { images, warnings, left: [] };
}
function* written(content) {
    if (!(0,records/* isRecord */.u4)(content))
        return;
    for (const [name, job] of entries(content.jobs)) {
        if (!(0,records/* isRecord */.u4)(job))
            continue;
        yield* workflow_imageOf(job.container, ['jobs', name, 'container']);
        for (const [service, value] of entries(job.services))
            yield* workflow_imageOf(value, ['jobs', name, 'services', service]);
        yield* uses(job.steps, ['jobs', name, 'steps']);
    }
    if (!(0,records/* isRecord */.u4)(content.runs))
        return;
    const { image, steps } = content.runs;
    if (typeof image === 'string' && image.startsWith(SCHEME))
        yield { text: image, path: ['runs', 'image'] };
    yield* uses(steps, ['runs', 'steps']);
}
const entries = (value) => Object.entries((0,records/* asRecord */.qY)(value));
function* workflow_imageOf(value, path) {
    if (typeof value === 'string')
        yield { text: value, path };
    else if ((0,records/* isRecord */.u4)(value) && typeof value.image === 'string')
        yield { text: value.image, path: [...path, 'image'] };
}
function* uses(steps, path) {
    if (!Array.isArray(steps))
        return;
    for (const [position, step] of steps.entries()) {
        const text = (0,records/* isRecord */.u4)(step) ? step.uses : undefined;
        if (typeof text === 'string' && text.startsWith(SCHEME))
            yield { text, path: [...path, position, 'uses'] };
    }
}

;// CONCATENATED MODULE: ./build/sources/files.js










/**
 * The images in the files that paths and globs name, relative to the workspace; `!` takes away, `node_modules` and `.git` are never looked into. A path that is not
 * there, a glob that matches nothing and a file that does not parse are mistakes; a file that a glob met by chance and that is none of the known kinds is passed over.
 */
async function discover(patterns, world) {
    const mistakes = [];
    const named = await filesOf(patterns, world, mistakes);
    const overrides = new Set(named.flatMap(({ file }) => overrideNames(file)));
    const parts = [];
    for (const each of named.filter(({ file }) => !overrides.has(file))) {
        try {
            const part = await readFile(each, world);
            if (part)
                parts.push(part);
        }
        catch (error) {
            if (!(error instanceof errors/* PullError */.YX))
                throw error;
            mistakes.push(`files: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
        }
    }
    return {
        images: distinct(parts.flatMap(({ images }) => images)),
        warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
        left: [...new Set(parts.flatMap(({ left }) => left))],
        mistakes,
        files: parts.length,
    };
}
/** What a compose file includes may be named itself. */
const distinct = (images) => [
    ...new Map(images.map((image) => [`${image.at} ${image.text} ${image.platform ?? ''}`, image])).values(),
];
async function filesOf(patterns, { workspace: { root } }, mistakes) {
    const texts = patterns.map((pattern) => pattern.replaceAll('\\', '/'));
    const ignore = ['**/node_modules/**', '**/.git/**', ...texts.filter((it) => it[0] === '!').map((it) => it.slice(1))];
    const found = new Map();
    for (const text of texts.filter((it) => it[0] !== '!')) {
        if (!(0,dist/* isDynamicPattern */.ey)(text)) {
            const file = external_node_path_.posix.normalize(relative(root, text));
            found.set(file, { file, isNamed: true });
            continue;
        }
        const options = { cwd: root, dot: true, expandDirectories: false, followSymbolicLinks: false, onlyFiles: true };
        const pattern = relative(root, text);
        if (pattern.startsWith('../')) {
            mistakes.push(`files: ${(0,clean/* clean */.uH)(text, 300)} lies outside of ${root}, and nothing outside is read`);
            continue;
        }
        const files = await (0,dist/* glob */.TI)(pattern, { ...options, ignore });
        if (files.length === 0)
            mistakes.push(`files: ${(0,clean/* clean */.uH)(text, 300)} matches no file in ${root}; check out the repository first`);
        for (const file of files.sort())
            if (!found.has(file))
                found.set(file, { file, isNamed: false });
    }
    return [...found.values()];
}
const relative = (root, text) => external_node_path_.isAbsolute(text) ? external_node_path_.relative(root, text).replaceAll('\\', '/') : text.replace(/^(?:\.\/)+/, '');
async function readFile({ file, isNamed }, world) {
    const text = await world.workspace.read(file);
    if (text === undefined) {
        const hint = 'Check out the repository first, or correct the path.';
        throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(file, 300), `is not there, in ${world.workspace.root}`, { hint });
    }
    const kind = kindByName(file);
    if (kind === 'dockerfile')
        return readDockerfile(file, text);
    if (kind === undefined && !/\.(?:ya?ml|json)$/i.test(file))
        return unknown(file, isNamed);
    const template = kind === 'workflow' ? undefined : templateLine(text);
    try {
        const documents = parseDocuments(file, text);
        switch (kind ?? kindByContent(documents.map(contentOf))) {
            case 'compose':
                return await readCompose(file, world);
            case 'kubernetes':
                return readKubernetes(documents);
            case 'workflow':
                return documents[0] && readWorkflow(documents[0]);
            default:
                return unknown(file, isNamed);
        }
    }
    catch (error) {
        if (template === undefined || !(error instanceof errors/* PullError */.YX))
            throw error;
        const why = 'is a template, which only its own tool can read; render it first, as with helm template';
        return { images: [], left: [], warnings: [`${(0,clean/* clean */.uH)(file, 300)}:${template} ${why}`] };
    }
}
/** The first line that a template language is to replace; undefined if there is none. */
function templateLine(text) {
    const at = text.search(/\{\{|\{%|<%/);
    return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}
function unknown(file, isNamed) {
    if (!isNamed)
        return undefined;
    const reason = 'is neither a compose file (services:), nor a Kubernetes manifest (apiVersion: and kind:), nor a workflow (jobs:); a Dockerfile is known by its name';
    throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(file, 300), reason);
}


/***/ })

};
