export const id = 829;
export const ids = [829];
export const modules = {

/***/ 2315:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A8: () => (/* binding */ adviseHelp),
/* harmony export */   D3: () => (/* binding */ PASSWORD_STDIN),
/* harmony export */   DC: () => (/* binding */ QUIET),
/* harmony export */   GW: () => (/* binding */ insecureRegistries),
/* harmony export */   J$: () => (/* binding */ several),
/* harmony export */   P4: () => (/* binding */ registryInputs),
/* harmony export */   VN: () => (/* binding */ mirrors),
/* harmony export */   Wd: () => (/* binding */ JSON_TOO),
/* harmony export */   XM: () => (/* binding */ withOutgoing),
/* harmony export */   _A: () => (/* binding */ tags),
/* harmony export */   aq: () => (/* binding */ files),
/* harmony export */   er: () => (/* binding */ STORE),
/* harmony export */   x3: () => (/* binding */ MAX_TAGS)
/* harmony export */ });
/* harmony import */ var commander__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8179);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);


/** An option that may be given several times; its value is what was given, in that order, and its help says what `absent` means. */
function several(flags, description, absent = 'none') {
    return new commander__WEBPACK_IMPORTED_MODULE_0__/* .Option */ .c$(flags, `${description}; may be given several times`)
        .argParser((value, earlier) => [...earlier, value])
        .default([], absent);
}
/** Choices and a default as they would be typed. */
const typed = (description) => description.replace(/ \((?:choices|default): .*\)$/, (extra) => extra.replaceAll('"', '').replace(', default:', '; default:'));
/** Has the command and those below it say after a mistake where help is, in a line: the whole help would push the mistake out of sight. */
function adviseHelp(command, words = command.name()) {
    command.showHelpAfterError(`See ${words} --help.`);
    const help = new commander__WEBPACK_IMPORTED_MODULE_0__/* .Help */ ._V();
    command.configureHelp({
        optionDescription: (option) => typed(help.optionDescription(option)),
        argumentDescription: (argument) => typed(help.argumentDescription(argument)),
    });
    const advice = command.options.some(({ long }) => long === PASSWORD_STDIN) ? PASSWORD_ADVICE : '';
    command.configureOutput({
        outputError: (text, write) => {
            const said = text.trimEnd().replace(UNKNOWN_OPTION, `$1$2'$3${advice}`);
            write(`${said.split('\n').map(_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .cleanLine */ .Ow).join('\n')}\n`);
        },
    });
    for (const below of command.commands)
        adviseHelp(below, `${words} ${below.name()}`);
}
/** What is said of an option that nobody knows: before its value, which may be a password; then the value, and what may have been meant. */
const UNKNOWN_OPTION = /^(error: unknown option ')(--[^=]*|-[^-])[\s\S]*?'(\n\(Did you mean [^()]*\))?$/;
/** The only way a password is taken. */
const PASSWORD_STDIN = '--password-stdin';
const PASSWORD_ADVICE = `\nA password is taken from standard input alone: ${PASSWORD_STDIN} < token.txt`;
/** The layer store, for every command that opens one. */
const STORE = ['--store <directory>', 'the layer store (default: ~/.cache/pull-image)'];
/** For commands that can take every tag of a repository. */
const MAX_TAGS = ['--max-tags <number>', 'with --all-tags, refuse more than this (default: 50)'];
/** For commands that print a line for each image. */
const QUIET = ['-q, --quiet', 'print only the result lines, and what failed to standard error'];
/** For commands that can tell programs what came of them. */
const JSON_TOO = ['--json', 'print what came of it as JSON, and the lines to standard error'];
const files = () => several('--files <path>', 'a compose file, Dockerfile, manifest or workflow to take images from, or a glob');
const tags = () => several('--tags <pattern>', 'with --all-tags, only these: a glob, >=7 <8, or /expression/');
/** The same as inputs, with the token that a job has for ghcr.io. */
const registryInputs = ({ mirror, insecureRegistry }) => ({
    mirrors: mirror.join('\n'),
    'insecure-registries': insecureRegistry.join('\n'),
    'github-token': process.env.GITHUB_TOKEN,
});
const mirrors = () => several('--mirror <registry=mirror>', 'who is asked before a registry, such as docker.io=mirror.gcr.io');
const insecureRegistries = () => several('--insecure-registry <host>', 'a host or CIDR that may do without TLS');
/** The command with the options of those that write an image somewhere, `OutgoingOptions`. */
function withOutgoing(command) {
    return command
        .option('--platform <platform>', 'such as linux/arm64 (default: the one this machine runs)')
        .option('-o, --output <file>', 'where to write it, compressed if it ends in .gz or .tgz, with Node 22.15 also .zst (default: standard output)')
        .option('--pull-policy <policy>', 'always, missing or never (default: missing)')
        .option(...STORE)
        .addOption(mirrors())
        .addOption(insecureRegistries())
        .option('-q, --quiet', 'print only a line for each image');
}


/***/ }),

/***/ 8829:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  main: () => (/* binding */ main)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./node_modules/commander/esm.mjs
var esm = __webpack_require__(8179);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/github/wording.js
var wording = __webpack_require__(422);
;// CONCATENATED MODULE: ./build/interrupt.js
/** What stops in this many milliseconds stops by itself; the rest is cut off. The store is whole at any moment. */
const GRACE_MS = 700;
/** A signal aborted at the first SIGINT or SIGTERM; `giveUp` is called 0.7 s later, for whatever still holds on then. */
function onSignals(process, giveUp) {
    const { signal, abort } = withGrace(giveUp);
    process.on('SIGINT', abort);
    process.on('SIGTERM', abort);
    return signal;
}
/** A signal aborted once nobody reads what is written (EPIPE), with the same grace; `failed` is told of any other failure of the streams. */
function onReaderGone(streams, giveUp, failed) {
    const { signal, abort } = withGrace(giveUp);
    for (const stream of streams) {
        stream.on('error', (error) => {
            if (error.code === 'EPIPE')
                abort();
            else
                failed(error);
        });
    }
    return signal;
}
function withGrace(giveUp) {
    const controller = new AbortController();
    const abort = () => {
        if (controller.signal.aborted)
            return;
        controller.abort();
        setTimeout(giveUp, GRACE_MS).unref();
    };
    return { signal: controller.signal, abort };
}

// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/wire.js + 42 modules
var wire = __webpack_require__(8706);
// EXTERNAL MODULE: ./build/cli/options.js
var cli_options = __webpack_require__(2315);
// EXTERNAL MODULE: ./build/github/described.js
var described = __webpack_require__(7709);
// EXTERNAL MODULE: ./build/github/reporter.js + 4 modules
var reporter = __webpack_require__(682);
// EXTERNAL MODULE: ./build/pull/pull.js + 20 modules
var pull = __webpack_require__(3975);
// EXTERNAL MODULE: ./build/settings.js + 3 modules
var build_settings = __webpack_require__(9791);
// EXTERNAL MODULE: ./build/wire/sources.js + 1 modules
var sources = __webpack_require__(4090);
// EXTERNAL MODULE: ./build/cli/screen.js
var cli_screen = __webpack_require__(5825);
// EXTERNAL MODULE: ./build/cli/store-path.js
var store_path = __webpack_require__(1482);
;// CONCATENATED MODULE: ./build/cli/pull.js










/**
 * `pull`: what the action does, for a terminal. With `json` its `json` output, without a limit of size, is all that stdout gets; lines go to stderr then. Returns
 * the exit code, 1 if an image failed; throws what `pull` throws.
 */
async function pullCommand(references, options, signal, { stdout, stderr, fillWorker }) {
    const raw = {
        images: references.join('\n'),
        platforms: options.platform.join('\n'),
        'all-tags': String(options.allTags ?? false),
        tags: options.tags.join('\n'),
        'max-tags': options.maxTags,
        'pull-policy': options.pullPolicy,
        engine: options.engine,
        ...(0,cli_options/* registryInputs */.P4)(options),
        'max-concurrent-downloads': options.maxConcurrentDownloads,
        files: options.files.join('\n'),
        'lock-file': options.lockFile,
        'update-lock': String(options.updateLock ?? false),
    };
    const { found, events } = await (0,sources/* readSources */.tW)(raw, process.cwd(), process.env);
    const settings = (0,build_settings/* parseSettings */.P)(raw, found);
    const quiet = options.quiet ?? false;
    const lines = options.json ? stderr : stdout;
    const screen = (0,cli_screen/* openScreen */.J2)(lines, !quiet && (0,cli_screen/* takesBars */.J0)(lines, process.env));
    const print = (0,reporter/* createReporter */.A)({ quiet, write: screen.write, complain: (0,cli_screen/* complainTo */.DO)(stderr, lines, screen) });
    for (const event of events)
        print(event);
    const leases = [];
    const report = (event) => {
        if (event.type === 'leased')
            leases.push(event.lease);
        if (!screen.takes(event))
            print(event);
    };
    const store = (0,store_path/* storePath */.T)(options.store);
    const { ports, close } = await (0,wire/* wire */.O4)(settings, { environment: process.env, store, fillWorker, report, signal });
    try {
        const outcome = await (0,pull/* pull */.a)(settings.request, ports);
        if (options.json)
            stdout.write(`${(0,clean/* cleanJson */.We)(JSON.stringify((0,described/* describeOutcome */.SS)(outcome, false)))}\n`);
        await (0,sources/* saveLock */.RB)(settings.lockFile, outcome.lock, process.cwd(), report);
        return outcome.totals.failed > 0 ? 1 : 0;
    }
    finally {
        screen.close();
        // No later step of a job relies on them.
        await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
        await close();
    }
}

;// CONCATENATED MODULE: ./build/cli/program.js










/** Standard output may be an archive: what is to be read goes beside it. */
function terminal() {
    const aside = (text) => void process.stderr.write(text);
    return {
        out: process.stdout,
        input: process.stdin,
        say: (line) => void process.stdout.write(`${(0,clean/* cleanLine */.Ow)(line)}\n`),
        aside,
        complain: (line) => aside(`${(0,clean/* cleanLine */.Ow)(line)}\n`),
        exitWith: (code) => {
            process.exitCode = code;
        },
    };
}
/** Its bundle lies beside this one; run from its source, the program does without. */
const bundle = external_node_path_.join(import.meta.dirname, '..', 'fill', 'index.js');
const fillWorker = (0,external_node_fs_.existsSync)(bundle) ? bundle : undefined;
async function program(signal) {
    const root = new esm/* Command */.uB('pull-image')
        .description('Brings container images onto this machine: each byte once, every byte verified.')
        .version(wire/* VERSION */.xv);
    const demoCommand = root
        .command('demo', { isDefault: true })
        .description('show a cold and a warm pull on a registry of its own, on this machine alone (the default)')
        .addHelpText('after', '\nExample:\n  pull-image demo')
        .allowExcessArguments()
        .action(async (_, { args: [unknown] }) => {
        // What is no command comes to the default one.
        if (unknown !== undefined)
            return root.error(unknownCommand(unknown));
        const { demo } = await Promise.all(/* import() */[__webpack_require__.e(750), __webpack_require__.e(608)]).then(__webpack_require__.bind(__webpack_require__, 8608));
        process.exitCode = await demo(signal);
    });
    root
        .command('pull')
        .description('pull images into the store and hand them to the engine')
        .argument('[reference...]', 'images, such as redis:7 or ghcr.io/org/app@sha256:…')
        .addOption((0,cli_options/* files */.aq)())
        .addOption((0,cli_options/* several */.J$)('--platform <platform>', 'such as linux/arm64, or all', 'what the engine runs'))
        .option('--all-tags', 'every tag of each repository')
        .addOption((0,cli_options/* tags */._A)())
        .option(...cli_options/* MAX_TAGS */.x3)
        .option('--lock-file <file>', 'pull exactly the digests this file has')
        .option('--update-lock', 'write the lock file anew instead')
        .option('--pull-policy <policy>', 'always, missing or never (default: always)')
        .option('--engine <engine>', 'auto, docker, podman, containerd or none (default: auto)')
        .option(...cli_options/* STORE */.er)
        .addOption((0,cli_options/* mirrors */.VN)())
        .addOption((0,cli_options/* insecureRegistries */.GW)())
        .option('--max-concurrent-downloads <number>', 'connections to each registry (default: 8)')
        .option(...cli_options/* QUIET */.DC)
        .option(...cli_options/* JSON_TOO */.Wd)
        .addHelpText('after', '\nExample:\n  pull-image pull redis:7 --platform linux/arm64 --engine none')
        .action(async (references, options) => {
        process.exitCode = await pullCommand(references, options, signal, {
            stdout: process.stdout,
            stderr: process.stderr,
            fillWorker,
        });
    });
    if (process.argv[2] !== 'pull') {
        const { addCommands } = await Promise.all(/* import() */[__webpack_require__.e(750), __webpack_require__.e(815), __webpack_require__.e(6), __webpack_require__.e(88), __webpack_require__.e(519)]).then(__webpack_require__.bind(__webpack_require__, 4519));
        addCommands(root, signal, terminal());
    }
    (0,cli_options/* adviseHelp */.A8)(root);
    // Nobody who mistypes an option before any command means this one.
    demoCommand.showHelpAfterError('See pull-image --help.');
    return root;
}
/** A word without a command before it is an image, or a typing error. */
function unknownCommand(word) {
    const name = (0,clean/* clean */.uH)(word, 200);
    return `error: unknown command '${name}'; to pull an image of this name write: pull-image pull ${name}`;
}
/** As a shell tells of a process that SIGINT, or SIGPIPE, ended. */
const CANCELLED = 130;
const READER_GONE = 141;
/** Does what the command line says; `exit` ends the process at once. What went wrong is on standard error and in the exit code: 130 after a signal, 141 without a reader. */
async function main(exit) {
    const readerGone = onReaderGone([process.stdout, process.stderr], () => exit(READER_GONE), ({ code, message }) => {
        const reason = code === 'ENOSPC' ? 'no space left for what is written there' : (0,clean/* clean */.uH)(message, 200);
        process.stderr.write(`standard output: ${reason}\n`);
        exit(1);
    });
    process.once('exit', () => {
        if (readerGone.aborted)
            process.exitCode = READER_GONE;
    });
    const interrupted = onSignals(process, () => {
        process.stderr.write('pull-image: cancelled\n');
        exit(CANCELLED);
    });
    try {
        await (await program(AbortSignal.any([interrupted, readerGone]))).parseAsync();
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX))
            throw error;
        const text = (0,errors/* isCancelled */.mm)(error) ? error.message : (0,wording/* errorText */.kc)(error);
        const lines = text.split('\n').map((line) => `${(0,clean/* cleanLine */.Ow)(line)}\n`);
        // Nobody cancelled what ends because its reader has gone.
        if (!((0,errors/* isCancelled */.mm)(error) && readerGone.aborted))
            process.stderr.write(lines.join(''));
        process.exitCode = (0,errors/* isCancelled */.mm)(error) ? CANCELLED : 1;
    }
}


/***/ }),

/***/ 5825:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   DO: () => (/* binding */ complainTo),
/* harmony export */   J0: () => (/* binding */ takesBars),
/* harmony export */   J2: () => (/* binding */ openScreen)
/* harmony export */ });
/** True for a terminal on which bars can be drawn: it knows its size, as in some containers none does, and can move its cursor, as TERM=dumb cannot. */
const takesBars = ({ isTTY, columns = 0 }, { TERM }) => isTTY === true && columns > 0 && TERM !== 'dumb';
/** Where what went wrong is said: on standard error, and above the bars where it is the terminal they are drawn on. */
const complainTo = (stderr, lines, { write }) => lines === stderr || (lines.isTTY && stderr.isTTY) ? write : (text) => void stderr.write(text);
/**
 * Plain lines on a stream; with `bars` a bar besides, while there is something to download or to push. What draws it is loaded when that is under way, and not
 * at all elsewhere, so it delays nothing.
 */
function openScreen(stream, bars) {
    let bar;
    let closed = false;
    let pushing = false;
    const open = async () => {
        const { progressBar } = await Promise.all(/* import() */[__webpack_require__.e(210), __webpack_require__.e(902)]).then(__webpack_require__.bind(__webpack_require__, 902));
        if (!closed)
            bar = progressBar(stream);
    };
    return {
        write: (text) => {
            if (bar)
                bar.write(text);
            else
                stream.write(text);
        },
        takes(event) {
            if (!bars)
                return false;
            if (event.type === 'planned' && event.missing > 0)
                void open();
            if (event.type === 'pushing' && event.sent > 0 && !pushing) {
                pushing = true;
                bar?.close();
                void open();
            }
            if (event.type === 'stored')
                bar?.stored(event.blob.digest);
            const progress = progressOf(event);
            if (progress)
                bar?.show(progress);
            return progress !== undefined;
        },
        close() {
            closed = true;
            bar?.close();
        },
    };
}
/** What the bar draws of an event, if it is one of those that it says. */
function progressOf(event) {
    if (event.type === 'progress')
        return event;
    if (event.type !== 'pushing')
        return undefined;
    const { sent, expected, blobsDone, blobs } = event;
    return { type: 'progress', received: sent, expected, layersDone: blobsDone, layers: blobs };
}


/***/ }),

/***/ 9804:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   E: () => (/* binding */ containerdAddress),
/* harmony export */   L: () => (/* binding */ containerdFacts)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1525);
/* harmony import */ var _patience_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1260);
/* harmony import */ var _program_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6463);





/** Where containerd listens: `CONTAINERD_ADDRESS`, else its own default. */
const containerdAddress = (environment) => environment.CONTAINERD_ADDRESS || '/run/containerd/containerd.sock';
/** The facts, asked of a daemon that may still be starting; throws ENGINE_UNAVAILABLE, which names the address, if it does not answer within `pingMs`. */
async function containerdFacts(given, signal, pingMs) {
    const namespace = given.CONTAINERD_NAMESPACE || 'default';
    const address = containerdAddress(given);
    const environment = { ...given, CONTAINERD_ADDRESS: address, CONTAINERD_NAMESPACE: namespace };
    const again = (error) => error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX && error.temporary;
    const version = await (0,_patience_js__WEBPACK_IMPORTED_MODULE_3__/* .tryWithin */ .r)({ withinMs: pingMs, everyMs: 250, signal, again }, async (timeoutMs) => {
        // ctr itself would wait for the socket, as long as it has.
        if (address.startsWith('/') && !(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(address))
            throw refusal(address, 'no such file');
        const { code, stdout, stderr } = await (0,_program_js__WEBPACK_IMPORTED_MODULE_4__/* .run */ .e)('ctr', ['version'], { environment, signal, timeoutMs });
        const found = /Server:\s+Version:\s*(\S+)/.exec(stdout)?.[1];
        if (code === 0 && found !== undefined)
            return found;
        throw refusal(address, stderr);
    });
    const usage = await (0,_program_js__WEBPACK_IMPORTED_MODULE_4__/* .run */ .e)('ctr', ['images', 'pull', '--help'], { environment, signal, timeoutMs: pingMs });
    return {
        title: (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(`containerd ${version} (namespace ${namespace})`, 100),
        environment,
        // Later versions leave the pull to the daemon, which would not read our hosts.toml.
        pullOptions: /--local\b/.test(usage.stdout) ? ['--local'] : [],
    };
}
function refusal(address, stderr) {
    const subject = 'containerd';
    if (/permission denied/i.test(stderr)) {
        return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('ENGINE_UNAVAILABLE', subject, `${address}: permission denied`, {
            hint: 'Run as a user that may open the socket, or set engine: none.',
        });
    }
    const isAbsent = /no such file/i.test(stderr);
    const isDead = /connection refused|deadline exceeded/i.test(stderr);
    const reason = isAbsent
        ? 'no such socket'
        : isDead
            ? 'connection refused: no daemon listens there'
            : (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(stderr, 300) || 'ctr version tells no version of a server';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('ENGINE_UNAVAILABLE', subject, `${address}: ${reason}`, {
        hint: 'Start the daemon, correct CONTAINERD_ADDRESS, or set engine: none.',
        temporary: isAbsent || isDead,
    });
}


/***/ }),

/***/ 1260:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   r: () => (/* binding */ tryWithin)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);


/** What the first try that succeeds gives; each is told how many milliseconds are left. Throws the last error when the time is up, any other at once, and CANCELLED. */
async function tryWithin({ withinMs, everyMs, signal, again }, attempt) {
    const until = performance.now() + withinMs;
    for (;;) {
        try {
            return await attempt(Math.max(1, until - performance.now()));
        }
        catch (error) {
            if (!again(error) || performance.now() + everyMs >= until)
                throw error;
        }
        try {
            await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(everyMs, undefined, { signal });
        }
        catch {
            throw (0,_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .cancelled */ .KW)();
        }
    }
}


/***/ }),

/***/ 6463:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   e: () => (/* binding */ run),
/* harmony export */   j: () => (/* binding */ isOnPath)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1421);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3024);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9473);
/* harmony import */ var _lib_bell_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(179);





/** Of what a program says no more than this is kept, in characters. */
const KEPT = 1024 * 1024;
/** Milliseconds a program has to clean up after it was told to stop. */
const GRACE = 5_000;
/**
 * Runs a program to its end. Throws ENGINE_UNAVAILABLE if it cannot be started or has not ended in time, the signal's reason if that is a PullError, else
 * CANCELLED, and what its input throws as it is; by then the program is gone.
 */
async function run(program, args, options) {
    const { environment, signal, timeoutMs, input } = options;
    if (signal.aborted)
        throw stopped(program, signal);
    const child = (0,node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(program, args, { env: { ...environment }, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
        child[name]?.setEncoding('utf8').on('data', (text) => {
            said[name] = (said[name] + text).slice(-KEPT);
        });
    let late = false;
    let forced;
    const end = () => {
        child.kill('SIGTERM');
        forced ??= setTimeout(() => child.kill('SIGKILL'), GRACE);
    };
    const deadline = setTimeout(() => {
        late = true;
        end();
    }, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    let broken;
    if (input && child.stdin)
        feed(child.stdin, input).catch((error) => {
            broken = { error };
            end();
        });
    try {
        const code = await new Promise((resolve, reject) => {
            child.once('error', reject);
            child.once('close', (code) => resolve(code ?? -1));
        });
        if (signal.aborted)
            throw stopped(program, signal);
        if (broken)
            throw broken.error;
        if (!late)
            return { code, ...said };
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('ENGINE_UNAVAILABLE', program, `${args[0] ?? ''}: no end within ${timeoutMs / 1000} s`, {
            hint: 'See whether it hangs when you run it yourself, or set engine: none.',
        });
    }
    catch (error) {
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX || broken)
            throw error;
        const { code, message } = error;
        const reason = code === 'ENOENT' ? 'not on the PATH' : code === 'EACCES' ? 'may not be executed' : message;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('ENGINE_UNAVAILABLE', program, reason, {
            hint: `Install ${program}, or set engine: none.`,
            cause: error,
        });
    }
    finally {
        clearTimeout(deadline);
        clearTimeout(forced);
        signal.removeEventListener('abort', end);
    }
}
/** Writes until all is out, or the program has seen enough: then what it says counts, not the broken pipe. */
async function feed(stdin, input) {
    const bell = (0,_lib_bell_js__WEBPACK_IMPORTED_MODULE_4__/* .newBell */ .Q)();
    for (const event of ['drain', 'close', 'error'])
        stdin.on(event, () => bell.ring());
    for await (const chunk of input) {
        if (stdin.destroyed)
            return;
        if (!stdin.write(chunk) && !stdin.destroyed)
            await bell.next();
    }
    stdin.end();
}
/** True if a program of this name can be run from the PATH. */
function isOnPath(program, environment) {
    return (environment.PATH ?? '').split(node_path__WEBPACK_IMPORTED_MODULE_2__.delimiter).some((folder) => {
        try {
            (0,node_fs__WEBPACK_IMPORTED_MODULE_1__.accessSync)(node_path__WEBPACK_IMPORTED_MODULE_2__.join(folder, program), node_fs__WEBPACK_IMPORTED_MODULE_1__.constants.X_OK);
            return folder !== '';
        }
        catch {
            return false;
        }
    });
}
function stopped(program, signal) {
    return signal.reason instanceof _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX ? signal.reason : new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('CANCELLED', program, 'cancelled');
}


/***/ }),

/***/ 9473:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   KW: () => (/* binding */ cancelled),
/* harmony export */   UQ: () => (/* binding */ WRONG_BYTES),
/* harmony export */   YX: () => (/* binding */ PullError),
/* harmony export */   mm: () => (/* binding */ isCancelled)
/* harmony export */ });
/**
 * A failure somebody foresaw: what it is about, what was expected and found, and what to do.
 * Its message is `subject: reason`; anything else that is thrown is a bug of ours.
 */
class PullError extends Error {
    name = 'PullError';
    code;
    subject;
    reason;
    hint;
    temporary;
    crowded;
    retryAfterMs;
    constructor(code, subject, reason, details = {}) {
        super(`${subject}: ${reason}`, details.cause === undefined ? {} : { cause: details.cause });
        this.code = code;
        this.subject = subject;
        this.reason = reason;
        this.hint = details.hint;
        this.temporary = details.temporary ?? false;
        this.crowded = details.crowded ?? false;
        this.retryAfterMs = details.retryAfterMs;
    }
}
/** What to do about bytes of a registry that were wrong twice. */
const WRONG_BYTES = 'Nothing of it was kept. Run the job again; if it stays, suspect a proxy or a mirror on the way, or have the image pushed again.';
/** The one error a cancelled run ends with. */
function cancelled() {
    return new PullError('CANCELLED', 'pull-image', 'cancelled');
}
/** True if the error says that the run was cancelled, whoever noticed first. */
function isCancelled(error) {
    return error instanceof PullError && error.code === 'CANCELLED';
}


/***/ }),

/***/ 2566:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ay: () => (/* binding */ commandLine),
/* harmony export */   v0: () => (/* binding */ toStdout)
/* harmony export */ });
/* unused harmony exports maskLine, cleanLines */
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1525);

/** The default way out: standard output, where the runner reads workflow commands. */
const toStdout = (text) => {
    process.stdout.write(text);
};
/**
 * One workflow command as a line, escaped as the runner undoes it ("Workflow commands for GitHub Actions", github/docs). The message may have several
 * lines; it cannot end the command or begin another.
 */
function commandLine(command, message = '', title) {
    const properties = title === undefined ? '' : ` title=${escapeProperty((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(title))}`;
    return `::${command}${properties}::${escapeData(cleanLines(message))}\n`;
}
/** The command that has the runner mask a text in the log; the text is whole, for another would not be masked. */
const maskLine = (secret) => `::add-mask::${escapeData(secret)}\n`;
/** Text of several lines, each of them clean, empty ones dropped. */
function cleanLines(text) {
    const lines = text.split(/\r?\n/).map((line) => (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(line));
    return lines.filter((line) => line !== '').join('\n');
}
const escapeData = (text) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');


/***/ }),

/***/ 7709:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   SS: () => (/* binding */ describeOutcome),
/* harmony export */   dp: () => (/* binding */ pinned)
/* harmony export */ });
/* unused harmony export isVouchedFor */
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1525);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(907);


/** The outcome as the `json` output has it, for `JSON.stringify`; with every layer, as the report file has it. */
function describeOutcome({ images, totals }, withLayers) {
    return {
        version: 1,
        images: Object.fromEntries(images.map((image) => [image.key, describeImage(image, withLayers)])),
        totals: { ...totals, seconds: milliseconds(totals.seconds) },
    };
}
function describeImage(image, withLayers) {
    const { reference, digest, local, digestRunnable, source, loaded, seconds, error, platforms } = image;
    return {
        reference: reference ? (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .canonicalReference */ .Ys)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .withDefaultTag */ ._t)(reference)) : null,
        pinned: (isVouchedFor(image) ? pinned(image) : undefined) ?? null,
        digest: digest ?? null,
        local: local ?? null,
        digestRunnable,
        source: source ?? null,
        loaded,
        seconds: milliseconds(seconds),
        ...(error && {
            error: { code: error.code, message: (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(error.message), ...(error.hint && { hint: (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(error.hint) }) },
        }),
        platforms: Object.fromEntries(platforms.map((each) => [each.platform, describePlatform(each, withLayers)])),
    };
}
function describePlatform({ digest, imageId, size, local, layers }, withLayers) {
    const known = { digest: digest ?? null, imageId, size: size ?? null, local: local ?? null };
    return { ...known, ...(withLayers && { layers: layers.map(describeLayer) }) };
}
function describeLayer({ digest, size, source, seconds }) {
    return { digest, size, source, seconds: milliseconds(seconds) };
}
/** Every byte of it was seen, though perhaps no engine took it: nobody is to deploy by a digest of which that cannot be said. */
const isVouchedFor = ({ error, platforms }) => !error || platforms.length > 0;
/** `redis:7@sha256:…`, which means the same wherever it is read; undefined where the digest is not known. */
function pinned({ reference, digest }) {
    if (!reference || !digest)
        return undefined;
    const exact = { ...(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .withDefaultTag */ ._t)(reference), digest };
    const text = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .familiarReference */ .ZD)(exact);
    // What Docker prints of an odd Hub name, such as docker.io/a.b/c, means another registry when it is read again.
    return (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .parseReference */ .F2)(text).domain === exact.domain ? text : (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .canonicalReference */ .Ys)(exact);
}
const milliseconds = (seconds) => Math.round(seconds * 1000) / 1000;


/***/ }),

/***/ 682:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  A: () => (/* binding */ createReporter)
});

// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
// EXTERNAL MODULE: ./build/github/commands.js
var commands = __webpack_require__(2566);
// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
;// CONCATENATED MODULE: ./build/github/docker-words.js


/**
 * What `docker pull` prints about an image that is there, line by line (docker/cli without a terminal): where it was pulled from, its layers, its digest
 * and, unless it failed, its status. Several platforms are headed by their names. No line for an image of which nothing came.
 */
function dockerLines(image) {
    const { reference, digest, platforms, fresh, error } = image;
    if (!reference || (error && platforms.length === 0))
        return [];
    const named = (0,oci_reference/* withDefaultTag */._t)(reference);
    const status = fresh ? 'Downloaded newer image for' : 'Image is up to date for';
    return [
        `${asked(named)}: Pulling from ${reference.path}`,
        ...platforms.flatMap((platform) => platformLines(platform, platforms.length > 1)),
        ...(digest ? [`Digest: ${digest}`] : []),
        ...(error ? [] : [`Status: ${status} ${(0,oci_reference/* familiarReference */.ZD)(named)}`]),
    ];
}
/** Docker heads a pull by tag with the tag, one by digest with the whole reference. */
function asked(reference) {
    return reference.digest === undefined ? `${reference.tag}` : (0,oci_reference/* canonicalReference */.Ys)({ ...reference, tag: undefined });
}
function platformLines({ platform, layers }, headed) {
    const distinct = new Map(layers.map((layer) => [layer.digest, layer]));
    return [...(headed ? [`Platform: ${platform}`] : []), ...[...distinct.values()].map(layerLine)];
}
function layerLine({ digest, source }) {
    return `${(0,oci_digest/* shortDigest */.VK)(digest)}: ${source === 'registry' ? 'Pull complete' : 'Already exists'}`;
}

// EXTERNAL MODULE: ./build/github/wording.js
var wording = __webpack_require__(422);
;// CONCATENATED MODULE: ./build/github/push-words.js





/** What `docker push` prints of an image that was pushed; nothing of one that failed. */
function pushLines({ reference, blobs, digest, size, error }) {
    if (error || !reference || !digest)
        return [];
    return [
        `The push refers to repository [${(0,clean/* clean */.uH)((0,oci_reference/* familiarName */.hG)(reference))}]`,
        ...blobs.map((blob) => `${(0,oci_digest/* shortDigest */.VK)(blob.digest)}: ${blobWords(blob)}`),
        `${(0,clean/* clean */.uH)(reference.tag ?? digest)}: digest: ${digest} size: ${size}`,
    ];
}
function blobWords({ how, from = '' }) {
    const words = { present: 'Layer already exists', uploaded: 'Pushed', foreign: 'Skipped foreign layer' };
    return how === 'mounted' ? `Mounted from ${(0,clean/* clean */.uH)(from)}` : words[how];
}
/** The result of one image in a line. */
function pushedLine(image) {
    const key = (0,clean/* clean */.uH)(image.key, 300);
    const { error, digest, source, blobs, seconds } = image;
    if (error)
        return `✗ ${key}  ${(0,wording/* failureText */.kY)(error, key)}`;
    const sent = blobs.filter(({ how }) => how === 'uploaded').reduce((sum, { size }) => sum + size, 0);
    const from = source === image.key ? '' : `  from ${(0,clean/* clean */.uH)(source, 300)}`;
    return `✓ ${key}  ${push_words_short(digest)}  ${(0,format/* formatBytes */.z3)(sent)} sent  ${(0,format/* formatSeconds */.Xo)(seconds)}${from}`;
}
/** The whole run in one line. */
function pushTotalsLine({ images, failed, uploaded, mounted, present, bytes, seconds }) {
    const failures = failed > 0 ? ` (${failed} failed)` : '';
    const blobs = `${(0,format/* count */.U9)(uploaded, 'blob')} pushed, ${mounted} mounted, ${present} there already`;
    return `${(0,format/* count */.U9)(images, 'image')}${failures}, ${blobs}; uploaded ${(0,format/* formatBytes */.z3)(bytes)} in ${(0,format/* formatSeconds */.Xo)(seconds)}`;
}
const push_words_short = (digest) => (digest ? (0,oci_digest/* briefDigest */.HA)(digest) : '-');

;// CONCATENATED MODULE: ./build/github/quota-words.js


/** What is left of a quota, in a sentence without its end. */
function leftText({ registry, limit, remaining, windowSeconds, isOfAccount }) {
    const whose = isOfAccount ? 'this account' : 'the address of this machine';
    return `${nameOf(registry)}: ${remaining} of ${limit} pulls left in ${(0,format/* formatAge */.nV)(windowSeconds * 1000)} for ${whose}`;
}
const nameOf = (registry) => (registry === 'docker.io' ? 'Docker Hub' : (0,clean/* clean */.uH)(registry, 200));
/** The warning that a quota is nearly used up, and what to do. */
function lowQuotaText(quota) {
    const login = quota.isOfAccount ? '' : 'log in with docker/login-action, ';
    return `${leftText(quota)}. When none are: ${login}set mirrors, or let the cache serve (on-registry-error: use-cache).`;
}
/** What the registries of a run said of their quotas, a sentence each. */
const quotaTexts = ({ quotas = [] }) => quotas.map((quota) => `${leftText(quota)}.`);
/** The pulls that registries with a quota would have counted and did not, a part of a sentence for each; which others count, nobody says. */
const sparedTexts = ({ quotas = [] }) => quotas
    .filter(({ spared }) => spared > 0)
    .map(({ registry, spared }) => `${count(spared, 'pull')} that ${nameOf(registry)} would have counted`);

;// CONCATENATED MODULE: ./build/github/source-words.js



/** What files said and what a lock file now says, in one line. */
function sourceLine(event) {
    if (event.type === 'discovered')
        return `${(0,format/* count */.U9)(event.files, 'file')}: ${(0,format/* count */.U9)(event.images, 'image')} found`;
    const { references, added, moved, dropped } = event.changes;
    const facts = [
        ...moved.map(({ reference, locked, now }) => `${familiar(reference)} moved from ${locked} to ${now}`),
        ...added.map((reference) => `${familiar(reference)} is new`),
        ...dropped.map((reference) => `${familiar(reference)} is gone`),
    ];
    return `${(0,clean/* clean */.uH)(event.file)}: ${(0,format/* count */.U9)(references, 'reference')}; ${facts.join('; ') || 'unchanged'}`;
}
/** A tag that has moved on, with both digests and what to do. */
function movedText({ reference, locked, now }) {
    return `${familiar(reference)} has moved since it was locked: the lock file has ${locked}, which counts; it is ${now} now. Take it with update-lock: true.`;
}
/** As people write it; anything that is no reference comes out as it is. */
function familiar(reference) {
    try {
        return (0,oci_reference/* familiarReference */.ZD)((0,oci_reference/* parseReference */.F2)(reference));
    }
    catch {
        return (0,clean/* clean */.uH)(reference);
    }
}

;// CONCATENATED MODULE: ./build/github/reporter.js








const PROGRESS_EVERY_MS = 10_000;
/**
 * The one place that prints. A result line for each image, with `✓` or `✗` before it and columns that line up as far as the lengths are known; its layers in
 * Docker's words in a group above it; progress at most every 10 s. No text in any event can become a workflow command.
 */
function createReporter({ write = commands/* toStdout */.v0, complain = write, now = Date.now, quiet = false, groups = false, } = {}) {
    const print = (line, to = write) => to(`${(0,clean/* cleanLine */.Ow)(line)}\n`);
    const detail = quiet ? () => { } : print;
    const remark = (level, message) => groups
        ? write((0,commands/* commandLine */.ay)(level, message))
        : print(`${level}: ${(0,clean/* clean */.uH)(message)}`, level === 'warning' ? complain : write);
    const [downloading, pushing] = [progressLines('Downloading', now), progressLines('Pushing', now)];
    const resultLine = resultLines();
    let engine = '';
    function printImage(image) {
        printLines(image.key, dockerLines(image), resultLine.of(image, engine), image.error);
    }
    function printLines(title, layers, result, error) {
        const lines = quiet ? [] : layers;
        if (groups && lines.length > 0)
            write((0,commands/* commandLine */.ay)('group', title));
        for (const line of lines)
            print(line);
        if (groups && lines.length > 0)
            write((0,commands/* commandLine */.ay)('endgroup'));
        print(result, error ? complain : write);
    }
    return (event) => {
        if (event.type === 'image')
            return printImage(event.image);
        if (event.type === 'pushed')
            return printLines(event.image.key, pushLines(event.image), pushedLine(event.image), event.image.error);
        if (event.type === 'warning')
            return remark('warning', event.message);
        if (event.type === 'moved')
            return quiet ? undefined : remark('notice', movedText(event.tag));
        if (event.type === 'quota')
            return quiet ? undefined : remark('notice', lowQuotaText(event.quota));
        if (event.type === 'notice')
            return quiet ? undefined : remark('notice', event.message);
        if (event.type === 'progress' || event.type === 'pushing') {
            const line = event.type === 'progress'
                ? downloading(event.received, event.expected, event.layersDone, event.layers)
                : pushing(event.sent, event.expected, event.blobsDone, event.blobs);
            return line === undefined ? undefined : detail(line);
        }
        if (event.type === 'started') {
            engine = event.engine ?? '';
            resultLine.expect(event.keys);
        }
        if (event.type === 'discovered')
            for (const line of event.left)
                detail((0,clean/* clean */.uH)(line));
        const line = detailLine(event);
        if (line !== undefined)
            detail(line);
    };
}
/** What happened between start and result, in a line; layers that arrive are left to the image's group. */
function detailLine(event) {
    switch (event.type) {
        case 'started':
            return `Pulling ${(0,format/* count */.U9)(event.keys.length, 'image')} into ${event.store}${event.engine ? ` and ${(0,clean/* clean */.uH)(event.engine)}` : ''}`;
        case 'discovered':
        case 'locked':
            return sourceLine(event);
        case 'tags':
            return `${(0,clean/* clean */.uH)(event.key)}: ${(0,format/* count */.U9)(event.listed, 'tag')} listed, ${event.taken} taken`;
        case 'planned':
            // Every image has failed by now, or has nothing in it.
            if (event.layers === 0)
                return undefined;
            return event.missing === 0
                ? `${(0,format/* count */.U9)(event.layers, 'layer')}, ${(0,format/* formatBytes */.z3)(event.bytes)}; nothing to download`
                : `${(0,format/* count */.U9)(event.layers, 'layer')}, ${(0,format/* formatBytes */.z3)(event.bytes)}; ${(0,format/* formatBytes */.z3)(event.missingBytes)} in ${(0,format/* count */.U9)(event.missing, 'blob')} to download`;
        case 'finished':
            return (0,wording/* totalsLine */.sX)(event.totals);
        case 'push-finished':
            return pushTotalsLine(event.totals);
        case 'loading':
            return `Loading ${(0,clean/* clean */.uH)(event.key)} into ${(0,clean/* clean */.uH)(event.engine)}`;
        case 'retry':
            return `Retrying ${(0,clean/* clean */.uH)(event.subject)}${waitWords(event)}: ${(0,clean/* clean */.uH)(event.reason)}`;
        case 'mirror':
            return event.problem === undefined
                ? `${(0,clean/* clean */.uH)(event.subject)} comes from the mirror ${(0,clean/* clean */.uH)(event.mirror)}${event.file === undefined ? '' : ` (${(0,clean/* clean */.uH)(event.file)})`}`
                : `The mirror ${(0,clean/* clean */.uH)(event.mirror)} does not serve ${(0,clean/* clean */.uH)(event.subject)}: ${(0,clean/* clean */.uH)(event.problem)}${event.over ? '; it is not asked again' : ''}`;
        case 'saved':
            return savedLine(event.saved, event.limit, event.seconds);
        case 'swept':
            return `Swept ${(0,format/* count */.U9)(event.images, 'image')} from the store, ${(0,format/* formatBytes */.z3)(event.bytes)}, the least recently used`;
        case 'moved':
        case 'stored':
        case 'kept':
        case 'leased':
            return undefined;
    }
}
function waitWords({ delayMs, asked }) {
    if (delayMs === 0)
        return ' at once';
    return ` in ${(0,format/* formatSeconds */.Xo)(delayMs / 1000)}${asked ? ', as the registry asks' : ''}`;
}
/** What went into the cache, what did not and why; nothing if there was nothing to say. */
function savedLine(saved, limit, seconds) {
    const { entries, bytes, present, failed, left, withheld } = saved;
    const facts = [
        entries > 0
            ? `saved ${(0,format/* formatBytes */.z3)(bytes)} in ${entries === 1 ? '1 entry' : `${entries} entries`} in ${(0,format/* formatSeconds */.Xo)(seconds)}`
            : '',
        present > 0 ? `${present} there already` : '',
        failed > 0 ? `${failed} not taken` : '',
        left.entries > 0
            ? `${left.entries} left out, ${(0,format/* formatBytes */.z3)(left.bytes)} (a run saves ${(0,format/* formatBytes */.z3)(limit)}, 40 entries, and for 3 minutes at most)`
            : '',
        withheld.length > 0
            ? `kept out, for the repository is public, and they need a login or come from inside your network: ${withheld.map((key) => (0,clean/* clean */.uH)(key)).join(', ')}`
            : '',
    ].filter((fact) => fact !== '');
    return facts.length > 0 ? `Actions cache: ${facts.join('; ')}` : undefined;
}
/** A line at most every 10 s, the first 10 s after the first event; the rate is that since the line before. */
function progressLines(what, now) {
    let last;
    return (moved, expected, done, blobs) => {
        const at = now();
        last ??= { at, moved: 0 };
        const elapsed = at - last.at;
        if (elapsed < PROGRESS_EVERY_MS)
            return undefined;
        const rate = Math.max(0, moved - last.moved) / (elapsed / 1000);
        last = { at, moved };
        // What had come was thrown away, for its blob failed: that is said where the image fails.
        if (moved === 0)
            return undefined;
        return `${what}: ${(0,format/* formatBytes */.z3)(moved)} of ${(0,format/* formatBytes */.z3)(expected)}, ${done} of ${(0,format/* count */.U9)(blobs, 'blob')} done, ${(rate / 1e6).toFixed(1)} MB/s`;
    };
}
/** Result lines whose columns are as wide as the widest so far, and as the keys that are expected. */
function resultLines() {
    const widths = { key: 20, digest: 19, platforms: 11, size: 6, source: 8, time: 5 };
    const pad = (columns, name) => {
        const { length } = columns[name];
        widths[name] = Math.max(widths[name], length);
        const blanks = ' '.repeat(widths[name] - length);
        return name === 'size' || name === 'time' ? blanks + columns[name] : columns[name] + blanks;
    };
    return {
        expect(keys) {
            widths.key = Math.max(widths.key, ...keys.map((key) => Math.min((0,clean/* clean */.uH)(key).length, WIDEST_KEY)));
        },
        of(image, engine) {
            const columns = (0,wording/* columnsOf */.PL)(image);
            if (image.error)
                return `✗ ${pad(columns, 'key')}  ${(0,wording/* failureText */.kY)(image.error, columns.key)}`;
            const order = ['key', 'digest', 'platforms', 'size', 'source', 'time'];
            const names = (0,wording/* otherNames */.J3)(image).join(', ');
            const others = names ? ` as ${names}` : '';
            const engineName = (0,clean/* clean */.uH)(engine).split(' ')[0]?.toLowerCase();
            const loaded = image.loaded && engineName ? `  → ${engineName}${others}` : '';
            return `✓ ${order.map((name) => pad(columns, name)).join('  ')}${loaded}`;
        },
    };
}
/** One long key must not push the columns of all others out of sight. */
const WIDEST_KEY = 80;


/***/ }),

/***/ 422:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J3: () => (/* binding */ otherNames),
/* harmony export */   PL: () => (/* binding */ columnsOf),
/* harmony export */   kY: () => (/* binding */ failureText),
/* harmony export */   kc: () => (/* binding */ errorText),
/* harmony export */   sX: () => (/* binding */ totalsLine)
/* harmony export */ });
/* unused harmony exports sourceNames, reasonOf */
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1525);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(177);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1564);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(907);




const UNKNOWN = '-';
const PLATFORMS_SHOWN = 3;
/** The columns of one image; the size is that of its distinct layers. */
function columnsOf(image) {
    const { digest, platforms, source, seconds } = image;
    return {
        key: (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(image.key, 300),
        digest: digest ? (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .briefDigest */ .HA)(digest) : UNKNOWN,
        platforms: platforms.length > 0 ? platformNames(image) : UNKNOWN,
        size: sizeOf(image) ?? UNKNOWN,
        source: source ?? UNKNOWN,
        time: (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatSeconds */ .Xo)(seconds),
    };
}
/** The one source of all layers, or each with its bytes; `-` if unknown. */
function sourceNames({ source, platforms }) {
    const bytes = new Map();
    const layers = new Map(platforms.flatMap((platform) => platform.layers.map((layer) => [layer.digest, layer])));
    for (const layer of layers.values())
        bytes.set(layer.source, (bytes.get(layer.source) ?? 0) + layer.size);
    if (bytes.size < 2)
        return source ?? UNKNOWN;
    return [...bytes].map(([name, size]) => `${name} ${formatBytes(size)}`).join(' + ');
}
function platformNames({ platforms }) {
    const names = platforms.map(({ platform }) => (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(platform, 100));
    const more = names.length - PLATFORMS_SHOWN;
    return more > 0 ? `${names.slice(0, PLATFORMS_SHOWN).join(',')} and ${more} more` : names.join(',');
}
/** The names it runs by in an engine, clean, if they are not the one it was asked for by. */
function otherNames({ key, reference, local, digestRunnable, platforms }) {
    const asked = [key, reference && (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarReference */ .ZD)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .withDefaultTag */ ._t)(reference))];
    const names = new Set([local, ...platforms.map((platform) => platform.local)].filter((name) => name !== undefined));
    if (reference?.digest !== undefined && digestRunnable && names.size < 2)
        return [];
    return [...names].filter((name) => !asked.includes(name)).map((name) => (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(name, 300));
}
function sizeOf({ platforms }) {
    const layers = new Map(platforms.flatMap((platform) => platform.layers.map(({ digest, size }) => [digest, size])));
    const unlisted = platforms.filter((platform) => platform.layers.length === 0).flatMap(({ size }) => size ?? []);
    if (platforms.every(({ size }) => size === undefined))
        return undefined;
    return (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatBytes */ .z3)(sum([...layers.values(), ...unlisted]));
}
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
/** The whole run in one line: images, failures, layers, and what came over the network. */
function totalsLine(totals) {
    const failed = totals.failed > 0 ? ` (${totals.failed} failed)` : '';
    const all = `${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(totals.images, 'image')}${failed}, ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(totals.layers, 'layer')}, ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatBytes */ .z3)(totals.bytes)}`;
    return `${all}; downloaded ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatBytes */ .z3)(totals.downloaded)} in ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatSeconds */ .Xo)(totals.seconds)}`;
}
/** The error and what to do about it, as sentences; of several lines only if the error's own reason is. */
function errorText(error) {
    if (error.hint === undefined)
        return error.message;
    if (error.message.includes('\n'))
        return `${error.message}\n${error.hint}`;
    return `${error.message}${/[.!?…]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}
/** Why something of the machine's failed, in a few clean words: `ENOENT: no such file or directory, …`. */
function reasonOf(error) {
    return clean(String(error).replace(/^\w*Error: /, ''), 300);
}
/** The error as one clean line to stand behind the image's key, which it does not repeat: neither as its subject, nor as what was asked for. */
function failureText(error, key) {
    const subject = (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(error.subject, 2000);
    const text = (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_0__/* .clean */ .uH)(errorText(error), 2000)
        .replace(` to the request for ${key}`, '')
        .replace(` to the request for ${subject}@`, ' to the request for ');
    const isAboutKey = key === subject || key.startsWith(`${subject}:`) || key.startsWith(`${subject}@`);
    return isAboutKey && text.startsWith(`${subject}: `) ? text.slice(subject.length + 2) : text;
}


/***/ }),

/***/ 179:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q: () => (/* binding */ newBell)
/* harmony export */ });
/** A bell for any number of listeners. */
function newBell() {
    let waiting = [];
    return {
        ring() {
            const woken = waiting;
            waiting = [];
            for (const wake of woken)
                wake();
        },
        next: () => new Promise((resolve) => waiting.push(resolve)),
    };
}


/***/ }),

/***/ 7155:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B_: () => (/* binding */ BUFFER_SIZE),
/* harmony export */   F5: () => (/* binding */ giveBack),
/* harmony export */   Ut: () => (/* binding */ takeBuffer)
/* harmony export */ });
/** Bytes of each buffer. */
const BUFFER_SIZE = 512 * 1024;
/** More are left to the garbage collector. */
const MOST_KEPT = 32;
const kept = [];
/** A buffer of half a MiB, with whatever is in it; it belongs to the caller. To allocate and free as many as a fast network fills costs more than to fill them. */
function takeBuffer() {
    return kept.pop() ?? Buffer.allocUnsafeSlow(BUFFER_SIZE);
}
/** Gives back the buffer under these bytes, if it is one of these; nobody may look at it again. At most 16 MiB are kept. */
function giveBack({ buffer }) {
    if (buffer.byteLength === BUFFER_SIZE && buffer instanceof ArrayBuffer && kept.length < MOST_KEPT)
        kept.push(Buffer.from(buffer));
}


/***/ }),

/***/ 1525:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ow: () => (/* binding */ cleanLine),
/* harmony export */   We: () => (/* binding */ cleanJson),
/* harmony export */   uH: () => (/* binding */ clean)
/* harmony export */ });
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7030);

/** Control characters (C0, DEL, C1), line and paragraph separators, and characters that reorder text (CVE-2021-42574). */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;
/** As above, but for the line ends between values. */
const UNPRINTABLE_IN_JSON = /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** Colons that follow one another, and what may be an address in brackets (RFC 3986, section 3.2.2), whole. */
const COLONS = /\[([0-9a-fA-F:.]{2,45})\]|:{2,}/g;
/**
 * Text from somebody else (a registry, an engine, a tag) as one line that cannot be a workflow command: the runner reads `::name::` at the
 * start of a line and `##[name]` anywhere in one, on stdout and stderr alike. No two colons are left side by side but in an IPv6 address in brackets, which
 * no line can begin with as a command. At most `limit` characters are kept.
 */
function clean(text, limit = 1000) {
    const line = text
        .replace(ANSI, '')
        .replace(UNPRINTABLE, ' ')
        .replaceAll('##[', '# #[')
        .replace(COLONS, (found, address) => ((0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv6)(address ?? '') ? found : found.replace(/:(?=:)/g, ': ')))
        .trim();
    return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
/** JSON that means the same, and in which nothing is a command or a control character: what `clean` would change is escaped. */
function cleanJson(json) {
    const escaped = (text) => text.replace(/./gsu, (character) => codes(character));
    return json.replaceAll('##[', '#\\u0023[').replace(UNPRINTABLE_IN_JSON, escaped);
}
const codes = (text) => [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
/** A line of our own words that may hold the user's: nothing in it is a command, and `[::1]:5000` stays readable. */
function cleanLine(text) {
    return text
        .replace(ANSI, '')
        .replace(UNPRINTABLE, ' ')
        .replaceAll('##[', '# #[')
        .replace(/^(\s*):(?=:)/, '$1: ');
}


/***/ }),

/***/ 5705:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ newDeferred)
/* harmony export */ });
/** An open promise and what settles it: `Promise.withResolvers`, which Node 20 does not have. */
function newDeferred() {
    let settle;
    const promise = new Promise((resolve, reject) => {
        settle = { resolve, reject };
    });
    return { promise, ...settle };
}


/***/ }),

/***/ 177:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U9: () => (/* binding */ count),
/* harmony export */   Xo: () => (/* binding */ formatSeconds),
/* harmony export */   nV: () => (/* binding */ formatAge),
/* harmony export */   z3: () => (/* binding */ formatBytes),
/* harmony export */   z_: () => (/* binding */ parseBytes)
/* harmony export */ });
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
/** Bytes in decimal units with three significant digits, as Docker prints them: `1.23MB`. */
function formatBytes(bytes) {
    let value = bytes;
    let unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${unit === 0 ? value : Number(value.toPrecision(3))}${UNITS[unit]}`;
}
/** Seconds for people: `0.4s`, `12s`, `3m05s`, `1h`, `1h05m`, and from two days on as `formatAge` has them. */
function formatSeconds(seconds) {
    if (seconds < 9.95)
        return `${seconds.toFixed(1)}s`;
    const whole = Math.round(seconds);
    if (whole < 60)
        return `${whole}s`;
    if (whole < 3600)
        return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
    const minutes = Math.round(seconds / 60);
    if (minutes >= 48 * 60)
        return formatAge(seconds * 1000);
    const beyond = minutes % 60;
    return `${Math.floor(minutes / 60)}h${beyond === 0 ? '' : `${String(beyond).padStart(2, '0')}m`}`;
}
/** `1 layer`, `3 layers`. */
function count(number, noun) {
    return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i;
/** Bytes out of `500MB`, `2 GB`, `1.5GiB` or a bare number; decimal units unless there is an `i`. Undefined for anything else. */
function parseBytes(text) {
    const found = SIZE.exec(text.trim());
    if (!found)
        return undefined;
    const power = ['', 'k', 'm', 'g', 't'].indexOf((found[2] ?? '').toLowerCase());
    return Math.round(Number(found[1]) * (found[3] ? 1024 : 1000) ** power);
}
/** An age for people, as Docker counts: `40 seconds`, `5 minutes`, `3 hours`, `2 days`, and from two of them on `2 weeks`, `2 months`, `2 years`. */
function formatAge(milliseconds) {
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    if (seconds < 90)
        return count(seconds, 'second');
    if (seconds < 90 * 60)
        return count(Math.round(seconds / 60), 'minute');
    if (seconds < 36 * 3600)
        return count(Math.round(seconds / 3600), 'hour');
    const days = Math.round(seconds / 86_400);
    if (days < 14)
        return count(days, 'day');
    if (days < 60)
        return count(Math.floor(days / 7), 'week');
    if (days < 730)
        return count(Math.floor(days / 30), 'month');
    return count(Math.floor(days / 365), 'year');
}


/***/ }),

/***/ 100:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   w: () => (/* binding */ oneChunk)
/* harmony export */ });
/** Bytes that are here already, in one chunk; of none, no chunk at all. */
async function* oneChunk(bytes) {
    if (bytes.byteLength > 0)
        yield bytes;
}


/***/ }),

/***/ 9447:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D: () => (/* binding */ parseUrl)
/* harmony export */ });
/** The URL, or undefined; for text without a limit, of which Node's `URL.canParse` may say yes where `new URL` throws. */
function parseUrl(text) {
    try {
        return new URL(text);
    }
    catch {
        return undefined;
    }
}


/***/ }),

/***/ 7908:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Gj: () => (/* binding */ gate),
/* harmony export */   Oo: () => (/* binding */ once),
/* harmony export */   QE: () => (/* binding */ batched),
/* harmony export */   VF: () => (/* binding */ gates),
/* harmony export */   bs: () => (/* binding */ together)
/* harmony export */ });
/** A gate of its own; a task that fails makes room like one that succeeds. */
function gate(limit) {
    const waiting = [];
    let running = 0;
    return async (task) => {
        if (running >= limit)
            await new Promise((resolve) => waiting.push(resolve));
        else
            running += 1;
        try {
            return await task();
        }
        finally {
            const next = waiting.shift();
            if (next)
                next();
            else
                running -= 1;
        }
    };
}
/** One gate a key (a registry, an engine), each with the same limit. */
function gates(limit) {
    const byKey = new Map();
    return (key) => {
        const known = byKey.get(key) ?? gate(limit);
        byKey.set(key, known);
        return known;
    };
}
/** Answers each key once: callers that come while the work runs, or after it succeeded, share its result; a failure is forgotten. */
function once() {
    const answers = new Map();
    return (key, work) => {
        const known = answers.get(key);
        if (known)
            return known;
        const answer = work();
        answers.set(key, answer);
        answer.catch(() => answers.delete(key));
        return answer;
    };
}
/** Callers that come while the work of a key runs share its result; what has ended, well or badly, is forgotten. */
function together() {
    const running = new Map();
    return (key, work) => {
        const known = running.get(key);
        if (known)
            return known;
        const result = work().finally(() => running.delete(key));
        running.set(key, result);
        return result;
    };
}
/** The work, one at a time; all who ask while a call has not begun share that call. */
function batched(work) {
    let last = Promise.resolve();
    let next;
    return () => {
        next ??= last.then(() => {
            next = undefined;
            return work();
        });
        last = next.catch(() => { });
        return next;
    };
}


/***/ }),

/***/ 9146:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _j: () => (/* binding */ asArray),
/* harmony export */   e1: () => (/* binding */ asText),
/* harmony export */   oh: () => (/* binding */ parseTexts),
/* harmony export */   qF: () => (/* binding */ parseJson),
/* harmony export */   qY: () => (/* binding */ asRecord),
/* harmony export */   u4: () => (/* binding */ isRecord)
/* harmony export */ });
/** True for an object with members: neither null nor an array. */
function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** The value if it is an object with members, else an empty one. */
const asRecord = (value) => (isRecord(value) ? value : {});
/** The value if it is an array, else an empty one. */
const asArray = (value) => (Array.isArray(value) ? value : []);
/** The value if it is a string, else an empty one. */
const asText = (value) => (typeof value === 'string' ? value : '');
/** What the text says as JSON (RFC 8259); undefined, which JSON cannot say, if it is none. */
function parseJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** The list of texts that the text says as JSON; undefined if it says anything else. */
function parseTexts(text) {
    const value = parseJson(text);
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
}


/***/ }),

/***/ 1059:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BO: () => (/* binding */ redactUrl),
/* harmony export */   Rd: () => (/* binding */ redactText),
/* harmony export */   t6: () => (/* binding */ redactLogin)
/* harmony export */ });
/* unused harmony export holdsToken */
/**
 * A URL fit for a log: without user, password and fragment, and with every query value hidden, for a signed URL is a credential.
 * Of a URL without host or path, such as `data:`, the scheme alone is left. Text that is not a URL comes back as `<not a URL>`.
 */
function redactUrl(url) {
    let copy;
    try {
        copy = new URL(url);
    }
    catch {
        return '<not a URL>';
    }
    if (!copy.pathname.startsWith('/') && copy.host === '')
        return `${copy.protocol}…`;
    // A parameter without a name is a value.
    const query = copy.search.slice(1).replace(/(^|&)([^&=]*=)?[^&]*/g, '$1$2…');
    return `${copy.protocol}//${copy.host}${copy.pathname}${copy.search ? `?${query}` : ''}`;
}
const URL_IN_TEXT = /\bhttps?:\/\/[^\s"'<>]+/gi;
/** What follows the name of a scheme in an Authorization header, and a JSON Web Token wherever it stands. */
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
/** Tokens that say by how they begin what they are: GitHub's, GitLab's, Docker Hub's, npm's and Hugging Face's. */
const TOKEN = /(?<![\w-])(gh[pousr]_|github_pat_|gl(?:pat|dt|cbt|rt|ptt|soat)-|dckr_[op]at_|npm_|hf_)[\w-]{12,}/g;
/** Somebody else's text without the secrets it may echo: the query values and passwords of URLs, tokens, and what was sent to authorize a request. */
function redactText(text) {
    const redacted = text.replace(URL_IN_TEXT, (url) => (/[?@#]/.test(url) ? redactUrl(url) : url));
    return redacted.replace(AUTHORIZATION, '$1 …').replace(JWT, '…').replace(TOKEN, '$1…');
}
/** True for a text that is a token or has one in it, whatever field it was written into. */
const holdsToken = (text) => redactText(text) !== text;
const LOGIN = /(^|\/\/|=)([^\s/=:@]*):[^\s/@]+@(?![A-Za-z0-9+._-]+:[0-9a-fA-F]+$)/g;
/** Text that should be the name of an image or a registry, without the password that somebody wrote before its host; a digest stays. */
function redactLogin(text) {
    return text.replace(LOGIN, '$1$2:…@');
}


/***/ }),

/***/ 4446:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   o: () => (/* binding */ parseConfig)
/* harmony export */ });
/* harmony import */ var valibot__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7934);
/* harmony import */ var _descriptor_json_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6740);
/* harmony import */ var _platform_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4647);
/* harmony import */ var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1363);




const diffIdsSchema = valibot__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({ rootfs: valibot__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({ diff_ids: valibot__WEBPACK_IMPORTED_MODULE_3__/* .array */ .YOg(valibot__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP()) }) });
/**
 * The config; throws MANIFEST_INVALID only if the bytes are not a JSON object: members that are odd or missing count as
 * absent.
 */
function parseConfig(bytes, subject) {
    const json = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_2__/* .decodeObject */ .gv)(bytes, subject);
    const named = valibot__WEBPACK_IMPORTED_MODULE_3__/* .safeParse */ .xLC(_descriptor_json_js__WEBPACK_IMPORTED_MODULE_0__/* .platformSchema */ .vd, json);
    const platform = named.success ? (0,_descriptor_json_js__WEBPACK_IMPORTED_MODULE_0__/* .toPlatform */ .rE)(named.output) : undefined;
    const listed = valibot__WEBPACK_IMPORTED_MODULE_3__/* .safeParse */ .xLC(diffIdsSchema, json);
    return {
        platform: platform && (0,_platform_js__WEBPACK_IMPORTED_MODULE_1__/* .normalizePlatform */ .FL)(platform),
        diffIds: listed.success ? listed.output.rootfs.diff_ids : [],
    };
}


/***/ }),

/***/ 6740:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   RU: () => (/* binding */ toDescriptor),
/* harmony export */   TM: () => (/* binding */ descriptorSchema),
/* harmony export */   rE: () => (/* binding */ toPlatform),
/* harmony export */   vd: () => (/* binding */ platformSchema)
/* harmony export */ });
/* harmony import */ var valibot__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7934);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);
/* harmony import */ var _untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1363);



const NAME = /^[\w.-]{1,64}$/;
const OPTION = /^[\x21-\x7e]{1,128}$/;
const MAX_FEATURES = 64;
/** A text that may be absent, or null as some writers have it. */
const text = valibot__WEBPACK_IMPORTED_MODULE_2__/* .nullish */ .cl6(valibot__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('text')));
const size = (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('a size in bytes');
/** A platform as JSON has it (image-spec v1.1): member of a descriptor, and part of an image config. */
const platformSchema = valibot__WEBPACK_IMPORTED_MODULE_2__/* .object */ .Ikc({
    os: text,
    architecture: text,
    variant: text,
    'os.version': text,
    'os.features': valibot__WEBPACK_IMPORTED_MODULE_2__/* .nullish */ .cl6(valibot__WEBPACK_IMPORTED_MODULE_2__/* .array */ .YOg(valibot__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('text')), (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('a list of features'))),
}, (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('a platform'));
/**
 * A descriptor as JSON has it (image-spec v1.1, descriptor.md), its digest and size checked; unknown members are
 * dropped.
 */
const descriptorSchema = valibot__WEBPACK_IMPORTED_MODULE_2__/* .object */ .Ikc({
    mediaType: text,
    digest: valibot__WEBPACK_IMPORTED_MODULE_2__/* .custom */ .IeY(_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc, ({ input, received }) => (0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .digestProblem */ .WQ)(typeof input === 'string' ? input : received)),
    size: valibot__WEBPACK_IMPORTED_MODULE_2__/* .pipe */ .FsL(valibot__WEBPACK_IMPORTED_MODULE_2__/* .number */ .aig(size), valibot__WEBPACK_IMPORTED_MODULE_2__/* .safeInteger */ .Y2b(size), valibot__WEBPACK_IMPORTED_MODULE_2__/* .minValue */ .Wwf(0, size)),
    platform: valibot__WEBPACK_IMPORTED_MODULE_2__/* .nullish */ .cl6(platformSchema),
    annotations: valibot__WEBPACK_IMPORTED_MODULE_2__/* .nullish */ .cl6(valibot__WEBPACK_IMPORTED_MODULE_2__/* .record */ .g1P(valibot__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP(), valibot__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('text')), (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('annotations'))),
    urls: valibot__WEBPACK_IMPORTED_MODULE_2__/* .nullish */ .cl6(valibot__WEBPACK_IMPORTED_MODULE_2__/* .array */ .YOg(valibot__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP((0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('a URL')), (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('a list of URLs'))),
    data: text,
    artifactType: text,
}, (0,_untrusted_json_js__WEBPACK_IMPORTED_MODULE_1__/* .expected */ .p6)('a descriptor'));
/**
 * The platform as it is written; undefined unless OS and architecture are plain words, for what cannot be named cannot
 * be asked for either. A variant, version or feature that cannot be printed is left out.
 */
function toPlatform(json) {
    const { os, architecture, variant, 'os.version': osVersion, 'os.features': features } = json;
    if (!os || !architecture || !NAME.test(os) || !NAME.test(architecture))
        return undefined;
    const osFeatures = (features ?? []).slice(0, MAX_FEATURES).filter((feature) => OPTION.test(feature));
    return {
        os,
        architecture,
        ...(variant && NAME.test(variant) ? { variant } : {}),
        ...(osVersion && OPTION.test(osVersion) ? { osVersion } : {}),
        ...(osFeatures.length > 0 ? { osFeatures } : {}),
    };
}
/** The descriptor in our words; a media type that is absent is the empty text. */
function toDescriptor(json) {
    const { mediaType, digest, size: bytes, annotations, urls, data, artifactType } = json;
    const platform = json.platform ? toPlatform(json.platform) : undefined;
    return {
        mediaType: mediaType ?? '',
        digest,
        size: bytes,
        ...(platform === undefined ? {} : { platform }),
        ...(annotations ? { annotations } : {}),
        ...(urls ? { urls } : {}),
        ...(typeof data === 'string' ? { data } : {}),
        ...(artifactType ? { artifactType } : {}),
    };
}


/***/ }),

/***/ 6937:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   b: () => (/* binding */ blobKey),
/* harmony export */   n: () => (/* binding */ descriptorOf)
/* harmony export */ });
/** What tells blobs apart before they are seen: two images may promise different sizes for one digest, and only one of them is right. */
const blobKey = ({ digest, size }) => `${digest} ${size}`;
/** The descriptor of a document. */
function descriptorOf(document) {
    return { mediaType: document.mediaType, digest: document.digest, size: document.bytes.byteLength };
}


/***/ }),

/***/ 1564:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bc: () => (/* binding */ isDigest),
/* harmony export */   HA: () => (/* binding */ briefDigest),
/* harmony export */   Hy: () => (/* binding */ algorithmOf),
/* harmony export */   VK: () => (/* binding */ shortDigest),
/* harmony export */   WQ: () => (/* binding */ digestProblem),
/* harmony export */   ZD: () => (/* binding */ hexOf),
/* harmony export */   g4: () => (/* binding */ finishDigest),
/* harmony export */   m: () => (/* binding */ parseDigest),
/* harmony export */   ol: () => (/* binding */ digestOf),
/* harmony export */   t9: () => (/* binding */ digestTag)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1525);



const SUPPORTED = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** image-spec v1.1, descriptor.md: algorithm ":" encoded. */
const GRAMMAR = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
/**
 * Text as a digest; throws DIGEST_INVALID for anything but `sha256:` with 64 or `sha512:` with 128 lower-case hex digits
 * (image-spec v1.1, descriptor.md, "Digests").
 */
function parseDigest(text, subject = 'digest') {
    if (isDigest(text))
        return text;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('DIGEST_INVALID', subject, digestProblem(text));
}
/** Why a text is no digest we take: what was expected, and what was found. */
function digestProblem(text) {
    const algorithm = text.slice(0, text.indexOf(':'));
    return GRAMMAR.test(text) && !['sha256', 'sha512'].includes(algorithm)
        ? `unsupported digest algorithm ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(algorithm, 60))}, expected sha256 or sha512`
        : `expected sha256:<64 hex digits> or sha512:<128 hex digits>, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_2__/* .clean */ .uH)(text, 160))}`;
}
/** True for what `parseDigest` accepts. */
function isDigest(text) {
    return typeof text === 'string' && SUPPORTED.test(text);
}
function algorithmOf(digest) {
    return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}
/** The hexadecimal part: 64 or 128 characters. */
function hexOf(digest) {
    return digest.slice(7);
}
/** The first 12 hex digits, as Docker prints layers. */
function shortDigest(digest) {
    return hexOf(digest).slice(0, 12);
}
/** `sha256:` and the first 12 hex digits, for people. */
const briefDigest = (digest) => `${algorithmOf(digest)}:${shortDigest(digest)}`;
/** `sha256-` and the first 12 hex digits: a tag for what has none (distribution-spec, "Pulling manifests"). */
const digestTag = (digest) => `${algorithmOf(digest)}-${shortDigest(digest)}`;
/** The digest of the bytes; sha256 unless another algorithm is asked for. */
function digestOf(bytes, algorithm = 'sha256') {
    return finishDigest((0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)(algorithm).update(bytes), algorithm);
}
/** The digest of everything a hash was fed; ends the hash. */
function finishDigest(hash, algorithm) {
    return `${algorithm}:${hash.digest('hex')}`;
}


/***/ }),

/***/ 2470:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   FO: () => (/* binding */ LAYOUT_CONTENT),
/* harmony export */   Hh: () => (/* binding */ indexJson),
/* harmony export */   K$: () => (/* binding */ INDEX_FILE),
/* harmony export */   M8: () => (/* binding */ CONTAINERD_NAME),
/* harmony export */   gI: () => (/* binding */ LAYOUT_FILE),
/* harmony export */   nD: () => (/* binding */ blobPath),
/* harmony export */   vh: () => (/* binding */ layoutIndex),
/* harmony export */   w5: () => (/* binding */ REF_NAME)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);
/* harmony import */ var _media_types_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4566);


/** The fixed files of an OCI image layout (image-spec v1.1, image-layout.md). */
const LAYOUT_FILE = 'oci-layout';
const LAYOUT_CONTENT = '{"imageLayoutVersion":"1.0.0"}';
const INDEX_FILE = 'index.json';
/** The annotation that names an entry of `index.json`: what skopeo and podman look for. */
const REF_NAME = 'org.opencontainers.image.ref.name';
/** The annotation containerd and Docker's containerd store take a whole image name from. */
const CONTAINERD_NAME = 'io.containerd.image.name';
/** Where a blob lies in a layout, relative to its root and with slashes: `blobs/sha256/<hex>`. */
function blobPath(digest) {
    return `blobs/${(0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .algorithmOf */ .Hy)(digest)}/${(0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .hexOf */ .ZD)(digest)}`;
}
/**
 * The content of `index.json`: a valid index with an entry a name, sorted by name, so that equal entries give equal
 * bytes. Annotations of the targets are left out: names come from the user alone, never from what was pulled.
 */
function layoutIndex(entries) {
    const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    return indexJson(sorted.map(({ name, target }) => ({ ...target, annotations: { [REF_NAME]: name } })));
}
/** An OCI index over these manifests, in this order, with their platforms and annotations (image-spec v1.1, image-index.md). */
function indexJson(manifests) {
    return JSON.stringify({ schemaVersion: 2, mediaType: _media_types_js__WEBPACK_IMPORTED_MODULE_1__/* .OCI_INDEX */ .$p, manifests: manifests.map(toJson) });
}
function toJson({ mediaType, digest, size, platform, artifactType, annotations }) {
    return { mediaType, digest, size, platform: platform && platformToJson(platform), artifactType, annotations };
}
function platformToJson({ os, architecture, variant, osVersion, osFeatures }) {
    return { architecture, os, 'os.version': osVersion, 'os.features': osFeatures, variant };
}


/***/ }),

/***/ 1358:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  bi: () => (/* binding */ MAX_DOCUMENT_BYTES),
  S0: () => (/* binding */ inlineData),
  Tp: () => (/* binding */ parseDocument)
});

// EXTERNAL MODULE: ./node_modules/valibot/dist/index.mjs
var dist = __webpack_require__(7934);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/oci/descriptor-json.js
var descriptor_json = __webpack_require__(6740);
// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
;// CONCATENATED MODULE: ./build/oci/member-names.js

/** Members that the documents of a registry, their descriptors and platforms have (image-spec v1.1; Docker image manifest version 2). */
const MEMBERS = new Map([
    ...['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'manifests', 'subject', 'annotations'],
    ...['fsLayers', 'signatures', 'digest', 'size', 'urls', 'data', 'platform'],
    ...['os', 'architecture', 'variant', 'os.version', 'os.features'],
].map((name) => [folded(name), name]));
/**
 * A member of a manifest or index that readers in Go, which overlook case, take for another one (`Layers` for `layers`), so that they see another image; undefined if
 * there is none. Annotations and what no specification names are not looked into.
 */
function doubleMember(document) {
    const children = [document.layers, document.manifests].flatMap(records/* asArray */._j);
    const descriptors = [document.config, ...children].filter(records/* isRecord */.u4);
    const platforms = descriptors.map(({ platform }) => platform).filter(records/* isRecord */.u4);
    for (const each of [document, ...descriptors, ...platforms]) {
        for (const name of Object.keys(each)) {
            const meant = MEMBERS.get(folded(name)) ?? name;
            if (meant !== name)
                return { name, meant };
        }
    }
    return undefined;
}
/** As Go folds names: ſ is an s, and the sign of Kelvin a k. */
function folded(name) {
    return name.toUpperCase().toLowerCase();
}

// EXTERNAL MODULE: ./build/oci/untrusted-json.js
var untrusted_json = __webpack_require__(1363);
;// CONCATENATED MODULE: ./build/oci/manifest.js








/** What registries take and clients read (containerd, containers/image, oras): 4 MiB. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** Far beyond what runs (overlay2 stacks 128), far below what hurts. */
const MAX_LAYERS = 1000;
const MAX_MANIFESTS = 10_000;
/** Content types that say nothing about a document: what it is must be read from the JSON. */
const SILENT_TYPES = ['', 'text/plain', 'application/json', 'application/octet-stream', 'binary/octet-stream'];
const manifestSchema = dist/* object */.Ikc({
    artifactType: dist/* nullish */.cl6(dist/* string */.YjP()),
    config: descriptor_json/* descriptorSchema */.TM,
    // Go writes an empty list as null.
    layers: dist/* nullable */.mee(dist/* array */.YOg(descriptor_json/* descriptorSchema */.TM, (0,untrusted_json/* expected */.p6)('a list of layers')), []),
});
const indexSchema = dist/* object */.Ikc({ manifests: dist/* nullable */.mee(dist/* array */.YOg(descriptor_json/* descriptorSchema */.TM, (0,untrusted_json/* expected */.p6)('a list of manifests')), []) });
/**
 * The document as a manifest or an index, its media type the true one also where Content-Type says nothing. Throws
 * MANIFEST_INVALID, with what was expected and found, if it is larger than 4 MiB, is not JSON, contradicts its
 * Content-Type or itself (CVE-2021-41190), is of schema 1 or unknown, or has a descriptor without a well-formed digest
 * and size; also beyond 1000 layers or 10,000 manifests. Children of unknown types are kept.
 */
function parseDocument(document, subject) {
    const { byteLength } = document.bytes;
    if (byteLength > MAX_DOCUMENT_BYTES) {
        throw invalid(subject, `expected at most ${MAX_DOCUMENT_BYTES} bytes, found ${byteLength}`);
    }
    const contentType = (0,media_types/* bareType */.Hf)(document.mediaType);
    if ((0,media_types/* isSchema1Type */.hy)(contentType))
        throw schema1(subject);
    const json = (0,untrusted_json/* decodeObject */.gv)(document.bytes, subject);
    const double = doubleMember(json);
    if (double) {
        const reason = `has a member named "${(0,clean/* clean */.uH)(double.name, 100)}", which some readers take for "${double.meant}"`;
        throw invalid(subject, reason, HYBRID);
    }
    const mediaType = mediaTypeOf(json, contentType, subject);
    if ((0,media_types/* isIndexType */.$U)(mediaType)) {
        refuse(json, ['config', 'layers', 'fsLayers'], 'an index', subject);
        atMost(json.manifests, MAX_MANIFESTS, 'manifests', subject);
        const { manifests } = (0,untrusted_json/* readJson */.Vh)(indexSchema, json, subject);
        return { kind: 'index', mediaType, manifests: manifests.map(descriptor_json/* toDescriptor */.RU) };
    }
    refuse(json, ['manifests', 'fsLayers'], 'an image manifest', subject);
    atMost(json.layers, MAX_LAYERS, 'layers', subject);
    const { artifactType, config, layers } = (0,untrusted_json/* readJson */.Vh)(manifestSchema, json, subject);
    return {
        kind: 'manifest',
        mediaType,
        ...(artifactType ? { artifactType } : {}),
        config: (0,descriptor_json/* toDescriptor */.RU)(config),
        layers: layers.map(descriptor_json/* toDescriptor */.RU),
    };
}
/** Blobs that everybody knows: the empty JSON object of artifacts (image-spec v1.1, manifest.md), and Docker's layer of no files. */
const WELL_KNOWN = {
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a': 'e30=',
    'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4': 'H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=',
};
/**
 * The blob that the descriptor carries inline (image-spec v1.1, descriptor.md, "data"), or that everybody knows by its digest; undefined unless size and
 * digest agree.
 */
function inlineData({ data: given, digest, size }) {
    const data = given ?? (Object.hasOwn(WELL_KNOWN, digest) ? WELL_KNOWN[digest] : undefined);
    if (data === undefined || data.length > 2 * MAX_DOCUMENT_BYTES)
        return undefined;
    const bytes = Buffer.from(data, 'base64');
    return bytes.byteLength === size && (0,oci_digest/* digestOf */.ol)(bytes, (0,oci_digest/* algorithmOf */.Hy)(digest)) === digest ? bytes : undefined;
}
/** One of the four types we read; what the JSON says must not contradict Content-Type. */
function mediaTypeOf(json, contentType, subject) {
    const { mediaType: inside, schemaVersion } = json;
    if (isGiven(inside) && typeof inside !== 'string')
        throw invalid(subject, 'mediaType: expected text');
    const claimed = typeof inside === 'string' ? inside : '';
    if ((0,media_types/* isSchema1Type */.hy)(claimed) || schemaVersion === 1 || isGiven(json.signatures))
        throw schema1(subject);
    if (isGiven(schemaVersion) && schemaVersion !== 2)
        throw invalid(subject, 'schemaVersion: expected 2');
    const told = SILENT_TYPES.includes(contentType) ? '' : contentType;
    if (told !== '' && claimed !== '' && told !== claimed) {
        throw invalid(subject, `Content-Type and mediaType must agree: expected ${(0,clean/* clean */.uH)(told, 100)}, found ${(0,clean/* clean */.uH)(claimed, 100)}`);
    }
    const mediaType = told || claimed || sniff(json, subject);
    if ((0,media_types/* isIndexType */.$U)(mediaType) || (0,media_types/* isManifestType */.Q3)(mediaType))
        return mediaType;
    throw invalid(subject, `expected an image manifest or index, found ${(0,clean/* clean */.uH)(mediaType, 100)}`, 'Check the reference: what it names is not a container image.');
}
/** Documents of OCI 1.0 need not name their type, Docker's must. */
function sniff(json, subject) {
    if (isGiven(json.manifests))
        return media_types/* OCI_INDEX */.$p;
    if (isGiven(json.config))
        return media_types/* OCI_MANIFEST */.EG;
    if (isGiven(json.fsLayers))
        throw schema1(subject);
    const members = Object.keys(json).slice(0, 10).join(', ');
    throw invalid(subject, `expected an image manifest or index, found ${members === '' ? 'an empty object' : (0,clean/* clean */.uH)(`members ${members}`, 200)}`);
}
function refuse(json, members, what, subject) {
    const stray = members.find((member) => isGiven(json[member]));
    if (stray === undefined)
        return;
    throw invalid(subject, `expected ${what}, found one with "${stray}" too`, HYBRID);
}
const HYBRID = 'Such a document means different things to different readers (CVE-2021-41190): have the image pushed again.';
function isGiven(value) {
    return value !== undefined && value !== null;
}
function atMost(list, most, what, subject) {
    if (Array.isArray(list) && list.length > most) {
        throw invalid(subject, `expected at most ${most} ${what}, found ${list.length}`);
    }
}
function schema1(subject) {
    const reason = 'expected an image manifest or index, found Docker image manifest version 2, schema 1, which Docker no longer supports';
    const hint = 'Ask the author to push the image again with a current tool: https://docs.docker.com/go/deprecated-image-specs/';
    return invalid(subject, reason, hint);
}
function invalid(subject, reason, hint) {
    return new errors/* PullError */.YX('MANIFEST_INVALID', subject, reason, { hint });
}


/***/ }),

/***/ 4566:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $U: () => (/* binding */ isIndexType),
/* harmony export */   $p: () => (/* binding */ OCI_INDEX),
/* harmony export */   BQ: () => (/* binding */ OCI_LAYER_GZIP),
/* harmony export */   EG: () => (/* binding */ OCI_MANIFEST),
/* harmony export */   Hf: () => (/* binding */ bareType),
/* harmony export */   Ky: () => (/* binding */ isImageConfigType),
/* harmony export */   Q3: () => (/* binding */ isManifestType),
/* harmony export */   TF: () => (/* binding */ OCI_CONFIG),
/* harmony export */   dY: () => (/* binding */ MANIFEST_ACCEPT),
/* harmony export */   e6: () => (/* binding */ DOCKER_CONFIG),
/* harmony export */   hy: () => (/* binding */ isSchema1Type),
/* harmony export */   m: () => (/* binding */ OCI_LAYER_TAR)
/* harmony export */ });
/* unused harmony exports DOCKER_LIST, DOCKER_MANIFEST */
/** The media types of image-spec v1.1 and of Docker's image manifest version 2, schema 2. */
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER_TAR = 'application/vnd.oci.image.layer.v1.tar';
const OCI_LAYER_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_SCHEMA_1 = [
    'application/vnd.docker.distribution.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
];
/** What a manifest request accepts: indexes too, or Docker Hub answers with the digest of one platform. */
const MANIFEST_ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, '*/*'].join(', ');
const isIndexType = (type) => type === OCI_INDEX || type === DOCKER_LIST;
const isManifestType = (type) => type === OCI_MANIFEST || type === DOCKER_MANIFEST;
const isSchema1Type = (type) => DOCKER_SCHEMA_1.includes(type);
/** Config types an engine can run; the last four are what old builders wrote (distribution#1621). */
const IMAGE_CONFIGS = [OCI_CONFIG, DOCKER_CONFIG, 'application/octet-stream', 'application/json', 'text/html', ''];
const isImageConfigType = (type) => IMAGE_CONFIGS.includes(type);
/** A Content-Type without its parameters, in lower case. */
function bareType(contentType) {
    return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}


/***/ }),

/***/ 2831:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  xV: () => (/* binding */ choosePlatform),
  $9: () => (/* binding */ describedBy),
  H3: () => (/* binding */ isAttestation),
  V9: () => (/* binding */ matchesStrict)
});

// UNUSED EXPORTS: matchesOnly, platformVector, rankPlatforms

// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/platform.js
var oci_platform = __webpack_require__(4647);
;// CONCATENATED MODULE: ./build/oci/windows-version.js
/** The Windows Server releases whose containers later hosts still run. */
const WINDOWS_LTSC = [20348, 26100];
/**
 * True if a host of one Windows version runs containers of the other (Microsoft, "Windows container version
 * compatibility"): before Server 2022 the builds are equal; from then on a host also runs what came since the LTSC
 * before its own. A version that is not said excludes nothing.
 */
function runsWindows(hostVersion, imageVersion) {
    const host = windowsVersion(hostVersion);
    if (host === undefined || imageVersion === undefined)
        return true;
    const image = windowsVersion(imageVersion);
    if (image === undefined || image.major !== host.major || image.minor !== host.minor)
        return false;
    const own = WINDOWS_LTSC.findLastIndex((build) => build <= host.build);
    if (own < 0)
        return image.build === host.build;
    return image.build <= host.build && image.build >= (WINDOWS_LTSC[Math.max(own - 1, 0)] ?? 0);
}
/** Major, minor and build of `10.0.20348.2227`; undefined for anything else. */
function windowsVersion(text) {
    const [, major, minor, build] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,5})(?:\.|$)/.exec(text ?? '') ?? [];
    return build === undefined ? undefined : { major: Number(major), minor: Number(minor), build: Number(build) };
}
/** Which of two dotted versions is newer: positive if the first. What is no number counts as 0. */
function compareVersions(first, second) {
    const [a, b] = [first.split('.').map(Number), second.split('.').map(Number)];
    const differences = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] || 0) - (b[at] || 0));
    return differences.find((difference) => difference !== 0) ?? 0;
}

;// CONCATENATED MODULE: ./build/oci/platform-match.js



const ATTESTATION = 'attestation-manifest';
const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';
/**
 * True for what stands in an index beside the images and describes them (BuildKit, "Image attestation storage"): never
 * a candidate.
 */
function isAttestation({ platform, annotations }) {
    return annotations?.[REFERENCE_TYPE] === ATTESTATION || (platform !== undefined && isUnknown(platform));
}
/** The manifest that an attestation speaks of (BuildKit, as above); undefined for anything else. */
function describedBy(descriptor) {
    const digest = isAttestation(descriptor) ? descriptor.annotations?.[REFERENCE_DIGEST] : undefined;
    return digest !== undefined && (0,oci_digest/* isDigest */.Bc)(digest) ? digest : undefined;
}
/**
 * What a machine of the wanted platform runs, best first (containerd/platforms, Only): `amd64/v3` also `v2`, `v1` and
 * `386`; `arm64/v9.1` also `v9`, `v8.6` down to `v8`, and `arm/v8` to `v5`; `arm/v7` also `v6` and `v5`. All
 * normalized.
 */
function platformVector(wanted) {
    const self = (0,oci_platform/* normalizePlatform */.FL)(wanted);
    const others = fallbacks(self.architecture, self.variant ?? '');
    return [self, ...others.map(([architecture, variant]) => (0,oci_platform/* normalizePlatform */.FL)({ ...self, architecture, variant }))];
}
/**
 * True if a machine of the wanted platform runs the candidate, also in a compatibility mode (containerd/platforms,
 * Only).
 */
function matchesOnly(wanted, candidate) {
    return matches(platformVector(wanted), candidate);
}
/** True if the candidate is the wanted platform, however it is spelled (containerd/platforms, OnlyStrict). */
function matchesStrict(wanted, candidate) {
    return matches([(0,oci_platform/* normalizePlatform */.FL)(wanted)], candidate);
}
/**
 * The candidates in containerd's order: by place in the vector, then more OS features first, then (where the wanted
 * Windows version is known) the newer version, then as given; what would match but for its OS features comes next, then
 * the rest, and last what has no platform.
 */
function rankPlatforms(candidates, platformOf, wanted, { strict }) {
    const vector = strict ? [(0,oci_platform/* normalizePlatform */.FL)(wanted)] : platformVector(wanted);
    const byVersion = vector[0]?.os === 'windows' && vector[0].osVersion !== undefined;
    return candidates
        .map((candidate) => ({ candidate, rank: rankOf(vector, platformOf(candidate)) }))
        .sort((a, b) => compare(a.rank, b.rank, byVersion))
        .map(({ candidate }) => candidate);
}
/**
 * The candidate containerd would take for the wanted platform; failing that the first that has no platform, whose
 * config the caller must check; undefined if there is neither. `unknown/unknown` is never taken.
 */
function choosePlatform(candidates, platformOf, wanted, choice) {
    const fits = choice.strict ? matchesStrict : matchesOnly;
    const ranked = rankPlatforms(candidates, platformOf, wanted, choice);
    return ranked.find((candidate) => {
        const platform = platformOf(candidate);
        return platform === undefined || (!isUnknown(platform) && fits(wanted, platform));
    });
}
function isUnknown({ os, architecture }) {
    return os === 'unknown' && architecture === 'unknown';
}
function fallbacks(architecture, variant) {
    // One digit only: a variant is somebody's text, and no CPU has more.
    const [, major = '', minor = '0'] = /^v?(\d)(?:\.(\d))?$/.exec(variant) ?? [];
    switch (architecture) {
        case 'amd64':
            return [...down('amd64', 'v', Number(major) - 1, 1), ['386', '']];
        case 'arm':
            return down('arm', 'v', Number(major) - 1, 5);
        case 'arm64':
            return [
                ...arm64Fallbacks(variant === '' ? 8 : Number(major), Number(minor)),
                ...armFallbacks(variant, Number(major)),
            ];
        default:
            return [];
    }
}
/** v9.x is v8.(x+5) and more; the v8 line ends at v8.9. */
function arm64Fallbacks(major, minor) {
    if (major === 9)
        return [...down('arm64', 'v9.', minor - 1, 0), ...down('arm64', 'v8.', Math.min(minor + 5, 9), 0)];
    return major === 8 ? down('arm64', 'v8.', minor - 1, 0) : [];
}
/** Every 64-bit ARM from v8 on may run 32-bit ARM v8 and less. */
function armFallbacks(variant, major) {
    const highest = variant === '' || major >= 8 ? 8 : major;
    return down('arm', 'v', highest, 5);
}
function down(architecture, prefix, from, to) {
    return Array.from({ length: Math.max(from - to + 1, 0) }, (_, step) => [architecture, `${prefix}${from - step}`]);
}
function rankOf(vector, platform) {
    if (platform === undefined)
        return { tier: 3, place: 0, features: 0, version: '' };
    const candidate = (0,oci_platform/* normalizePlatform */.FL)(platform);
    const version = candidate.osVersion ?? '';
    const place = vector.findIndex((host) => runs(host, candidate));
    if (place >= 0)
        return { tier: 0, place, features: featuresOf(candidate).length, version };
    const bare = vector.findIndex((host) => runs(host, { ...candidate, osFeatures: [] }));
    return { tier: bare >= 0 ? 1 : 2, place: bare, features: 0, version };
}
function compare(a, b, byVersion) {
    const rest = byVersion && a.tier === 0 ? compareVersions(b.version, a.version) : 0;
    return a.tier - b.tier || a.place - b.place || b.features - a.features || rest;
}
function matches(vector, candidate) {
    const image = (0,oci_platform/* normalizePlatform */.FL)(candidate);
    return vector.some((host) => runs(host, image));
}
/** Both normalized. */
function runs(host, image) {
    return (host.os === image.os &&
        host.architecture === image.architecture &&
        (host.variant ?? '') === (image.variant ?? '') &&
        (host.os !== 'windows' || runsWindows(host.osVersion, image.osVersion)) &&
        featuresOf(image).every((feature) => host.osFeatures?.includes(feature)));
}
/** Without `win32k`, which Nano Server lacks and every Windows host has. */
function featuresOf({ os, osFeatures = [] }) {
    return os === 'windows' ? osFeatures.filter((feature) => feature !== 'win32k') : osFeatures;
}


/***/ }),

/***/ 4647:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bq: () => (/* binding */ formatPlatform),
/* harmony export */   FL: () => (/* binding */ normalizePlatform),
/* harmony export */   Y8: () => (/* binding */ parsePlatform),
/* harmony export */   ol: () => (/* binding */ hostPlatform)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);


// What Go names (go/build/syslist.go), as containerd/platforms lists it.
const KNOWN_OS = 'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(' ');
const KNOWN_ARCHITECTURES = ('386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ' +
    'ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm').split(' ');
/** Node's names that are not Go's. */
const NODE_ARCHITECTURES = {
    x64: 'amd64',
    ia32: '386',
    ppc64: 'ppc64le',
    mipsel: 'mipsle',
};
const OS_PART = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;
const PART = /^[A-Za-z0-9_.-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const HINT = 'Write os/architecture or os/architecture/variant, such as linux/amd64, linux/arm64 or linux/arm/v7.';
/**
 * What containers on this machine run unless an engine says otherwise: `windows` on Windows, else `linux` (macOS runs
 * them in a VM).
 */
function hostPlatform(os = process.platform, architecture = process.arch) {
    return { os: os === 'win32' ? 'windows' : 'linux', architecture: NODE_ARCHITECTURES[architecture] ?? architecture };
}
/**
 * A platform specifier as containerd reads it (containerd/platforms, Parse): `os`, `architecture`, `os/architecture` or
 * `os/architecture/variant`, where the OS may carry its version and features, as in `windows(10.0.20348+win32k)/amd64`.
 * What is left out is taken from `host`. Throws PLATFORM_INVALID.
 */
function parsePlatform(text, host = hostPlatform()) {
    if (text.includes('*'))
        throw invalid(text, 'wildcards are not supported');
    const [first = '', second, third, ...more] = text.split('/');
    const [, osName, version = '', features = ''] = OS_PART.exec(first) ?? [];
    const parts = [second, third].filter((part) => part !== undefined);
    if (osName === undefined || more.length > 0 || !parts.every((part) => PART.test(part))) {
        throw invalid(text, 'expected os[/architecture[/variant]]');
    }
    const os = normalizeOs(osName);
    const options = {
        osVersion: decode(text, version),
        osFeatures: features
            .split('+')
            .slice(1)
            .map((feature) => decode(text, feature)),
    };
    if (second === undefined)
        return completed(text, first, { os, ...options }, host);
    const [architecture, variant] = normalizeCpu(second, third ?? '');
    if (third === undefined)
        return platform({ os, architecture, variant: usualVariant(architecture, variant), ...options });
    return platform({ os, architecture, variant: architecture === 'arm64' ? variant || 'v8' : variant, ...options });
}
/**
 * The same platform in containerd's one spelling (Normalize): `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is
 * `arm/v7`; features sorted.
 */
function normalizePlatform(given) {
    const [architecture, variant] = normalizeCpu(given.architecture, given.variant ?? '');
    const osFeatures = [...new Set(given.osFeatures)].sort();
    return platform({ os: normalizeOs(given.os), architecture, variant, osVersion: given.osVersion, osFeatures });
}
/**
 * The platform as text that `parsePlatform` reads back, with OS version and features (containerd/platforms, FormatAll).
 */
function formatPlatform({ os, architecture, variant = '', osVersion = '', osFeatures = [] }) {
    if (os === '')
        return 'unknown';
    const options = encode(osVersion) +
        [...osFeatures]
            .sort()
            .map((feature) => `+${encode(feature)}`)
            .join('');
    return [options === '' ? os : `${os}(${options})`, architecture, variant].filter((part) => part !== '').join('/');
}
function completed(text, word, given, host) {
    if (KNOWN_OS.includes(given.os)) {
        const [architecture, variant] = normalizeCpu(host.architecture, host.variant ?? '');
        return platform({
            ...given,
            architecture,
            variant: architecture === 'arm' ? usualVariant(architecture, variant) : '',
        });
    }
    const [architecture, variant] = normalizeCpu(word, '');
    if (!KNOWN_ARCHITECTURES.includes(architecture))
        throw invalid(text, 'unknown operating system or architecture');
    return platform({ ...given, os: host.os, architecture, variant: usualVariant(architecture, variant) });
}
/** `arm` alone is written without the variant it means. */
function usualVariant(architecture, variant) {
    return architecture === 'arm' && variant === 'v7' ? '' : variant;
}
function normalizeOs(os) {
    const name = os.toLowerCase();
    return name === 'macos' ? 'darwin' : name;
}
function normalizeCpu(givenArchitecture, givenVariant) {
    const architecture = givenArchitecture.toLowerCase();
    const variant = givenVariant.toLowerCase();
    switch (architecture) {
        case 'i386':
            return ['386', ''];
        case 'x86_64':
        case 'x86-64':
        case 'amd64':
            return ['amd64', variant === 'v1' ? '' : variant];
        case 'aarch64':
        case 'arm64':
            if (['8', 'v8', 'v8.0'].includes(variant))
                return ['arm64', ''];
            return ['arm64', ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant];
        case 'armhf':
            return ['arm', 'v7'];
        case 'armel':
            return ['arm', 'v6'];
        case 'arm':
            return ['arm', variant === '' ? 'v7' : variant.replace(/^[5-8]$/, 'v$&')];
        default:
            return [architecture, variant];
    }
}
/** A platform without the members that say nothing. */
function platform({ os, architecture, variant, osVersion, osFeatures }) {
    return {
        os,
        architecture,
        ...(variant ? { variant } : {}),
        ...(osVersion ? { osVersion } : {}),
        ...(osFeatures && osFeatures.length > 0 ? { osFeatures } : {}),
    };
}
function encode(option) {
    return option.replace(/[%+()/]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
function decode(text, option) {
    try {
        const value = decodeURIComponent(option);
        if (PRINTABLE.test(value))
            return value;
    }
    catch {
        // Said below, like what decodes to something that cannot be printed.
    }
    throw invalid(text, `invalid OS version or feature ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(option, 100)}`);
}
function invalid(text, reason) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('PLATFORM_INVALID', text === '' ? '""' : (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(text, 200), reason, { hint: HINT });
}


/***/ }),

/***/ 907:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ew: () => (/* binding */ canonicalName),
/* harmony export */   F2: () => (/* binding */ parseReference),
/* harmony export */   Ys: () => (/* binding */ canonicalReference),
/* harmony export */   ZD: () => (/* binding */ familiarReference),
/* harmony export */   _t: () => (/* binding */ withDefaultTag),
/* harmony export */   dz: () => (/* binding */ isTag),
/* harmony export */   hG: () => (/* binding */ familiarName)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _lib_redact_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1059);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1564);




const HUB = 'docker.io';
const HUB_OF_OLD = 'index.docker.io';
const OFFICIAL = 'library/';
const DEFAULT_TAG = 'latest';
/** Of the path alone: the host does not count (distribution/reference v0.6). */
const PATH_LIMIT = 255;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^(?:(${HOST})/)?(${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const WHOLE_TAG = new RegExp(`^${TAG}$`);
const IMAGE_ID = /^[a-f0-9]{64}$/;
const FORM = 'Write name, name:tag or name@sha256:<64 hex digits>, such as redis:7 or ghcr.io/owner/image:main.';
/**
 * Text as Docker reads it (distribution/reference, ParseNormalizedNamed): `redis` is `docker.io/library/redis`, and no
 * default tag is added. Throws REFERENCE_INVALID with Docker's words for anything else, for `scratch`, and for a digest
 * that is not sha256 or sha512.
 *
 *     reference = [ host "/" ] path [ ":" tag ] [ "@" digest ]
 *     host      = ( label *( "." label ) / "[" IPv6 address "]" ) [ ":" 1*DIGIT ]
 *     label     = letters, digits and "-", a "-" neither first nor last
 *     path      = component *( "/" component )               at most 255 characters, "library/" included
 *     component = 1*( a-z / 0-9 ), joined by ".", "_", "__" or 1*"-"
 *     tag       = ( word character ) *127( word character / "." / "-" )
 *     digest    = algorithm ":" 32*( hex digit )
 *
 * What stands before the first slash is a host if it has a dot, a colon or an upper-case letter, or is `localhost`;
 * else the host is `docker.io`.
 */
function parseReference(text) {
    if (IMAGE_ID.test(text)) {
        const hint = 'To pull by digest write name@sha256:<64 hex digits>.';
        throw invalid(text, `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`, hint);
    }
    const { domain, rest } = splitDomain(text);
    const name = rest.split(':', 1)[0] ?? '';
    if (name !== name.toLowerCase()) {
        throw invalid(text, `invalid reference format: repository name (${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(name, 200)}) must be lowercase`, 'Write the name in lower case.');
    }
    const [, host, path, tag, digest] = match(text, `${domain}/${rest}`);
    if (host === undefined || path === undefined) {
        throw invalid(text, `invalid reference format: ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)((0,_lib_redact_js__WEBPACK_IMPORTED_MODULE_3__/* .redactLogin */ .t6)(domain), 200)} is not a host name`, FORM);
    }
    if (path.length > PATH_LIMIT) {
        throw invalid(text, `repository name must not be more than ${PATH_LIMIT} characters`, FORM);
    }
    if (host === HUB && path === `${OFFICIAL}scratch`) {
        throw invalid(text, "'scratch' is a reserved name", 'It stands for the empty image in a Dockerfile: there is nothing to pull.');
    }
    return {
        domain: host,
        path,
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest: readDigest(text, digest) }),
    };
}
/** True if the text is a tag (distribution-spec v1.1, "Pulling manifests"). */
function isTag(text) {
    return WHOLE_TAG.test(text);
}
/** The reference with the tag `latest` where it has neither tag nor digest. */
function withDefaultTag(reference) {
    return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}
/**
 * The name as Docker prints it, without `docker.io/` and `library/`. As with Docker, odd Hub names lose their host that
 * way (`docker.io/a.b/c` becomes `a.b/c`): identity is what `canonicalName` says.
 */
function familiarName(repository) {
    if (repository.domain !== HUB)
        return canonicalName(repository);
    const { path } = repository;
    return path.startsWith(OFFICIAL) && !path.includes('/', OFFICIAL.length) ? path.slice(OFFICIAL.length) : path;
}
/** The reference as Docker prints it: `redis:7`, `ghcr.io/o/r:main@sha256:…`. */
function familiarReference(reference) {
    return familiarName(reference) + suffix(reference);
}
/** The full name, one for each repository: `docker.io/library/redis`. */
function canonicalName(repository) {
    return `${repository.domain}/${repository.path}`;
}
/** The full reference, which `parseReference` reads back as it was: `docker.io/library/redis:7@sha256:…`. */
function canonicalReference(reference) {
    return canonicalName(reference) + suffix(reference);
}
function suffix({ tag, digest }) {
    return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
function splitDomain(text) {
    const slash = text.indexOf('/');
    const first = text.slice(0, Math.max(slash, 0));
    const isHost = slash >= 0 && (first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase());
    const domain = !isHost || first === HUB_OF_OLD ? HUB : first;
    const rest = isHost ? text.slice(slash + 1) : text;
    return { domain, rest: domain === HUB && !rest.includes('/') ? OFFICIAL + rest : rest };
}
function match(text, full) {
    const found = REFERENCE.exec(full);
    if (found !== null)
        return found;
    if (REFERENCE.test(full.toLowerCase())) {
        throw invalid(text, 'repository name must be lowercase', 'Write the name in lower case.');
    }
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? 'Leave out the scheme. ' : '';
    throw invalid(text, 'invalid reference format', scheme + FORM);
}
function readDigest(text, digest) {
    if ((0,_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .isDigest */ .Bc)(digest))
        return digest;
    const algorithm = digest.slice(0, digest.indexOf(':'));
    const lengths = { sha256: 64, sha512: 128 };
    const expected = Object.hasOwn(lengths, algorithm) ? lengths[algorithm] : undefined;
    if (expected === undefined) {
        throw invalid(text, `unsupported digest algorithm ${algorithm}, expected sha256 or sha512`, FORM);
    }
    const found = digest.length - algorithm.length - 1;
    const reason = found === expected
        ? 'invalid checksum digest format: expected lower-case hex digits'
        : `invalid checksum digest length: expected ${expected} hex digits, found ${found}`;
    throw invalid(text, reason, FORM);
}
function invalid(text, reason, hint) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('REFERENCE_INVALID', text === '' ? '""' : (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)((0,_lib_redact_js__WEBPACK_IMPORTED_MODULE_3__/* .redactLogin */ .t6)(text), 300), reason, { hint });
}


/***/ }),

/***/ 1363:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Vh: () => (/* binding */ readJson),
/* harmony export */   gv: () => (/* binding */ decodeObject),
/* harmony export */   p6: () => (/* binding */ expected)
/* harmony export */ });
/* harmony import */ var valibot__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7934);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _lib_records_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9146);
/* harmony import */ var _lib_redact_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1059);





/**
 * The one JSON object the bytes hold (UTF-8 without a byte order mark, RFC 8259), parsed once; throws MANIFEST_INVALID
 * for anything else.
 */
function decodeObject(bytes, subject) {
    let value;
    try {
        value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    }
    catch (cause) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('MANIFEST_INVALID', subject, `expected JSON, found ${quote(bytes)}`, { cause });
    }
    if ((0,_lib_records_js__WEBPACK_IMPORTED_MODULE_2__/* .isRecord */ .u4)(value))
        return value;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('MANIFEST_INVALID', subject, `expected a JSON object, found ${quote(bytes)}`);
}
/** The value as the schema has it; throws MANIFEST_INVALID that names the first member that is wrong. */
function readJson(schema, value, subject) {
    const result = valibot__WEBPACK_IMPORTED_MODULE_3__/* .safeParse */ .xLC(schema, value, { abortEarly: true, abortPipeEarly: true });
    if (result.success)
        return result.output;
    const [issue] = result.issues;
    const member = valibot__WEBPACK_IMPORTED_MODULE_3__/* .getDotPath */ .BuJ(issue) ?? 'document';
    const reason = issue.received === 'undefined' ? `expected ${member}, found nothing` : `${member}: ${issue.message}`;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('MANIFEST_INVALID', subject, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(reason, 400));
}
/** The message of a schema: `expected a digest, found "sha1:…"`. */
function expected(what) {
    return ({ received }) => `expected ${what}, found ${received}`;
}
function quote(bytes) {
    if (bytes.byteLength === 0)
        return 'nothing';
    return JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)((0,_lib_redact_js__WEBPACK_IMPORTED_MODULE_4__/* .redactText */ .Rd)(new TextDecoder().decode(bytes.subarray(0, 60)))));
}


/***/ }),

/***/ 2899:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   C: () => (/* binding */ expandTags),
/* harmony export */   Z: () => (/* binding */ tooManyTags)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(177);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(907);
/* harmony import */ var _locked_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1846);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1682);





/**
 * Under `all-tags` one wanted image for each tag that the filter takes, keyed `<as written>:<tag>`; else the request's own images. With a lock file the tags are those it
 * has, with its digests. A repository whose tags cannot be listed, match nothing, or are more than `max-tags` becomes one failed image.
 */
async function expandTags(run) {
    if (!run.request.allTags)
        return run.request.images;
    const expanded = await Promise.all(run.request.images.map((image) => expand(image, run)));
    // A file may name a tag that its repository has among all others.
    return [...new Map(expanded.flat().map((image) => [image.key, image])).values()];
}
async function expand(image, run) {
    // What a file names has a tag: all-tags is for images.
    if ('error' in image || image.reference.tag !== undefined || image.reference.digest !== undefined)
        return [image];
    const { key, reference } = image;
    const { lock } = run.request;
    const { registry, chooseTags, report } = run.ports;
    try {
        const listed = lock
            ? (0,_locked_js__WEBPACK_IMPORTED_MODULE_2__/* .lockedTags */ .QK)(reference, lock)
            : await run.gate(reference.domain)(() => registry.tags(reference));
        const taken = chooseTags(listed);
        report({ type: 'tags', key, listed: listed.length, taken: taken.length });
        refuseOdd((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .familiarName */ .hG)(reference), listed.length, taken.length, run);
        return taken.map((tag) => ({
            key: `${key}:${tag}`,
            reference: { domain: reference.domain, path: reference.path, tag, ...lockedDigest(reference, tag, lock) },
        }));
    }
    catch (error) {
        return [{ key, error: (0,_run_js__WEBPACK_IMPORTED_MODULE_3__/* .failureOf */ .g)(error, key) }];
    }
}
function lockedDigest({ domain, path }, tag, lock) {
    const digest = lock?.get((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .canonicalReference */ .Ys)({ domain, path, tag }))?.digest;
    return digest ? { digest } : {};
}
function refuseOdd(name, listed, taken, run) {
    const { tags, maxTags, lock } = run.request;
    if (taken === 0) {
        const filter = tags.length > 0 ? ` and none matches ${tags.join(' ')}` : '';
        const [who, nothing] = lock
            ? ['the lock file has', 'Write it anew with update-lock: true.']
            : ['the registry lists', 'Check the name of the repository.'];
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('NO_TAGS', name, `${who} ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(listed, 'tag')}${filter}`, {
            hint: listed === 0 ? nothing : 'Check the patterns in tags.',
        });
    }
    if (taken > maxTags)
        throw tooManyTags(name, `pull ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(taken, 'tag')}`, taken, maxTags);
}
/** TOO_MANY_TAGS about what `all-tags` would do (`pull 200 tags`), with what to do instead. */
function tooManyTags(name, would, found, allowed) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('TOO_MANY_TAGS', name, `all-tags would ${would}, max-tags allows ${allowed}`, {
        hint: `Narrow them with tags, or set max-tags: ${found}.`,
    });
}


/***/ }),

/***/ 9365:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B3: () => (/* binding */ tagPrefix),
/* harmony export */   HS: () => (/* binding */ parseTagKey),
/* harmony export */   PF: () => (/* binding */ blobName),
/* harmony export */   l7: () => (/* binding */ packKey),
/* harmony export */   n3: () => (/* binding */ layerKey)
/* harmony export */ });
/* unused harmony export tagKey */
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(907);


/** The format of entries: another format is another prefix, so that no version ever reads what another wrote. */
const PREFIX = 'pull-image-v1';
/** The name of a blob in keys and among an entry's files: `sha256-<hex>`. */
const blobName = (digest) => digest.replace(':', '-');
/** The entry of one large layer, whatever images share it. */
const layerKey = (digest) => `${PREFIX}-${blobName(digest)}`;
/** The entry of one image's documents, config and smaller layers; `asked` is the platform as the request had it, or `all`. */
const packKey = (target, asked) => `${PREFIX}-pack-${(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .hexOf */ .ZD)(target)}-${slug(asked)}`;
/** What the keys of all pointers of a tag begin with; the newest one is the tag's last known digest. */
const tagPrefix = (reference) => `${PREFIX}-tag-${(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .hexOf */ .ZD)((0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .digestOf */ .ol)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .canonicalReference */ .Ys)(reference)))}-`;
/** The key of a tag pointer: it says all there is to say, so that a look-up suffices. `at` in milliseconds since the epoch. */
const tagKey = (reference, digest, at) => `${tagPrefix(reference)}${Math.floor(at / 1000)}-${blobName(digest)}`;
/** What a tag pointer's key says; undefined if it is no pointer of this tag. `at` in milliseconds since the epoch. */
function parseTagKey(reference, key) {
    const prefix = tagPrefix(reference);
    const found = key.startsWith(prefix) ? /^(\d{1,12})-(sha\d+)-([0-9a-f]+)$/.exec(key.slice(prefix.length)) : null;
    const digest = found && `${found[2]}:${found[3]}`;
    return found && (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(digest) ? { digest, at: Number(found[1]) * 1000 } : undefined;
}
/** Keys may hold no comma, and a runner of another OS must come to the same text. */
const slug = (asked) => asked
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '');


/***/ }),

/***/ 9492:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   u: () => (/* binding */ documentsOf)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(7908);
/* harmony import */ var _oci_config_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4446);
/* harmony import */ var _oci_manifest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1358);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(907);
/* harmony import */ var _transfer_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5215);







/** Documents from the nearest place within reach: the store, an open pack of the cache, the registry. `given` came along with an earlier answer. */
function documentsOf(run, reach, given) {
    const { store, registry } = run.ports;
    const read = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_6__/* .once */ .Oo)();
    const configs = new Map();
    const absent = (repository, digest) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('NOT_HELD', (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarName */ .hG)(repository), `${digest} is not in the store${reach === 'store' ? '' : ' nor in the Actions cache'}`);
    async function find(repository, digest) {
        const bytes = await store.read(digest);
        if (bytes)
            return { mediaType: '', digest, bytes };
        const known = given.get(digest);
        if (known)
            return known;
        if (reach !== 'store' && (await run.packs.takeDocument(digest)))
            return find(repository, digest);
        if (reach !== 'registry')
            throw absent(repository, digest);
        const document = await run.gate(repository.domain)(() => registry.manifest(repository, digest));
        run.fetched.add(digest);
        return document;
    }
    async function configBytes(repository, config) {
        const inline = (0,_oci_manifest_js__WEBPACK_IMPORTED_MODULE_3__/* .inlineData */ .S0)(config);
        if (inline)
            return inline;
        const held = await store.read(config.digest);
        if (held)
            return held;
        if (config.size > MAX_CONFIG) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('MANIFEST_INVALID', (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarName */ .hG)(repository), `config of ${config.size} bytes, expected at most ${MAX_CONFIG}`);
        }
        if (reach === 'store' || (await run.packs.take(config)) === undefined) {
            if (reach !== 'registry')
                throw absent(repository, config.digest);
            await run.gate(repository.domain)(() => (0,_transfer_js__WEBPACK_IMPORTED_MODULE_5__/* .transfer */ .k)(config, repository, run));
        }
        const written = await store.read(config.digest);
        if (!written)
            throw absent(repository, config.digest);
        return written;
    }
    return {
        read: (repository, digest) => read(`${repository.domain}/${repository.path}@${digest}`, async () => {
            const document = await find(repository, digest);
            const content = (0,_oci_manifest_js__WEBPACK_IMPORTED_MODULE_3__/* .parseDocument */ .Tp)(document, `${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarName */ .hG)(repository)}@${digest}`);
            // Whose manifest had to be fetched lacks its layers, too.
            if ('layers' in content && run.fetched.has(digest))
                store.expect?.(content.layers);
            return { document: { ...document, mediaType: content.mediaType }, content };
        }),
        platform(repository, config) {
            const name = `${repository.domain}/${repository.path}`;
            const answers = configs.get(config.digest) ?? new Map();
            configs.set(config.digest, answers);
            const ask = async () => {
                const bytes = await configBytes(repository, config);
                return (0,_oci_config_js__WEBPACK_IMPORTED_MODULE_2__/* .parseConfig */ .o)(bytes, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(`${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .familiarName */ .hG)(repository)}@${config.digest}`)).platform;
            };
            // Several repositories may have the same config; what one gives, the next need not be asked for.
            const earlier = [...answers.values()].at(-1);
            const answer = answers.get(name) ?? (earlier ? earlier.catch(ask) : ask());
            answers.set(name, answer);
            return answer;
        },
    };
}
/** The store reads back at most this; Docker's own limit for a config is the same order. */
const MAX_CONFIG = 8 * 1024 * 1024;


/***/ }),

/***/ 1846:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   QK: () => (/* binding */ lockedTags),
/* harmony export */   R1: () => (/* binding */ withLockHint),
/* harmony export */   UN: () => (/* binding */ lockedImage),
/* harmony export */   Vx: () => (/* binding */ lockOf),
/* harmony export */   fn: () => (/* binding */ heldAgainst),
/* harmony export */   hj: () => (/* binding */ conflict)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1358);
/* harmony import */ var _oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4566);
/* harmony import */ var _oci_platform_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4647);
/* harmony import */ var _oci_platform_match_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2831);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(907);
/* harmony import */ var _settings_locked_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1440);







/** The tags of a repository that a lock file has, in its order. */
function lockedTags({ domain, path }, lock) {
    const prefix = `${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .canonicalReference */ .Ys)({ domain, path })}:`;
    return [...lock.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}
/**
 * What a lock file says of an image: its digest and that of every platform its index names, whoever asked for which. An image without an index has the one platform
 * of its config, which the caller knows.
 */
function lockedImage({ document, content }, platform) {
    const platforms = {};
    const children = content.kind === 'index' ? content.manifests : [];
    for (const child of children) {
        if (!child.platform || (0,_oci_platform_match_js__WEBPACK_IMPORTED_MODULE_4__/* .isAttestation */ .H3)(child) || !(0,_oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__/* .isManifestType */ .Q3)(child.mediaType))
            continue;
        const name = (0,_oci_platform_js__WEBPACK_IMPORTED_MODULE_3__/* .formatPlatform */ .Bq)((0,_oci_platform_js__WEBPACK_IMPORTED_MODULE_3__/* .normalizePlatform */ .FL)(child.platform));
        platforms[name] ??= child.digest;
    }
    if (content.kind === 'manifest' && platform !== undefined)
        platforms[platform] = document.digest;
    return { digest: document.digest, platforms };
}
/** What a lock file holds after these look-ups; undefined if one of them failed, for it is to hold all or be left as it was. */
function lockOf(resolved) {
    const lock = new Map();
    for (const image of resolved) {
        if (image.kind !== 'image')
            return undefined;
        const [leaf] = image.resolution.platforms;
        const [document] = leaf?.documents ?? [];
        const key = (0,_settings_locked_js__WEBPACK_IMPORTED_MODULE_6__/* .lockKey */ .TL)(image.reference);
        if (!leaf || !document || key === undefined)
            continue;
        const content = (0,_oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__/* .parseDocument */ .Tp)(document, (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(image.reference));
        lock.set(key, lockedImage({ document, content }, leaf.name));
    }
    return lock;
}
/** What a registry says of a digest that it has no longer. */
const GONE = new Set(['MANIFEST_UNKNOWN', 'BLOB_UNKNOWN', 'NAME_UNKNOWN']);
/** The error of an image; where the digest that is gone is the lock file's, its hint says so, for nobody who asked for the tag has seen it. */
function withLockHint(error, reference, lock) {
    const locked = reference && lock?.get((0,_settings_locked_js__WEBPACK_IMPORTED_MODULE_6__/* .lockKey */ .TL)(reference) ?? '')?.digest;
    if (!locked || locked !== reference.digest || !GONE.has(error.code))
        return error;
    const { code, subject, reason, temporary, retryAfterMs } = error;
    const hint = `The digest is that of the lock file, and the registry no longer has it. Take what ${(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)({ ...reference, digest: undefined })} is now with update-lock: true.`;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX(code, subject, reason, { hint, temporary, retryAfterMs, cause: error });
}
/** Why a lock file cannot hold both digests of one name; undefined if they are one. */
function conflict(name, one, other) {
    if (one === undefined || one === other)
        return undefined;
    const reason = `is asked for as ${one} and as ${other}; a lock file holds one digest of a tag`;
    const hint = 'Leave one of the two out.';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('LOCK_MISMATCH', (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .parseReference */ .F2)(name)), reason, { hint });
}
function withoutConflicts(resolved) {
    const seen = new Map();
    return resolved.map((image) => {
        const name = (0,_settings_locked_js__WEBPACK_IMPORTED_MODULE_6__/* .lockKey */ .TL)(image.reference ?? { domain: '', path: '' });
        if (image.kind !== 'image' || name === undefined)
            return image;
        const { key, reference, resolution, heldUpMs } = image;
        const error = conflict(name, seen.get(name), resolution.target.digest);
        seen.set(name, resolution.target.digest);
        return error ? { kind: 'failed', key, reference, error, heldUpMs } : image;
    });
}
/**
 * The images as they were, but some have failed: with a lock file those whose platforms have other digests than it says, for somebody has edited it; where one is to be
 * written those that are asked for with two digests.
 */
function heldAgainst({ lock, updatesLock }, resolved) {
    if (updatesLock)
        return withoutConflicts(resolved);
    if (!lock)
        return resolved;
    return resolved.map((image) => {
        if (image.kind !== 'image')
            return image;
        const locked = lock.get((0,_settings_locked_js__WEBPACK_IMPORTED_MODULE_6__/* .lockKey */ .TL)(image.reference) ?? '');
        const wrong = image.resolution.platforms.find(({ name, documents }) => {
            const expected = locked?.platforms[name];
            return expected !== undefined && expected !== documents.at(-1)?.digest;
        });
        if (!locked || !wrong)
            return image;
        const found = wrong.documents.at(-1)?.digest;
        const reason = `the lock file has ${locked.platforms[wrong.name]} for ${wrong.name}, but ${locked.digest}, which it names as well, has ${found}`;
        const error = new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('LOCK_MISMATCH', (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_5__/* .familiarReference */ .ZD)(image.reference), reason, {
            hint: 'Write the lock file anew with update-lock: true.',
        });
        const { key, reference, heldUpMs } = image;
        return { kind: 'failed', key, reference, error, heldUpMs };
    });
}


/***/ }),

/***/ 1956:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   G: () => (/* binding */ OWN_ENTRY_BYTES),
/* harmony export */   m: () => (/* binding */ packsOf)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7908);
/* harmony import */ var _oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1358);
/* harmony import */ var _cache_keys_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9365);




/** Layers from this size on have entries of their own, so that images share them; smaller ones go with their image's pack. */
const OWN_ENTRY_BYTES = 16 * 1024 * 1024;
/** Opens nothing before it is asked to. */
function packsOf({ cache, store, report, now }, meter) {
    const opened = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_3__/* .once */ .Oo)();
    const entries = [];
    const files = new Map();
    let opensMore = true;
    async function restore(key, size) {
        const startedAt = now();
        const entry = await cache.restore(key, size);
        if (entry) {
            meter.add('cache', entry.bytes, startedAt, now());
            entries.push(entry);
        }
        return entry;
    }
    /** True if the file was the blob and is in the store now; a wrong one is reported and gone. */
    async function adopt(file, blob) {
        if (!file)
            return false;
        try {
            await store.adopt(file.path, blob);
            return true;
        }
        catch (error) {
            if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX) || ['CANCELLED', 'DISK_FULL'].includes(error.code))
                throw error;
            return wrong(blob.digest, error.reason);
        }
    }
    function wrong(digest, reason) {
        const message = `The Actions cache holds something else for ${digest} (${reason}): it is fetched from the registry.`;
        report({ type: 'warning', message });
        return false;
    }
    function unpack(digest) {
        const file = files.get((0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .blobName */ .PF)(digest));
        files.delete((0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .blobName */ .PF)(digest));
        return file;
    }
    return {
        async open(target, asked) {
            if (!cache.readable)
                return asked.map(() => false);
            const keys = asked.map((each) => (0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .packKey */ .l7)(target, each));
            const found = await Promise.all(keys.map((key) => opened(key, () => restore(key))));
            for (const entry of found)
                for (const file of entry?.files ?? [])
                    files.set(file.name, file);
            return found.map((entry) => {
                if (!entry || entry.files.some(({ name }) => name === (0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .blobName */ .PF)(target)))
                    return entry !== undefined;
                report({ type: 'warning', message: `The Actions cache holds something else for ${target}: it is not used.` });
                return false;
            });
        },
        async takeDocument(digest) {
            const file = unpack(digest);
            // An archive says how large a file is without holding as much, and what has to be hashed must end.
            if (file && file.size > _oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__/* .MAX_DOCUMENT_BYTES */ .bi)
                return wrong(digest, `expected at most ${_oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__/* .MAX_DOCUMENT_BYTES */ .bi} bytes, found ${file.size}`);
            return adopt(file, { digest, size: file?.size ?? 0 });
        },
        async take(blob) {
            const startedAt = now();
            const seconds = () => (now() - startedAt) / 1000;
            if (await adopt(unpack(blob.digest), blob))
                return seconds();
            // A pack that is full leaves its largest layers to entries of their own, whatever their size.
            if (!opensMore || !cache.readable || (blob.size < OWN_ENTRY_BYTES && entries.length === 0))
                return undefined;
            const entry = await restore((0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .layerKey */ .n3)(blob.digest), blob.size);
            const own = entry?.files.find((file) => file.name === (0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .blobName */ .PF)(blob.digest));
            return (await adopt(own, blob)) ? seconds() : undefined;
        },
        holds: (digest) => files.has((0,_cache_keys_js__WEBPACK_IMPORTED_MODULE_2__/* .blobName */ .PF)(digest)),
        openNoMore() {
            opensMore = false;
        },
        close: async () => void (await Promise.all(entries.map((entry) => entry.dispose()))),
    };
}


/***/ }),

/***/ 3975:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  a: () => (/* binding */ pull)
});

// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/pull/all-tags.js
var all_tags = __webpack_require__(2899);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
// EXTERNAL MODULE: ./build/pull/packs.js
var packs = __webpack_require__(1956);
;// CONCATENATED MODULE: ./build/pull/disk.js



/** Entries of the cache that are unpacked at the same time. */
const ENTRIES_AT_ONCE = 4;
/**
 * Compares what is to come with what is free where the store is, before any byte moves (design §3.13). Throws DISK_FULL for the whole run if it does not fit;
 * what fits only without the cache's archives beside it is fetched without them, with a warning.
 */
async function makeSureItFits(plan, run) {
    const { store, cache, report } = run.ports;
    // What lies in an open pack is on this disk already, and will be moved.
    const missing = plan.missing.filter(({ blob }) => !run.packs.holds(blob.digest));
    if (missing.length === 0)
        return;
    const free = await store.freeBytes();
    const needed = bytesOf(missing);
    if (needed > free) {
        await run.packs.close();
        throw tooLarge(needed, free, store.root);
    }
    const staging = cache.readable ? stagingBytes(missing) : 0;
    if (needed + staging <= free || run.request.policy === 'never')
        return;
    run.packs.openNoMore();
    const figures = `${(0,format/* formatBytes */.z3)(needed + staging)} needed, ${(0,format/* formatBytes */.z3)(free)} free`;
    report({
        type: 'warning',
        message: `${store.root} has no room for layers and the archives of the Actions cache (${figures}): layers come from the registry.`,
    });
}
/** Pure: the most that archives of the cache take while layers are restored from it, in bytes; only large layers have entries of their own. */
function stagingBytes(missing) {
    const large = missing.filter(({ blob }) => blob.size >= packs/* OWN_ENTRY_BYTES */.G).sort((a, b) => b.blob.size - a.blob.size);
    return bytesOf(large.slice(0, ENTRIES_AT_ONCE));
}
const bytesOf = (blobs) => blobs.reduce((sum, { blob }) => sum + blob.size, 0);
function tooLarge(needed, free, root) {
    const reason = `${(0,format/* formatBytes */.z3)(needed)} are to be stored and ${(0,format/* formatBytes */.z3)(free)} are free on its disk; nothing was fetched`;
    const hint = 'Free some space there, lower `store-max-size`, or let the input `store` name a folder on a larger disk.';
    return new errors/* PullError */.YX('DISK_FULL', root, reason, { hint });
}

// EXTERNAL MODULE: ./build/oci/descriptor.js
var descriptor = __webpack_require__(6937);
// EXTERNAL MODULE: ./build/oci/manifest.js + 1 modules
var manifest = __webpack_require__(1358);
// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
// EXTERNAL MODULE: ./build/oci/platform.js
var oci_platform = __webpack_require__(4647);
// EXTERNAL MODULE: ./build/oci/platform-match.js + 1 modules
var platform_match = __webpack_require__(2831);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
;// CONCATENATED MODULE: ./build/pull/candidates.js




/** An index in an index in an index is legal and rare; deeper is somebody's mistake or malice. */
const MAX_DEPTH = 4;
/** As many as one index may have children; all there are in public have a few dozen. */
const MAX_CANDIDATES = 10_000;
/** What an index leads to, and those within it; throws MANIFEST_INVALID for more than 10 000 manifests, and what reading throws. */
async function spread(index, above, reference, documents, seen = new Set()) {
    const path = [...above, index.document];
    const found = { candidates: [], attestations: [], tooDeep: false };
    const children = index.content.kind === 'index' ? index.content.manifests : [];
    for (const descriptor of children) {
        if ((0,platform_match/* isAttestation */.H3)(descriptor))
            found.attestations.push({ descriptor, path });
        else if ((0,media_types/* isManifestType */.Q3)(descriptor.mediaType))
            found.candidates.push({ descriptor, path });
        else if ((0,media_types/* isIndexType */.$U)(descriptor.mediaType) && path.length >= MAX_DEPTH)
            found.tooDeep = true;
        else if ((0,media_types/* isIndexType */.$U)(descriptor.mediaType) && !seen.has(descriptor.digest)) {
            // Once is enough: an index that names another ten thousand times would be a bomb.
            seen.add(descriptor.digest);
            const inner = await spread(await readChild(descriptor, reference, documents), path, reference, documents, seen);
            for (const candidate of inner.candidates)
                found.candidates.push(candidate);
            for (const attestation of inner.attestations)
                found.attestations.push(attestation);
            found.tooDeep ||= inner.tooDeep;
        }
        if (found.candidates.length > MAX_CANDIDATES) {
            const reason = `more than ${MAX_CANDIDATES} manifests in an index and those within it`;
            throw new errors/* PullError */.YX('MANIFEST_INVALID', (0,oci_reference/* familiarReference */.ZD)(reference), reason);
        }
    }
    return found;
}
/** A document another one names; throws MANIFEST_INVALID if it has not the size promised there. */
async function readChild({ digest, size }, reference, documents) {
    const read = await documents.read(reference, digest);
    const found = read.document.bytes.byteLength;
    if (found === size)
        return read;
    const reason = `${digest}: expected ${size} bytes as its index says, found ${found}`;
    throw new errors/* PullError */.YX('MANIFEST_INVALID', (0,oci_reference/* familiarReference */.ZD)(reference), reason);
}

;// CONCATENATED MODULE: ./build/pull/platforms.js






/**
 * The leaves of an image that the request asks for, in the order asked; throws PLATFORM_NOT_FOUND, which names what there is. An image without an index is
 * held against its config: with a platform asked for by name a mismatch is an error, else a warning. Attestations are never candidates; they come along as companions,
 * all of them under `all`, and those of the leaves where the request wants them with several platforms.
 */
async function chooseLeaves(root, reference, documents, run) {
    const { content, document } = root;
    const leafOf = (candidate) => readLeaf(candidate, reference, documents);
    if (content.kind === 'manifest')
        return { platforms: [await single(content, document, reference, documents, run)], companions: [] };
    const { candidates, attestations, tooDeep } = await spread(root, [], reference, documents);
    const companionsOf = async (some) => (await Promise.all(some.map((candidate) => companion(candidate, reference, documents, run)))).flat();
    if (run.request.platforms === 'all') {
        const platforms = distinctNames(await Promise.all(candidates.map(leafOf)));
        if (platforms.length === 0)
            throw notFound(reference, 'any platform', [], tooDeep);
        return { platforms, companions: await companionsOf(attestations) };
    }
    const wanted = wantedPlatforms(run);
    const chosen = wanted.map((platform) => choose(candidates, platform, run));
    const missing = wanted.filter((_, at) => chosen[at] === undefined);
    const withCompanions = async (leaves) => {
        const digests = new Set(leaves.map(({ documents }) => documents.at(-1)?.digest));
        // A manifest that stands alone has no index for them to stand in.
        const wants = run.request.attestations === true && digests.size > 1;
        const theirs = wants ? attestations.filter(({ descriptor }) => digests.has((0,platform_match/* describedBy */.$9)(descriptor))) : [];
        return { platforms: distinct(leaves), companions: await companionsOf(theirs) };
    };
    if (missing.length === 0)
        return withCompanions(await Promise.all(chosen.filter((it) => it !== undefined).map(leafOf)));
    // A child that states no platform may still be the one: its config says.
    const silent = await Promise.all(candidates.filter(({ descriptor }) => !descriptor.platform).map(leafOf));
    const leaves = await Promise.all(wanted.map(async (platform, at) => {
        const candidate = chosen[at];
        return candidate
            ? leafOf(candidate)
            : (0,platform_match/* choosePlatform */.xV)(silent, (leaf) => leaf.platform, platform, { strict: isStrict(run) });
    }));
    const unmet = wanted.filter((_, at) => leaves[at] === undefined);
    if (unmet.length > 0) {
        const available = [
            ...candidates.map(({ descriptor }) => descriptor.platform),
            ...silent.map(({ platform }) => platform),
        ];
        throw notFound(reference, unmet.map(oci_platform/* formatPlatform */.Bq).join(', '), available, tooDeep);
    }
    return withCompanions(leaves.filter((leaf) => leaf !== undefined));
}
const isStrict = (run) => run.request.platforms !== 'engine';
function wantedPlatforms(run) {
    const { platforms } = run.request;
    return typeof platforms === 'string' ? [run.ports.platform] : platforms;
}
const choose = (candidates, wanted, run) => (0,platform_match/* choosePlatform */.xV)(candidates.filter(({ descriptor }) => descriptor.platform), ({ descriptor }) => descriptor.platform, wanted, { strict: isStrict(run) });
async function single(manifest, document, reference, documents, run) {
    // A chart or another artifact runs nowhere, so it has no platform to be wrong.
    const isImage = (0,media_types/* isImageConfigType */.Ky)(manifest.config.mediaType) && !manifest.artifactType;
    const platform = isImage ? await documents.platform(reference, manifest.config) : undefined;
    const leaf = { name: nameOf(platform), platform, manifest, documents: [document] };
    if (!platform || run.request.platforms === 'all')
        return leaf;
    const unmet = wantedPlatforms(run).filter((wanted) => !(0,platform_match/* choosePlatform */.xV)([leaf], (it) => it.platform, wanted, { strict: isStrict(run) }));
    if (unmet.length === 0)
        return leaf;
    const wanted = unmet.map(oci_platform/* formatPlatform */.Bq).join(', ');
    if (isStrict(run))
        throw notFound(reference, wanted, [platform]);
    // Nobody named a platform, and there is no other to choose: Docker takes it and warns, so that an emulator can run it.
    const message = `${(0,oci_reference/* familiarReference */.ZD)(reference)}: its only platform is ${leaf.name}, not ${wanted}; it is pulled all the same`;
    run.ports.report({ type: 'warning', message });
    return leaf;
}
async function readLeaf({ descriptor, path }, reference, documents) {
    const { document, content } = await readChild(descriptor, reference, documents);
    if (content.kind !== 'manifest') {
        throw new errors/* PullError */.YX('MANIFEST_INVALID', (0,oci_reference/* familiarReference */.ZD)(reference), `${descriptor.digest} is an index where a manifest was promised`);
    }
    const platform = descriptor.platform ?? (await documents.platform(reference, content.config));
    return { name: nameOf(platform), platform, manifest: content, documents: [...path, document] };
}
/** An attestation that the registry has lost must not cost the image it speaks of. */
async function companion(candidate, reference, documents, run) {
    try {
        return [
            await readLeaf({ ...candidate, descriptor: { ...candidate.descriptor, platform: UNKNOWN } }, reference, documents),
        ];
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX) || error.code === 'CANCELLED')
            throw error;
        run.ports.report({
            type: 'warning',
            message: `${(0,oci_reference/* familiarReference */.ZD)(reference)}: an attestation was left out: ${error.message}`,
        });
        return [];
    }
}
const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
const nameOf = (platform) => platform ? (0,oci_platform/* formatPlatform */.Bq)((0,oci_platform/* normalizePlatform */.FL)(platform)) : 'unknown';
/** An index may list one manifest for several platforms: each of them is a leaf. */
const distinct = (leaves) => [
    ...new Map(leaves.map((leaf) => [`${leaf.name} ${leaf.documents.at(-1)?.digest}`, leaf])).values(),
];
/** Two children may share a platform (gzip beside zstd): the second is called `linux/amd64 (2)`. */
function distinctNames(leaves) {
    const seen = new Map();
    return distinct(leaves).map((leaf) => {
        const times = (seen.get(leaf.name) ?? 0) + 1;
        seen.set(leaf.name, times);
        return times === 1 ? leaf : { ...leaf, name: `${leaf.name} (${times})` };
    });
}
function notFound(reference, wanted, available, tooDeep = false) {
    const names = [
        ...new Set(available.filter((platform) => platform !== undefined).map((platform) => nameOf(platform))),
    ];
    const deeper = `indexes nested deeper than ${MAX_DEPTH}, which are not read`;
    const found = names.length > 0 ? `it is available for ${names.join(', ')}` : 'it holds no image manifest';
    return new errors/* PullError */.YX('PLATFORM_NOT_FOUND', (0,oci_reference/* familiarReference */.ZD)(reference), `no matching manifest for ${wanted}; ${found}${tooDeep ? `, but ${deeper}` : ''}`, {
        hint: names.length > 0 ? `Set platforms to one of these, such as ${names[0]}.` : undefined,
    });
}
/** The config and the layers of one leaf, bottom layer first. */
const leafBlobs = ({ manifest }) => [manifest.config, ...manifest.layers];

;// CONCATENATED MODULE: ./build/pull/plan.js



/**
 * Pure: what must be fetched. With an engine waiting, image by image and bottom layer first, for engines extract in that order (design §3.10); without one the
 * largest first, so that no big blob is left to run alone at the end.
 */
function planBlobs(resolved, present, order) {
    const missing = new Map();
    const layers = new Map();
    for (const image of resolved) {
        if (image.kind !== 'image' || present.unloadable.has(image.key))
            continue;
        const { platforms, companions } = image.resolution;
        for (const layer of platforms.flatMap(({ manifest }) => manifest.layers))
            layers.set(layer.digest, layer.size);
        for (const blob of [...platforms, ...companions].flatMap((leaf) => neededBlobs(leaf, image.key, present))) {
            const planned = missing.get((0,descriptor/* blobKey */.b)(blob)) ?? { blob, repositories: new Map() };
            planned.repositories.set(`${image.reference.domain}/${image.reference.path}`, image.reference);
            missing.set((0,descriptor/* blobKey */.b)(blob), planned);
        }
    }
    const blobs = [...missing.values()].map(({ blob, repositories }, index) => ({
        blob,
        repositories: [...repositories.values()],
        inline: (0,manifest/* inlineData */.S0)(blob),
        rank: order === 'bottom-first' ? index : 0,
    }));
    if (order === 'largest-first')
        blobs.sort((a, b) => b.blob.size - a.blob.size);
    return { missing: blobs, layers: layers.size, bytes: [...layers.values()].reduce((sum, size) => sum + size, 0) };
}
/** True if the engine holds this very leaf of the image, so that nobody needs its blobs. */
function heldByEngine(leaf, key, present) {
    return (present.held.get(key) ?? []).some(({ manifest }) => manifest === leaf.documents.at(-1)?.digest);
}
function neededBlobs(leaf, key, present) {
    if (heldByEngine(leaf, key, present))
        return [];
    return leafBlobs(leaf).filter((blob) => !present.stored.has((0,descriptor/* blobKey */.b)(blob)));
}

;// CONCATENATED MODULE: ./build/pull/engine-disk.js



/** Images an engine takes in side by side: more only wait for each other's disk. */
const AT_ONCE = 6;
/** What layers take unpacked, as a multiple of their size: three is common, and only a guess is needed. */
const UNPACKED = 3;
/**
 * How many images may go into the engine at once with the room it has, which is compared before any byte moves (design §3.13): one at a time where packed and
 * unpacked layers of all might not fit side by side. Throws DISK_FULL for the whole run if an engine without any image has not even room for the layers as they
 * are, or twice that where it keeps them packed too. An engine elsewhere, or one that does not say, is believed to have room.
 */
async function handOversThatFit(resolved, present, plan, run) {
    const { engine, store } = run.ports;
    const needed = bytesToSend(resolved, present);
    const disk = needed > 0 ? await engine?.disk?.(store.root) : undefined;
    if (!engine || !disk)
        return AT_ONCE;
    const beside = disk.shared ? plan.missing.reduce((sum, { blob }) => sum + blob.size, 0) : 0;
    // Unpacked they are hardly ever smaller than packed.
    const least = needed * (disk.keepsPacked ? 2 : 1) + beside;
    if (disk.empty && least > disk.freeBytes) {
        await run.packs.close();
        throw engine_disk_tooLarge(engine.title, disk, least);
    }
    return needed * (1 + UNPACKED) + beside > disk.freeBytes ? 1 : AT_ONCE;
}
/** Bytes of the distinct layers of images that the engine has not. */
function bytesToSend(resolved, present) {
    const sizes = new Map();
    for (const image of resolved) {
        if (image.kind !== 'image' || present.unloadable.has(image.key))
            continue;
        for (const leaf of image.resolution.platforms) {
            if (heldByEngine(leaf, image.key, present))
                continue;
            for (const { digest, size } of leaf.manifest.layers)
                sizes.set(digest, size);
        }
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
function engine_disk_tooLarge(title, { path, freeBytes, keepsPacked }, needed) {
    const [least, free] = [(0,format/* formatBytes */.z3)(needed), (0,format/* formatBytes */.z3)(freeBytes)];
    const what = keepsPacked ? 'to keep the images, packed and unpacked,' : 'to unpack the images';
    const reason = `at least ${least} are needed ${what} and ${free} are free at ${path}; nothing was fetched`;
    return new errors/* PullError */.YX('DISK_FULL', title, reason, {
        hint: 'Free some space there (`docker system prune`), or use engine: none to keep the images in the store.',
    });
}

// EXTERNAL MODULE: ./build/lib/deferred.js
var deferred = __webpack_require__(5705);
// EXTERNAL MODULE: ./build/pull/transfer.js
var transfer = __webpack_require__(5215);
;// CONCATENATED MODULE: ./build/pull/fetch.js





/** Sends every missing blob on its way into the store, in the order of the plan: from the cache if it has it, else so many at once as a registry may be asked. */
function fetchBlobs(plan, run) {
    const { report } = run.ports;
    const expected = plan.missing.reduce((sum, { blob }) => sum + blob.size, 0);
    report({
        type: 'planned',
        layers: plan.layers,
        bytes: plan.bytes,
        missing: plan.missing.length,
        missingBytes: expected,
    });
    const progress = { received: 0, expected, layersDone: 0, layers: plan.missing.length };
    const arrivals = plan.missing.map((planned) => {
        return [(0,descriptor/* blobKey */.b)(planned.blob), arrivalOf((began) => fetchBlob(planned, { progress, began }, run))];
    });
    return new Map(arrivals);
}
/** The arrival that `bring` makes; it is given a function to say that the bytes have begun to come. */
function arrivalOf(bring) {
    const begun = (0,deferred/* newDeferred */.Y)();
    const began = () => begun.resolve();
    const stored = bring(began);
    // Whoever needs the blob awaits it; a failure nobody needs any more must not end the process.
    stored.then(began, began);
    return { begun: begun.promise, stored };
}
async function fetchBlob(planned, telling, run) {
    const { blob } = planned;
    const { progress } = telling;
    const arrival = (await restore(planned, progress, run)) ?? (await download(planned, telling, run));
    progress.layersDone += 1;
    run.ports.report({ type: 'progress', ...progress });
    run.ports.report({ type: 'stored', blob, seconds: arrival.seconds });
    return arrival;
}
async function restore({ blob, inline }, progress, run) {
    const seconds = inline ? undefined : await run.packs.take(blob);
    if (seconds === undefined)
        return undefined;
    progress.received += blob.size;
    return { source: 'cache', seconds };
}
async function download(planned, { progress, began }, run) {
    const { blob, repositories, inline, rank } = planned;
    const { digest, size } = blob;
    let arrived = 0;
    const count = (bytes) => {
        progress.received += bytes;
        arrived += bytes;
        if (bytes !== 0)
            run.ports.report({ type: 'progress', ...progress, blob: { digest, size, arrived } });
    };
    if (run.request.policy === 'never' && !inline) {
        const subject = repositories[0] ? (0,oci_reference/* familiarName */.hG)(repositories[0]) : blob.digest;
        throw new errors/* PullError */.YX('NOT_HELD', subject, `pull-policy is never, and ${blob.digest} is neither in the store nor in the Actions cache`, {
            hint: 'Pull it once with pull-policy: missing, or use always.',
        });
    }
    const seconds = await firstThatWorks(repositories, (repository) => run.blobGate(repository.domain)(() => (0,transfer/* transfer */.k)(blob, repository, run, { inline, rank, count, began })));
    return { source: 'registry', seconds };
}
/** A blob that one repository does not give may be had from another image's. */
async function firstThatWorks(repositories, attempt) {
    let failure;
    for (const repository of repositories) {
        try {
            return await attempt(repository);
        }
        catch (error) {
            failure ??= error;
            if (!(error instanceof errors/* PullError */.YX) || !ELSEWHERE.includes(error.code))
                throw failure;
        }
    }
    throw failure;
}
const ELSEWHERE = [
    'BLOB_UNKNOWN',
    'DENIED',
    'UNAUTHORIZED',
    'NAME_UNKNOWN',
    'UNREACHABLE',
    'UNAVAILABLE',
    'DIGEST_MISMATCH',
    'SIZE_MISMATCH',
    'TOOMANYREQUESTS',
];

// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
// EXTERNAL MODULE: ./build/lib/one-chunk.js
var one_chunk = __webpack_require__(100);
;// CONCATENATED MODULE: ./build/pull/keep.js




/** Waits for the blobs of an image, then stores its documents, children before parents: a run killed anywhere leaves spare blobs, never a broken image. */
async function keepImage(key, resolution, finishing) {
    const leaves = [...resolution.platforms, ...resolution.companions];
    const needed = leaves.filter((leaf) => !heldByEngine(leaf, key, finishing.present)).flatMap(leafBlobs);
    await Promise.all(needed.map((blob) => finishing.arrivals.get((0,descriptor/* blobKey */.b)(blob))?.stored));
    // Also where the engine alone has the layers: the next run then asks no registry for them.
    for (const { documents } of leaves) {
        for (const document of [...documents].reverse()) {
            await keepDocument(document, finishing);
        }
    }
}
/** Stores a document unless it is there, or this run has stored it before. */
async function keepDocument({ digest, bytes }, { run, keepOnce }) {
    const { store } = run.ports;
    await keepOnce(digest, async () => {
        if (!(await store.read(digest)))
            await store.write({ digest, size: bytes.byteLength }, (0,one_chunk/* oneChunk */.w)(bytes));
    });
}

;// CONCATENATED MODULE: ./build/pull/kept.js



/** What `post` must know of an image that is complete in the store: its packs, and what of it a registry sent. */
async function keptImage(key, reference, resolution, run) {
    const { target, packs, tagAsked } = resolution;
    const kept = [...packs].map(([asked, fromCache]) => packOf(asked, fromCache, resolution, run));
    const digests = kept.flatMap(({ documents, blobs }) => [...documents, ...blobs]).map(({ digest }) => digest);
    return {
        key,
        reference,
        target: target.digest,
        packs: kept,
        fetched: [...new Set(digests)].filter((digest) => run.fetched.has(digest)),
        tagAsked: tagAsked && reference.digest === undefined,
        withLogin: await run.ports.registry.usesLogin(reference),
        inside: await run.ports.registry.inside(reference),
    };
}
function packOf(asked, fromCache, resolution, run) {
    const leaves = leavesOf(asked, resolution, run);
    return {
        asked,
        fromCache,
        documents: kept_distinct(leaves.flatMap(({ documents }) => documents.map(descriptor/* descriptorOf */.n))),
        blobs: kept_distinct(leaves.flatMap(leafBlobs)),
    };
}
/** The leaves a platform of the request came to: in the order of the request, unless two of them came to one. */
function leavesOf(asked, { platforms, companions, wanted }, run) {
    if (asked === 'all')
        return [...platforms, ...companions];
    if (typeof wanted === 'string' || platforms.length !== wanted.length)
        return platforms;
    return platforms.filter((_, position) => (0,oci_platform/* formatPlatform */.Bq)(wanted[position] ?? run.ports.platform) === asked);
}
const kept_distinct = (all) => [
    ...new Map(all.map(({ digest, size }) => [digest, { digest, size }])).values(),
];

;// CONCATENATED MODULE: ./build/pull/arriving.js

/** The store's blobs together with those on their way into it: one that has not begun to come is waited for, then read as it comes. */
function arrivingSource(store, arrivals) {
    return { open: (blob, range) => opened(store, arrivals, blob, range) };
}
async function* opened(store, arrivals, blob, range) {
    const arrival = arrivals.get((0,descriptor/* blobKey */.b)(blob));
    await arrival?.begun;
    try {
        yield* store.open(blob, range);
    }
    catch (error) {
        // Why it did not come says more than that it is not there.
        await arrival?.stored;
        throw error;
    }
}

// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
;// CONCATENATED MODULE: ./build/pull/loadable.js








/** As long as a tag may be (distribution-spec v1.1, "Pulling manifests"). */
const TAG_LIMIT = 128;
/**
 * Pure: what the engine is to hold of an image. The first takes the image's own name: the platform the engine runs, else the first it could hold. The others share
 * that name where the engine's names hold several platforms; elsewhere each is an image of its own, `redis:7-linux-arm64`. Throws UNSUPPORTED if there is none.
 */
function loadablesOf(reference, resolution, engine) {
    const images = imagesOf(reference, resolution, engine);
    const leaf = (0,platform_match/* choosePlatform */.xV)(images, (image) => image.platform, engine.platform, { strict: false }) ??
        images.find((image) => isHoldable(image, engine));
    if (!leaf) {
        const names = images.map(({ name }) => name).join(', ');
        throw unsupported(reference, `${engine.title} runs ${(0,oci_platform/* formatPlatform */.Bq)(engine.platform)} and cannot hold ${names}`);
    }
    refuseEncrypted(reference, leaf, engine);
    const loadable = ({ documents, manifest, platform = engine.platform }) => ({
        reference,
        target: resolution.target,
        documents,
        manifest,
        platform,
    });
    // Platforms that share a manifest are one image to an engine.
    const others = images.filter((image, at) => {
        const same = (other) => other.documents.at(-1)?.digest === image.documents.at(-1)?.digest;
        return !same(leaf) && images.findIndex(same) === at && isHoldable(image, engine);
    });
    return [
        loadable(leaf),
        ...others.map((other) => (engine.holdsPlatforms ? loadable(other) : alone(loadable(other), other))),
    ];
}
const unsupported = (reference, reason, hint = '') => new errors/* PullError */.YX('UNSUPPORTED', (0,oci_reference/* familiarReference */.ZD)(reference), reason, {
    hint: `Use engine: none to keep it in the store${hint}.`,
});
/** Layers of ocicrypt: only who has the key can unpack them. */
function refuseEncrypted(reference, { manifest }, { title }) {
    const layer = manifest.layers.find(({ mediaType }) => mediaType.endsWith('+encrypted'));
    if (!layer)
        return;
    const type = (0,clean/* clean */.uH)(layer.mediaType, 100);
    throw unsupported(reference, `layer ${(0,oci_digest/* shortDigest */.VK)(layer.digest)} is encrypted (${type}), which ${title} cannot unpack`, ', and decrypt it from there, such as with `skopeo copy --decryption-key`');
}
function imagesOf(reference, { platforms }, { title }) {
    const images = platforms.filter(({ manifest }) => (0,media_types/* isImageConfigType */.Ky)(manifest.config.mediaType) && !manifest.artifactType);
    if (images.length > 0)
        return images;
    const { artifactType, config } = platforms[0]?.manifest ?? {};
    const what = artifactWords(artifactType ?? config?.mediaType ?? '');
    throw unsupported(reference, `not a container image but ${what}, which ${title} cannot run`);
}
/** What people push to registries besides images, by artifact or config type. */
const ARTIFACTS = {
    'application/vnd.cncf.helm.config.v1+json': 'a Helm chart',
    'application/vnd.docker.plugin.v1+json': 'a Docker plugin',
    'application/vnd.docker.ai.model.config.v0.1+json': 'an AI model',
    'application/vnd.wasm.config.v0+json': 'a WebAssembly module',
};
const artifactWords = (type) => `${Object.hasOwn(ARTIFACTS, type) ? ARTIFACTS[type] : 'an artifact'} (${(0,clean/* clean */.uH)(type, 100)})`;
const isHoldable = ({ platform }, engine) => !platform || platform.os === engine.platform.os;
/** One platform as an image of its own: its manifest is the target, and its tag says which it is. */
function alone(image, { name }) {
    const { domain, path, tag = 'latest', digest } = image.reference;
    const manifest = image.documents.at(-1);
    if (!manifest)
        return image;
    const stem = image.reference.tag === undefined && digest ? (0,oci_digest/* digestTag */.t9)(digest) : tag;
    const suffixed = `${stem}-${name.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/-$/, '')}`;
    const own = suffixed.length > TAG_LIMIT ? (0,oci_digest/* digestTag */.t9)(manifest.digest) : suffixed;
    return {
        ...image,
        reference: { domain, path, tag: own },
        target: (0,descriptor/* descriptorOf */.n)(manifest),
        documents: [manifest],
    };
}

;// CONCATENATED MODULE: ./build/pull/load.js







/** The image in the engine, the platform that has its own name first; at once for what was there before. */
async function loadImage(image, engine, finishing) {
    const { key, reference, resolution } = image;
    const already = finishing.present.held.get(key) ?? [];
    const held = [];
    // One after another: engines whose names hold several platforms add each to what the name has by then.
    for (const loadable of loadablesOf(reference, resolution, engine)) {
        const manifest = loadable.documents.at(-1)?.digest;
        const found = already.find((it) => it.manifest === manifest);
        held.push(found ?? (await loadPlatform(loadable, image, engine, finishing)));
    }
    return held;
}
async function loadPlatform(loadable, image, engine, finishing) {
    const { key, resolution } = image;
    const { store, report } = finishing.run.ports;
    const source = arrivingSource(store, finishing.arrivals);
    return finishing.handOver(resolution.target.digest, async () => {
        report({ type: 'loading', key, engine: engine.title });
        try {
            return await engine.load(loadable, source);
        }
        catch (error) {
            if (isEnginesOwn(error))
                throw error;
            await mend(image, error, finishing);
            return engine.load(loadable, source);
        }
    });
}
/** Nothing that other bytes would change; whatever else a hand-over ends with came out of the blobs. */
const isEnginesOwn = (error) => !(error instanceof errors/* PullError */.YX) ||
    ['ENGINE_FAILED', 'ENGINE_UNAVAILABLE', 'UNSUPPORTED', 'CANCELLED', 'DISK_FULL'].includes(error.code);
/** The store gave something else than it once took in: a disk that lies, or somebody who writes into it. */
const isStoreFault = (error) => error instanceof errors/* PullError */.YX && ['DIGEST_MISMATCH', 'SIZE_MISMATCH', 'BLOB_UNKNOWN'].includes(error.code);
/**
 * Makes the blobs of the image whole after one of them ended a hand-over, or throws why they are not. A download that failed under the reader may have
 * succeeded at its next try; a blob of the store that no longer is what its name says is fetched anew and counts as an arrival of this run.
 */
async function mend({ reference, resolution }, failure, finishing) {
    const { run, arrivals } = finishing;
    const { store, report } = run.ports;
    const blobs = resolution.platforms.flatMap(leafBlobs);
    await Promise.all(blobs.map((blob) => arrivals.get((0,descriptor/* blobKey */.b)(blob))?.stored));
    if (!isStoreFault(failure))
        return;
    for (const blob of blobs) {
        try {
            for await (const _ of store.open(blob))
                ;
        }
        catch (error) {
            // Mending asks the registry, which `never` forbids.
            if (!isStoreFault(error) || run.request.policy === 'never')
                throw error;
            report({ type: 'warning', message: `${error.message}; fetching it again` });
            await store.discard(blob.digest);
            const seconds = await run.blobGate(reference.domain)(() => (0,transfer/* transfer */.k)(blob, reference, run));
            arrivals.set((0,descriptor/* blobKey */.b)(blob), arrivalOf(async () => ({ source: 'registry', seconds })));
        }
    }
}

// EXTERNAL MODULE: ./build/pull/readable.js
var pull_readable = __webpack_require__(5904);
;// CONCATENATED MODULE: ./build/outcome/failed-image.js
/** The outcome of an image that failed after so many seconds, with whatever is known of it all the same. */
function failedImage({ key, reference, digest, source, platforms = [] }, error, seconds) {
    return {
        key,
        reference,
        digest,
        source,
        platforms,
        digestRunnable: false,
        loaded: false,
        fresh: false,
        seconds,
        error,
    };
}

// EXTERNAL MODULE: ./build/pull/locked.js
var locked = __webpack_require__(1846);
;// CONCATENATED MODULE: ./build/pull/result.js





/** The outcome of an image whose blobs are all here; `held` is what an engine has of it, the platform under its own name first. */
async function imageOutcome(facts, held, run) {
    const [first] = held;
    const { key, reference, resolution } = facts;
    const platforms = await Promise.all(resolution.platforms.map((leaf) => platformOutcome(leaf, facts, held)));
    const sources = platforms.flatMap(({ layers }) => layers.map(({ source }) => source));
    return {
        key,
        reference,
        digest: resolution.target.digest,
        local: first?.local,
        digestRunnable: first?.digestRunnable ?? false,
        loaded: first !== undefined,
        source: farthest(sources),
        seconds: secondsOf(run),
        platforms,
        fresh: sources.includes('registry'),
    };
}
async function platformOutcome(leaf, facts, held) {
    const digest = leaf.documents.at(-1)?.digest ?? facts.resolution.target.digest;
    const { layers, config } = leaf.manifest;
    const own = held.find(({ manifest }) => manifest === digest);
    const source = heldByEngine(leaf, facts.key, facts.present) ? 'engine' : 'store';
    return {
        platform: leaf.name,
        digest,
        imageId: own?.imageId ?? config.digest,
        size: layers.reduce((sum, layer) => sum + layer.size, 0),
        local: own?.local,
        layers: await Promise.all(layers.map(async (layer) => {
            const { digest, size } = layer;
            const arrival = await facts.arrivals.get((0,descriptor/* blobKey */.b)(layer))?.stored;
            // In the store as well as in the engine counts as the store: that is where a next step would read it.
            if (arrival === undefined)
                return { digest, size, source: facts.present.stored.has((0,descriptor/* blobKey */.b)(layer)) ? 'store' : source, seconds: 0 };
            return { digest, size, ...arrival };
        })),
    };
}
const farthest = (sources) => ['registry', 'cache', 'engine'].find((it) => sources.includes(it)) ?? 'store';
/** The outcome of an image that the engine alone holds and no registry was asked about. */
function engineOutcome(image, run) {
    const { key, reference, digest, found } = image;
    const { local, platform, manifest, imageId } = found;
    return {
        key,
        reference,
        digest,
        // As it was found: an engine that knows name:tag@digest may have the digest alone, and no such tag.
        local,
        digestRunnable: digest !== undefined,
        loaded: true,
        source: 'engine',
        seconds: secondsOf(run),
        platforms: platform
            ? [{ platform: (0,oci_platform/* formatPlatform */.Bq)((0,oci_platform/* normalizePlatform */.FL)(platform)), digest: manifest, imageId, local, layers: [] }]
            : [],
        fresh: false,
    };
}
/** The outcome of an image that failed, with whatever is known of it all the same. */
function failedOutcome(known, error, run) {
    return failedImage(known, (0,locked/* withLockHint */.R1)(error, known.reference, run.request.lock), secondsOf(run));
}
/** What the run as a whole came to; sums count each layer once. */
function totalOutcome(images, run) {
    const { store, engine, registry } = run.ports;
    const layers = new Map();
    for (const { platforms } of images)
        for (const platform of platforms)
            for (const layer of platform.layers)
                layers.set(layer.digest, layer);
    const sum = (some) => some.reduce((bytes, { size }) => bytes + size, 0);
    const downloaded = [...layers.values()].filter(({ source }) => source === 'registry');
    const good = images.filter(({ error }) => error === undefined);
    const spared = good.filter((image) => !documentsOf(image).some((digest) => run.fetched.has(digest)));
    const quotas = (registry.quotas?.() ?? []).map((quota) => ({
        ...quota,
        spared: spared.filter(({ reference }) => reference?.domain === quota.registry).length,
    }));
    return {
        images,
        totals: {
            images: images.length,
            failed: images.length - good.length,
            layers: layers.size,
            bytes: sum([...layers.values()]),
            downloaded: sum(downloaded),
            pullsSaved: spared.length,
            registry: run.meter.of('registry'),
            cache: run.meter.of('cache'),
            seconds: secondsOf(run),
        },
        cacheHit: images.length > 0 &&
            good.length === images.length &&
            downloaded.length === 0 &&
            images.every(({ loaded }) => loaded || !engine),
        quotas: quotas.length > 0 ? quotas : undefined,
        store: store.root,
        engine: engine?.title,
    };
}
/** The documents a registry counts a pull for. */
const documentsOf = ({ digest, platforms }) => [
    ...(digest ? [digest] : []),
    ...platforms.flatMap((platform) => platform.digest ?? []),
];
const secondsOf = (run) => Math.max(0, Math.round(run.ports.now() - run.startedAt) / 1000);

// EXTERNAL MODULE: ./build/pull/run.js + 1 modules
var pull_run = __webpack_require__(1682);
;// CONCATENATED MODULE: ./build/pull/finish.js










/** Finishes the images in their order, several at once: into the store and into the engine side by side, each blob as it comes; reports them one by one. */
async function finishImages(resolved, present, { arrivals, handOvers }, run) {
    const few = (0,pool/* gate */.Gj)(handOvers);
    const targets = new Map();
    const finishing = {
        run,
        present,
        arrivals: new Map(arrivals),
        keepOnce: (0,pool/* once */.Oo)(),
        handOver(target, task) {
            const mine = targets.get(target) ?? (0,pool/* gate */.Gj)(1);
            targets.set(target, mine);
            return mine(() => few(task));
        },
    };
    return Promise.all(resolved.map(async (image) => {
        // Its seconds are to be its own: nobody sees whom it waited for.
        const own = { ...run, startedAt: run.startedAt + image.heldUpMs };
        const outcome = await finish(image, { ...finishing, run: own });
        if (!run.ports.signal.aborted)
            run.ports.report({ type: 'image', image: outcome });
        return outcome;
    }));
}
async function finish(image, finishing) {
    const { run, present, arrivals } = finishing;
    if (image.kind === 'failed')
        return failedOutcome(image, image.error, run);
    if (image.kind === 'engine')
        return engineOutcome(image, run);
    const { key, reference, resolution } = image;
    const facts = { key, reference, resolution, present, arrivals };
    const unloadable = present.unloadable.get(key);
    if (unloadable)
        return failedOutcome({ ...facts, digest: resolution.target.digest }, unloadable, run);
    const { engine } = run.ports;
    // Both are waited for, so that nothing runs on behind a failure.
    const [kept, loaded] = await Promise.allSettled([
        keep(key, reference, resolution, finishing),
        engine ? loadImage({ key, reference, resolution }, engine, finishing) : [],
    ]);
    // Where a download failed the hand-over did too, and the download is the cause.
    if (kept.status === 'rejected')
        return failedOutcome({ ...facts, digest: resolution.target.digest }, (0,pull_run/* failureOf */.g)(kept.reason, key), run);
    if (loaded.status === 'fulfilled')
        return imageOutcome(facts, loaded.value, run);
    return failedOutcome(await imageOutcome(facts, [], run), (0,pull_run/* failureOf */.g)(loaded.reason, key), run);
}
/** Brings the image into the store and names it there, if the store gets all of it. */
async function keep(key, reference, resolution, finishing) {
    const { run, present } = finishing;
    await keepImage(key, resolution, finishing);
    if (!isComplete(key, resolution, present))
        return;
    run.ports.report({ type: 'kept', image: await keptImage(key, reference, resolution, run) });
    await nameImage(key, reference, resolution, finishing);
}
/** True if the store has every byte of the image; what the engine alone holds has no name in the store. */
const isComplete = (key, { platforms }, present) => platforms.every((leaf) => !heldByEngine(leaf, key, present));
/** Names the image in the store as Docker prints it, as the user wrote it where that is another text, and each platform by its digest. */
async function nameImage(key, reference, resolution, finishing) {
    const readable = (0,pull_readable/* readableTarget */.M)(resolution);
    if (readable?.document)
        await keepDocument(readable.document, finishing);
    const { target, platforms, at } = resolution;
    const names = [...new Set([(0,oci_reference/* familiarReference */.ZD)(reference), key, (0,oci_reference/* canonicalReference */.Ys)(reference)])].map((name) => ({
        name,
        target,
        readAs: readable?.descriptor,
        at,
    }));
    // Readers that look manifests up by digest (oras) know only those that index.json lists.
    const manifests = platforms
        .flatMap(({ documents }) => documents.slice(1).slice(-1))
        .map((manifest) => {
        const { digest } = manifest;
        return { name: `${(0,oci_reference/* familiarName */.hG)(reference)}@${digest}`, target: (0,descriptor/* descriptorOf */.n)(manifest), at };
    });
    // Platforms may share a manifest, and so its name.
    const distinct = new Map([...names, ...manifests].map((record) => [record.name, record]));
    await finishing.run.ports.store.record([...distinct.values()]);
}

;// CONCATENATED MODULE: ./build/pull/order.js
/** Pure: the images with the most bytes of distinct layers first, else in the order given: what takes an engine longest must not begin last. */
function largestFirst(resolved) {
    return [...resolved].sort((a, b) => layerBytes(b) - layerBytes(a));
}
/** Pure: the outcomes in the order of the request. */
function inOrderOf(resolved, images) {
    const position = new Map(resolved.map(({ key }, at) => [key, at]));
    return [...images].sort((a, b) => (position.get(a.key) ?? 0) - (position.get(b.key) ?? 0));
}
function layerBytes(image) {
    if (image.kind !== 'image')
        return 0;
    const sizes = new Map();
    for (const { manifest } of image.resolution.platforms)
        for (const { digest, size } of manifest.layers)
            sizes.set(digest, size);
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

;// CONCATENATED MODULE: ./build/pull/present.js






/** Asks store and engine what they hold of the resolved images; an engine that fails to say makes only that image fail. */
async function presentImages(resolved, run) {
    const { store, engine } = run.ports;
    const stored = new Set();
    const held = new Map();
    const unloadable = new Map();
    const some = (0,pool/* gate */.Gj)(8);
    const images = resolved.filter((image) => image.kind === 'image');
    const blobs = new Map(images.flatMap(({ resolution }) => blobsOf(resolution)).map((blob) => [(0,descriptor/* blobKey */.b)(blob), blob]));
    // Marked before anybody looks: what is seen here must still be here when it is used.
    const digests = [...blobs.values()].map(({ digest }) => digest);
    const lease = await store.lease([...digests, ...images.flatMap(({ resolution }) => documentsIn(resolution))]);
    run.ports.report({ type: 'leased', lease });
    const asked = images.map(({ key, reference, resolution }) => some(async () => {
        try {
            const loadables = engine ? loadablesOf(reference, resolution, engine) : [];
            const found = await Promise.all(loadables.map((image) => engine?.present(image)));
            held.set(key, found.filter((it) => it !== undefined));
        }
        catch (error) {
            unloadable.set(key, (0,pull_run/* failureOf */.g)(error, key));
        }
    }));
    const looked = [...blobs.values()].map((blob) => some(async () => void ((await store.has(blob)) && stored.add((0,descriptor/* blobKey */.b)(blob)))));
    await Promise.all([...asked, ...looked]);
    return { stored, held, unloadable };
}
/** Every blob of a resolution but its documents: configs and layers, companions' too. */
function blobsOf(resolution) {
    return [...resolution.platforms, ...resolution.companions].flatMap(leafBlobs);
}
/** Every document of a resolution, and the one that stands in for its target before other readers. */
function documentsIn(resolution) {
    const documents = [...resolution.platforms, ...resolution.companions].flatMap((leaf) => leaf.documents);
    const readable = (0,pull_readable/* readableTarget */.M)(resolution);
    return [...documents.map(({ digest }) => digest), ...(readable ? [readable.descriptor.digest] : [])];
}

// EXTERNAL MODULE: ./build/pull/documents.js
var documents = __webpack_require__(9492);
// EXTERNAL MODULE: ./build/pull/cache-keys.js
var cache_keys = __webpack_require__(9365);
;// CONCATENATED MODULE: ./build/pull/last-known.js




/** An older answer than this serves nobody any more. */
const MAX_AGE_MS = 7 * 24 * 3600 * 1000;
/** Clocks differ; what is further ahead is no answer anybody gave. */
const MAX_SKEW_MS = 3600 * 1000;
/** The registry could not be asked; 401, 403, 404 and wrong bytes are answers, and no older one stands in for them. */
const UNASKABLE = ['UNREACHABLE', 'UNAVAILABLE', 'TOOMANYREQUESTS'];
/** The last digest known of a tag: the store's, else that of the cache's newest pointer; the younger of the two. Undefined beyond 7 days. */
async function lastKnown(reference, run) {
    const { store, cache, now } = run.ports;
    const named = await store.named((0,oci_reference/* canonicalReference */.Ys)(reference));
    const key = cache.readable ? await cache.newest((0,cache_keys/* tagPrefix */.B3)(reference)) : undefined;
    const pointer = key === undefined ? undefined : (0,cache_keys/* parseTagKey */.HS)(reference, key);
    const known = [named && { digest: named.target.digest, at: named.at }, pointer].filter((it) => it !== undefined && it.at <= now() + MAX_SKEW_MS);
    const newest = known.sort((a, b) => b.at - a.at)[0];
    return newest && now() - newest.at <= MAX_AGE_MS ? newest : undefined;
}
/** True if an older answer may stand in for the registry's: then nobody waits long for that. */
async function hasStandIn(reference, run) {
    return run.request.onRegistryError === 'use-cache' && (await lastKnown(reference, run)) !== undefined;
}
/**
 * What stands in for a registry that cannot be asked, with a warning that names digest and age. Throws the error where nothing may, and, if the registry is there,
 * says that nothing is known where something might.
 */
async function standIn(reference, error, run) {
    if (!(error instanceof errors/* PullError */.YX))
        throw error;
    const mayServe = run.request.onRegistryError === 'use-cache' && UNASKABLE.includes(error.code);
    const known = mayServe ? await lastKnown(reference, run) : undefined;
    if (!mayServe)
        throw error;
    if (!known)
        throw withoutStandIn(error, reference);
    const age = (0,format/* formatAge */.nV)(run.ports.now() - known.at);
    const message = `${error.message}; using the digest that ${(0,oci_reference/* familiarReference */.ZD)(reference)} had ${age} ago, ${known.digest}`;
    run.ports.report({ type: 'warning', message });
    return known;
}
function withoutStandIn(error, reference) {
    // Of a name that is wrong nothing can be known.
    if (error.code === 'UNREACHABLE')
        return error;
    const { code, subject, reason, hint, temporary, retryAfterMs } = error;
    const none = `no digest is known that ${(0,oci_reference/* familiarReference */.ZD)(reference)} had in the last 7 days and that could be used instead`;
    return new errors/* PullError */.YX(code, subject, `${reason}; ${none}`, { hint, temporary, retryAfterMs, cause: error });
}

;// CONCATENATED MODULE: ./build/pull/own-platforms.js

/** The run as one image sees it: with the platforms that a file asks for in place of the request's, where it does. */
function runFor(image, run) {
    if ('error' in image || !image.platforms)
        return run;
    const { request, ports } = run;
    const requested = request.platforms === 'engine' ? [ports.platform] : request.platforms;
    if (requested === 'all' && image.platforms.includes('requested'))
        return run;
    const named = image.platforms.flatMap((it) => (it !== 'requested' ? [it] : requested === 'all' ? [] : requested));
    const platforms = [...new Map(named.map((platform) => [(0,oci_platform/* formatPlatform */.Bq)(platform), platform])).values()];
    return { ...run, request: { ...request, platforms } };
}
/** Equal for platforms that mean the same. */
const platformsText = (platforms) => typeof platforms === 'string' ? platforms : platforms.map(oci_platform/* formatPlatform */.Bq).join();

;// CONCATENATED MODULE: ./build/pull/resolve.js











/** All images, in order, each resolved or failed; references that mean the same are resolved once. Nothing but manifests and small configs moves. */
async function resolveImages(wanted, run) {
    const answers = (0,pool/* once */.Oo)();
    const given = new Map();
    const lookup = {
        run,
        given,
        registry: (0,documents/* documentsOf */.u)(run, 'registry', given),
        cache: (0,documents/* documentsOf */.u)(run, 'cache', given),
        store: (0,documents/* documentsOf */.u)(run, 'store', given),
    };
    const before = run.ports.now() - run.startedAt;
    const timed = await Promise.all(wanted.map(async (image) => ({ ...(await answered(image)), endedAt: run.ports.now() })));
    const endedAt = run.ports.now();
    return timed.map(({ endedAt: own, ...image }) => ({ ...image, heldUpMs: before + endedAt - own }));
    async function answered(image) {
        if ('error' in image)
            return { key: image.key, kind: 'failed', error: image.error };
        const { key } = image;
        const reference = (0,oci_reference/* withDefaultTag */._t)(image.reference);
        try {
            const own = runFor(image, run);
            const asked = `${(0,oci_reference/* canonicalReference */.Ys)(reference)} ${platformsText(own.request.platforms)}`;
            const answer = await answers(asked, () => answerFor(reference, { ...lookup, run: own }));
            if ('resolution' in answer)
                return { key, reference, kind: 'image', resolution: answer.resolution };
            return { key, reference, kind: 'engine', digest: answer.digest, found: answer.found };
        }
        catch (error) {
            return { key, reference, kind: 'failed', error: (0,pull_run/* failureOf */.g)(error, key) };
        }
    }
}
async function answerFor(reference, lookup) {
    const { run } = lookup;
    const { policy } = run.request;
    if (policy === 'always')
        return online(reference, lookup);
    const held = (await inStore(reference, lookup)) ?? (await inEngine(reference, run));
    if (held)
        return held;
    if (policy === 'missing')
        return online(reference, lookup);
    const cached = await inCache(reference, lookup);
    if (cached)
        return cached;
    const { engine, cache } = run.ports;
    const places = ['in the store', engine && `in ${engine.title}`, cache.readable && 'in the Actions cache'].filter(Boolean);
    const where = places.length === 1 ? 'not complete in the store' : `neither complete ${places.join(' nor ')}`;
    throw new errors/* PullError */.YX('NOT_HELD', (0,oci_reference/* familiarReference */.ZD)(reference), `pull-policy is never, and the image is ${where}`, {
        hint: 'Pull it once with pull-policy: missing, or use always.',
    });
}
/** Asks the registry what a tag points to; a digest needs no asking, and its documents may all be nearer. */
async function online(reference, lookup) {
    const { run, given } = lookup;
    const at = run.ports.now();
    if (reference.digest)
        return nearest(reference, { digest: reference.digest, at, tagAsked: false, reach: 'registry' }, lookup);
    try {
        const answer = await run.gate(reference.domain)(() => run.ports.registry.resolve(reference, reference.tag ?? 'latest', () => hasStandIn(reference, run)));
        if (answer.document) {
            given.set(answer.document.digest, answer.document);
            run.fetched.add(answer.document.digest);
        }
        return await nearest(reference, { digest: answer.digest, at, tagAsked: true, reach: 'registry' }, lookup);
    }
    catch (error) {
        const known = await standIn(reference, error, run);
        return nearest(reference, { ...known, tagAsked: false, reach: 'registry' }, lookup);
    }
}
/** The image of a digest; where the engine alone knows it by that digest nothing more is asked of the registry, not even what platforms it has. */
async function nearest(reference, start, lookup) {
    const { run } = lookup;
    if (run.request.platforms === 'engine' && run.ports.engine && !(await run.ports.store.read(start.digest))) {
        // Beside a tag the digest is no name: the tag is to be there.
        const name = (0,oci_reference/* familiarReference */.ZD)(reference.tag ? { ...reference, digest: undefined } : reference);
        const found = await run.ports.engine.find(name);
        if (found?.whole && found.digests.includes(start.digest))
            return { digest: start.digest, found };
    }
    return { resolution: await resolution(reference, start, lookup) };
}
/** What the store says of the reference, if it holds every byte of it. */
async function inStore(reference, lookup) {
    const { store, now } = lookup.run.ports;
    const named = reference.digest ? undefined : await store.named((0,oci_reference/* canonicalReference */.Ys)(reference));
    const digest = reference.digest ?? named?.target.digest;
    if (!digest)
        return undefined;
    const found = await unlessAbsent(resolution(reference, { digest, at: named?.at ?? now(), tagAsked: false, reach: 'store' }, lookup));
    if (!found)
        return undefined;
    const blobs = found.platforms.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]);
    const held = await Promise.all(blobs.map((blob) => store.has(blob)));
    return held.every(Boolean) ? { resolution: found } : undefined;
}
/** What the engine holds under the name; with platforms asked for by name it cannot say, so it is not asked. */
async function inEngine(reference, run) {
    if (run.request.platforms !== 'engine')
        return undefined;
    const found = await run.ports.engine?.find((0,oci_reference/* familiarReference */.ZD)(reference));
    return found && { digest: reference.digest ?? found.digests[0], found };
}
/** What store and cache say of the reference together; whether the cache has the layers too is seen when they are fetched. */
async function inCache(reference, lookup) {
    const known = reference.digest
        ? { digest: reference.digest, at: lookup.run.ports.now() }
        : await lastKnown(reference, lookup.run);
    if (!known)
        return undefined;
    const found = await unlessAbsent(resolution(reference, { ...known, tagAsked: false, reach: 'cache' }, lookup));
    return found && { resolution: found };
}
async function unlessAbsent(finding) {
    try {
        return await finding;
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX && error.code === 'NOT_HELD')
            return undefined;
        throw error;
    }
}
async function resolution(reference, { digest, at, tagAsked, reach }, lookup) {
    const { run } = lookup;
    const asked = askedOf(run);
    const opens = reach !== 'store' && !(await isHere(reference, digest, lookup));
    const opened = opens ? await run.packs.open(digest, asked) : [];
    const documents = lookup[reach];
    const root = await documents.read(reference, digest);
    const { platforms, companions } = await chooseLeaves(root, reference, documents, run);
    const packs = new Map(asked.map((each, position) => [each, opened[position] ?? false]));
    return {
        target: (0,descriptor/* descriptorOf */.n)(root.document),
        platforms,
        companions,
        at,
        packs,
        tagAsked,
        wanted: run.request.platforms,
    };
}
/** What packs are named after: the platforms as the request has them, so that a pack is found before its index is read. */
function askedOf({ request: { platforms }, ports }) {
    if (platforms === 'all')
        return ['all'];
    return platforms === 'engine' ? [(0,oci_platform/* formatPlatform */.Bq)(ports.platform)] : [...new Set(platforms.map(oci_platform/* formatPlatform */.Bq))];
}
/** True if the store has all that a pack could bring: documents, configs and the smaller layers of what is asked for. */
async function isHere(reference, digest, { run, store: documents }) {
    if (!run.ports.cache.readable)
        return true;
    const silent = { ...run, ports: { ...run.ports, report: () => { } } };
    try {
        const { platforms } = await chooseLeaves(await documents.read(reference, digest), reference, documents, silent);
        const small = platforms.flatMap(leafBlobs).filter(({ size }) => size < packs/* OWN_ENTRY_BYTES */.G);
        return (await Promise.all(small.map((blob) => run.ports.store.has(blob)))).every(Boolean);
    }
    catch (error) {
        // Any other failure is told by whoever reads the same documents next.
        return !(error instanceof errors/* PullError */.YX && error.code === 'NOT_HELD');
    }
}

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./build/settings/locked.js
var settings_locked = __webpack_require__(1440);
;// CONCATENATED MODULE: ./build/pull/watch.js




/** The pull is over: nobody waits longer than this for the rest. */
const PATIENCE_MS = 1_000;
/**
 * Asks once for each locked tag where it points now, beside the pull and never in its way: not through its gates, without retries. A registry that does not say is one
 * notice. Nothing is asked unless the policy is `always` and there is a lock file.
 */
function watchTags(wanted, run) {
    const { request, ports } = run;
    const { tagWatch, report } = ports;
    if (!tagWatch || !request.lock || request.policy !== 'always')
        return { end: async () => [] };
    const some = (0,pool/* gate */.Gj)(4);
    const tags = new Map(wanted.flatMap((image) => ('reference' in image ? lockedTag(image.reference) : [])));
    const moved = [];
    const silent = new Set(tags.keys());
    const answers = [...tags].map(([name, { reference, locked }]) => some(async () => {
        const now = await tagWatch(reference, reference.tag);
        silent.delete(name);
        if (now !== locked)
            moved.push({ reference: name, locked, now });
    }).catch(() => { }));
    return {
        async end() {
            const waiting = new AbortController();
            await Promise.race([
                Promise.all(answers),
                (0,promises_.setTimeout)(PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => { }),
            ]);
            waiting.abort();
            for (const tag of moved)
                report({ type: 'moved', tag });
            if (silent.size > 0 && !ports.signal.aborted)
                report({ type: 'notice', message: silence(silent, tags) });
            return [...moved];
        },
    };
}
function lockedTag(reference) {
    const { domain, path, tag, digest } = reference;
    const name = (0,settings_locked/* lockKey */.TL)(reference);
    return tag && digest && name ? [[name, { reference: { domain, path, tag }, locked: digest }]] : [];
}
function silence(silent, tags) {
    const names = [...silent].map((name) => (0,oci_reference/* familiarReference */.ZD)(tags.get(name)?.reference ?? { domain: '', path: name }));
    const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
    return `Whether ${shown} moved since the lock file was written could not be asked; what the file says counts.`;
}

;// CONCATENATED MODULE: ./build/pull/pull.js














/**
 * Brings images onto this machine: each blob at most once, and only if nothing nearer has it. An image that fails does not stop the others: its outcome says
 * why. Throws only CANCELLED, or what makes the whole run impossible.
 */
async function pull(request, ports) {
    const run = (0,pull_run/* newRun */.u)(request, ports);
    ports.report({
        type: 'started',
        keys: request.images.map(({ key }) => key),
        store: ports.store.root,
        engine: ports.engine?.title,
    });
    const wanted = await (0,all_tags/* expandTags */.C)(run); //                   all-tags → one image a tag
    const watch = watchTags(wanted, run); //                   beside it all: have locked tags moved?
    const resolved = (0,locked/* heldAgainst */.fn)(request, await resolveImages(wanted, run)); // names → digests → manifests
    const present = await presentImages(resolved, run); //     what store and engine hold already
    const ordered = ports.engine ? largestFirst(resolved) : resolved; // the longest way into the engine begins first
    const plan = planBlobs(ordered, present, ports.engine ? 'bottom-first' : 'largest-first'); // what is missing, each blob once, in order
    await makeSureItFits(plan, run); //                        an error with both figures, before any byte moves
    const handOvers = await handOversThatFit(ordered, present, plan, run);
    const arrivals = fetchBlobs(plan, run); //                 registry → store, under way
    const images = await finishImages(ordered, present, { arrivals, handOvers }, run); // … ‖ store → engine
    await run.packs.close();
    if (ports.signal.aborted)
        throw (0,errors/* cancelled */.KW)();
    const moved = request.lock && (await watch.end());
    const lock = request.updatesLock ? (0,locked/* lockOf */.Vx)(resolved) : undefined;
    const outcome = { ...totalOutcome(inOrderOf(resolved, images), run), moved, lock };
    ports.report({ type: 'finished', totals: outcome.totals });
    return outcome;
}


/***/ }),

/***/ 5904:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ readableTarget)
/* harmony export */ });
/* harmony import */ var _oci_descriptor_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6937);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1564);
/* harmony import */ var _oci_layout_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2470);
/* harmony import */ var _oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4566);




/**
 * Pure: skopeo and Podman look a name up among entries of OCI types only, and choose the host's platform from an index, held or not. So a single platform is
 * offered as its manifest, and Docker's types under an OCI index of what was pulled; undefined where the target itself serves.
 */
function readableTarget({ target, platforms }) {
    const [first, ...others] = platforms;
    if (target.mediaType === _oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__/* .OCI_MANIFEST */ .EG || (target.mediaType === _oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__/* .OCI_INDEX */ .$p && others.length > 0) || !first)
        return undefined;
    const manifest = first.documents.at(-1);
    if (others.length === 0 && manifest?.mediaType === _oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__/* .OCI_MANIFEST */ .EG)
        return { descriptor: (0,_oci_descriptor_js__WEBPACK_IMPORTED_MODULE_3__/* .descriptorOf */ .n)(manifest) };
    // Without a platform an only child is taken whatever the host runs.
    const entries = others.length === 0 ? [entryOf({ ...first, platform: undefined })] : platforms.map(entryOf);
    const bytes = Buffer.from((0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_1__/* .indexJson */ .Hh)(entries.flat()));
    const document = { mediaType: _oci_media_types_js__WEBPACK_IMPORTED_MODULE_2__/* .OCI_INDEX */ .$p, digest: (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .digestOf */ .ol)(bytes), bytes };
    return { descriptor: (0,_oci_descriptor_js__WEBPACK_IMPORTED_MODULE_3__/* .descriptorOf */ .n)(document), document };
}
function entryOf({ documents, platform }) {
    const manifest = documents.at(-1);
    return manifest ? [{ ...(0,_oci_descriptor_js__WEBPACK_IMPORTED_MODULE_3__/* .descriptorOf */ .n)(manifest), platform }] : [];
}


/***/ }),

/***/ 1682:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  g: () => (/* binding */ failureOf),
  u: () => (/* binding */ newRun)
});

// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
;// CONCATENATED MODULE: ./build/pull/meter.js
function newMeter() {
    const spans = new Map();
    return {
        add(source, bytes, startedAt, endedAt) {
            const span = spans.get(source) ?? { bytes: 0, from: startedAt, to: endedAt };
            spans.set(source, {
                bytes: span.bytes + bytes,
                from: Math.min(span.from, startedAt),
                to: Math.max(span.to, endedAt),
            });
        },
        of(source) {
            const span = spans.get(source);
            return span ? { bytes: span.bytes, seconds: (span.to - span.from) / 1000 } : { bytes: 0, seconds: 0 };
        },
    };
}

// EXTERNAL MODULE: ./build/pull/packs.js
var packs = __webpack_require__(1956);
;// CONCATENATED MODULE: ./build/pull/run.js





/** A run that starts now. */
function newRun(request, ports) {
    const meter = newMeter();
    return {
        request,
        ports,
        gate: (0,pool/* gates */.VF)(request.concurrency),
        // The registry has the connections; with no more blobs than those, each would lie idle while its blob is put into its place.
        blobGate: (0,pool/* gates */.VF)(2 * request.concurrency),
        startedAt: ports.now(),
        packs: (0,packs/* packsOf */.m)(ports, meter),
        meter,
        fetched: new Set(),
    };
}
/** The failure of one image as a PullError; what nobody foresaw is rethrown, unless the run is being cancelled anyway. */
function failureOf(error, key) {
    if (error instanceof errors/* PullError */.YX)
        return error;
    if (error?.name === 'AbortError')
        return new errors/* PullError */.YX('CANCELLED', (0,clean/* clean */.uH)(key), 'cancelled', { cause: error });
    throw error;
}


/***/ }),

/***/ 5215:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   k: () => (/* binding */ transfer)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1564);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(907);



/**
 * Brings a blob of a repository into the store; returns the seconds it took. After wrong bytes there is one clean try more, in one stream from the registry
 * itself: a proxy on the way may have been at fault, or what it keeps of parts. Every error names the repository.
 */
async function transfer(blob, repository, run, options = {}) {
    const { ports } = run;
    const { inline, rank, count = () => { }, began = () => { } } = options;
    for (let attempt = 1;; attempt += 1) {
        ports.signal.throwIfAborted();
        const startedAt = ports.now();
        let received = 0;
        const seen = (bytes) => {
            received += bytes;
            count(bytes);
        };
        try {
            const writing = ports.store.write(blob, counted(inline ? [inline] : ports.registry.blob(repository, blob, rank), seen));
            began();
            await writing;
            const endedAt = ports.now();
            if (!inline) {
                run.meter.add('registry', blob.size, startedAt, endedAt);
                run.fetched.add(blob.digest);
            }
            return (endedAt - startedAt) / 1000;
        }
        catch (error) {
            count(-received);
            if (!isWrongBytes(error) || attempt > 1)
                throw located(error, repository, run);
            ports.report({ type: 'retry', subject: (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .shortDigest */ .VK)(blob.digest), reason: error.reason, attempt, delayMs: 0 });
        }
    }
}
/** The store knows a blob by its digest only; the reader needs to know whence it came. */
function located(error, repository, run) {
    const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarName */ .hG)(repository);
    if (run.ports.signal.aborted || !(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX))
        return error;
    const hint = error.hint ?? (isWrongBytes(error) ? _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .WRONG_BYTES */ .UQ : undefined);
    const isNamed = error.subject.startsWith(name);
    if (isNamed && hint === error.hint)
        return error;
    const { code, temporary, retryAfterMs } = error;
    const reason = isNamed ? error.reason : error.message;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX(code, isNamed ? error.subject : name, reason, { hint, temporary, retryAfterMs, cause: error });
}
const isWrongBytes = (error) => error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX && (error.code === 'DIGEST_MISMATCH' || error.code === 'SIZE_MISMATCH');
async function* counted(content, count) {
    for await (const part of content) {
        if ('bytes' in part)
            count(part.bytes.byteLength);
        else if ('landed' in part)
            count(part.landed);
        else if ('byteLength' in part)
            count(part.byteLength);
        yield part;
    }
}


/***/ }),

/***/ 526:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $B: () => (/* binding */ bare),
/* harmony export */   U9: () => (/* binding */ isLoopback),
/* harmony export */   ZO: () => (/* binding */ subnets),
/* harmony export */   gR: () => (/* binding */ contains),
/* harmony export */   kE: () => (/* binding */ zoneOf)
/* harmony export */ });
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7030);

/** From the inside out; an unspecified address is answered by this machine. */
const ZONES = [
    ['loopback', subnets(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'])],
    // The single addresses are where Azure, Alibaba and Oracle answer the machines they host about themselves.
    [
        'link-local',
        subnets(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32', '168.63.129.16', '100.100.100.200', '192.0.0.192']),
    ],
    [
        'private',
        subnets([
            '10.0.0.0/8',
            '100.64.0.0/10',
            '172.16.0.0/12',
            '192.0.0.0/24',
            '192.168.0.0/16',
            '198.18.0.0/15',
            '240.0.0.0/4',
            'fc00::/7',
            'fec0::/10',
            '64:ff9b:1::/48',
        ]),
    ],
];
const LOOPBACK = subnets(['127.0.0.0/8', '::1/128']);
/** IPv6 addresses that hold IPv4 ones, and which of their groups those are: whoever translates them, or ends the tunnel, reaches what is in them. */
const HOLDING = [
    // Compatible and translated (RFC 4291 2.5.5.1, RFC 2765 2.1), mapped, and NAT64 (RFC 6052, RFC 8215).
    [
        subnets(['::/96', '::ffff:0:0:0/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48']),
        (groups) => [groups.slice(6)],
    ],
    // 6to4 (RFC 3056).
    [subnets(['2002::/16']), (groups) => [groups.slice(1, 3)]],
    // Teredo: its server, and the client with every bit turned (RFC 4380, 4).
    [subnets(['2001::/32']), (groups) => [groups.slice(2, 4), groups.slice(6).map((group) => group ^ 0xffff)]],
];
/** The fifth and sixth group of ISATAP addresses, whatever their prefix (RFC 5214, 6.1). */
const ISATAP = ['0:5efe', '200:5efe'];
/** True for `localhost`, 127.0.0.0/8 and ::1, as `URL.hostname` spells them: what Docker lets speak plain HTTP without being told. */
function isLoopback(hostname) {
    return hostname === 'localhost' || contains(LOOPBACK, hostname);
}
/**
 * The zone of an address literal, and of `localhost` with its subdomains (IANA special-purpose registries, RFC 6890); other names count as public. An IPv6 address
 * that holds IPv4 ones lies as far inside as the innermost of them.
 */
function zoneOf(hostname) {
    if (/(^|\.)localhost\.?$/.test(hostname))
        return 'loopback';
    const addresses = [hostname, ...heldBy(bare(hostname))];
    return ZONES.find(([, list]) => addresses.some((address) => contains(list, address)))?.[0] ?? 'public';
}
/** True if the address literal, with or without brackets, lies in one of the ranges. */
function contains(list, hostname) {
    const address = withoutScope(bare(hostname));
    return ((0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv4)(address) && list.check(address, 'ipv4')) || ((0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv6)(address) && list.check(address, 'ipv6'));
}
/** The ranges of a list of CIDRs; a bare address is a range of one. Throws a RangeError or TypeError on anything else. */
function subnets(cidrs) {
    const list = new node_net__WEBPACK_IMPORTED_MODULE_0__.BlockList();
    for (const cidr of cidrs) {
        const [address = '', prefix] = cidr.split('/');
        const family = (0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv4)(address) ? 'ipv4' : 'ipv6';
        list.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family);
    }
    return list;
}
/** An address as sockets take it: a URL has IPv6 in brackets. */
const bare = (hostname) => hostname.replace(/^\[(.*)\]$/, '$1');
/** `fe80::1%eth0` names the link as well. */
const withoutScope = (address) => address.replace(/%.*$/, '');
/** The IPv4 addresses in an IPv6 address. */
function heldBy(address) {
    if (!(0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIPv6)(address))
        return [];
    const groups = groupsOf(withoutScope(address));
    const pairs = HOLDING.flatMap(([list, pick]) => (contains(list, address) ? pick(groups) : []));
    const last = groups.slice(4, 6).map((group) => group.toString(16));
    const all = ISATAP.includes(last.join(':')) ? [...pairs, groups.slice(6)] : pairs;
    return all.map(([high = 0, low = 0]) => [high >> 8, high & 255, low >> 8, low & 255].join('.'));
}
/** The eight groups of an IPv6 address. */
function groupsOf(address) {
    const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
    const [front = [], back = []] = written.split('::').map((part) => part.split(':').filter(Boolean));
    const gap = Array.from({ length: 8 - front.length - back.length }, () => '0');
    return [...front, ...gap, ...back].map((group) => Number.parseInt(group, 16));
}


/***/ }),

/***/ 1733:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   r: () => (/* binding */ clientProblem)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_tls__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1692);



/** Which of the files keeps TLS from being spoken with them, and why, without a word of what is in it; undefined if none does. */
function clientProblem(files) {
    const { cert, certFile, key, keyFile } = files;
    // An empty one would count as none.
    if (cert.trim() !== '' && failure(() => (0,node_tls__WEBPACK_IMPORTED_MODULE_2__.createSecureContext)({ cert, key })) === undefined)
        return undefined;
    const badCert = failure(() => (0,node_tls__WEBPACK_IMPORTED_MODULE_2__.createSecureContext)({ cert: cert || ' ' }));
    if (badCert)
        return { file: certFile, reason: `expected a certificate in PEM that TLS can use, found none (${badCert})` };
    const badKey = failure(() => (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createPrivateKey)(key));
    if (badKey)
        return { file: keyFile, reason: `expected a private key in PEM without a passphrase, found none (${badKey})` };
    return { file: keyFile, reason: `expected the private key of ${node_path__WEBPACK_IMPORTED_MODULE_1__.basename(certFile)}, found another` };
}
/** The code of OpenSSL's. */
function failure(task) {
    try {
        task();
        return undefined;
    }
    catch (error) {
        return String(error.code ?? 'not understood');
    }
}


/***/ }),

/***/ 9558:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  U: () => (/* binding */ createClient)
});

// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: ./build/registry/credentials.js
var credentials = __webpack_require__(5760);
// EXTERNAL MODULE: external "node:dns"
var external_node_dns_ = __webpack_require__(610);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/registry/addresses.js
var registry_addresses = __webpack_require__(526);
// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
// EXTERNAL MODULE: ./build/registry/client-certificate.js
var client_certificate = __webpack_require__(1733);
;// CONCATENATED MODULE: ./build/registry/certificates.js






/** Where Linux distributions keep all authorities in one file: Debian, Fedora and RHEL, openSUSE, Alpine. The first that is there counts, as in Go. */
const BUNDLES = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/cert.pem',
];
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/**
 * Every authority this machine trusts: those of Node and of NODE_EXTRA_CA_CERTS, and of SSL_CERT_FILE and SSL_CERT_DIR or else the system's. To be asked for
 * only when Node's own do not suffice, for taking in some 300 certificates costs tens of milliseconds. Files that are not there count as empty.
 */
async function allAuthorities(environment) {
    const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, SSL_CERT_DIR } = environment;
    const named = [NODE_EXTRA_CA_CERTS, SSL_CERT_FILE].filter((file) => file !== undefined && file !== '');
    const texts = await Promise.all(named.map((file) => readIfThere(file ?? '')));
    for (const folder of (SSL_CERT_DIR ?? '').split(external_node_path_.delimiter).filter(Boolean))
        texts.push(...(await allIn(folder)));
    const theirs = SSL_CERT_FILE || SSL_CERT_DIR ? [] : await systemAuthorities();
    const found = [...texts, ...theirs].flatMap((text) => text.match(BLOCK) ?? []);
    return [...new Set([...external_node_tls_.rootCertificates, ...found])];
}
/** Windows and macOS have no file: there Node asks the system, where it is new enough (22.15). */
async function systemAuthorities() {
    for (const bundle of BUNDLES) {
        const text = await readIfThere(bundle);
        if (text !== '')
            return [text];
    }
    return external_node_tls_.getCACertificates?.('system') ?? [];
}
/** The folders in which Docker, rootless or not, containers/image and containerd look for a registry's certificates (containers-certs.d(5)). */
function certificateFolders(environment) {
    const home = environment.HOME || (0,external_node_os_.homedir)();
    return [
        '/etc/docker/certs.d',
        external_node_path_.join(home, '.config/docker/certs.d'),
        external_node_path_.join(home, '.config/containers/certs.d'),
        '/etc/containers/certs.d',
        '/etc/containerd/certs.d',
    ];
}
/**
 * What lies in folders named after the host: `*.crt` are authorities, the first `*.cert` with its `*.key` is the client's; a `*.cert` may hold its key.
 * Throws INPUT_INVALID about the file for a certificate without a key, a pair that TLS cannot use, or a file that cannot be read.
 */
async function certificatesFor(hosts, folders) {
    const authorities = [];
    let client;
    for (const folder of folders.flatMap((parent) => hosts.map((host) => external_node_path_.join(parent, host)))) {
        const names = await namesIn(folder);
        for (const name of names.filter((file) => file.endsWith('.crt')))
            authorities.push(await readText(external_node_path_.join(folder, name)));
        const certificate = names.find((file) => file.endsWith('.cert'));
        if (certificate !== undefined)
            client ??= await clientOf(external_node_path_.join(folder, certificate));
    }
    return { authorities, client };
}
async function clientOf(file) {
    const cert = await readText(file);
    const keyFile = file.replace(/\.cert$/, '.key');
    const own = await readIfThere(keyFile);
    const key = own || (cert.includes('PRIVATE KEY-----') ? cert : '');
    if (key === '')
        throw new errors/* PullError */.YX('INPUT_INVALID', file, `expected its key in ${external_node_path_.basename(keyFile)} beside it, found none`);
    const problem = (0,client_certificate/* clientProblem */.r)({ cert, certFile: file, key, keyFile: own === '' ? file : keyFile });
    if (problem)
        throw new errors/* PullError */.YX('INPUT_INVALID', problem.file, problem.reason);
    return { cert, key };
}
/** Sorted, as Docker reads them; a folder that is not there, or not ours to see, is empty. */
async function namesIn(folder) {
    const names = await (0,promises_.readdir)(folder).catch(() => []);
    return names.sort();
}
async function allIn(folder) {
    return Promise.all((await namesIn(folder)).map((name) => readIfThere(external_node_path_.join(folder, name))));
}
async function readText(file) {
    return (0,promises_.readFile)(file, 'utf8').catch((error) => {
        throw new errors/* PullError */.YX('INPUT_INVALID', file, `it cannot be read (${error.code})`, { cause: error });
    });
}
async function readIfThere(file) {
    return (0,promises_.readFile)(file, 'utf8').catch(() => '');
}

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
// EXTERNAL MODULE: external "node:url"
var external_node_url_ = __webpack_require__(3136);
// EXTERNAL MODULE: ./build/lib/redact.js
var redact = __webpack_require__(1059);
;// CONCATENATED MODULE: ./build/registry/proxies.js





const PROTOCOLS = new Set(['http:', 'https:', 'socks5:', 'socks5h:']);
/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or else not, with the meaning they have in Go (golang.org/x/net/http/httpproxy) and so in Docker:
 * names with their subdomains, `.name` for those alone, `*`, addresses, CIDRs, each with a port or without. Loopback is never proxied.
 */
function proxyRule(environment) {
    const read = (name) => environment[name] || environment[name.toLowerCase()] || '';
    const direct = exceptions(read('NO_PROXY'));
    return (url) => {
        const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
        const value = url.protocol === 'https:' || url.protocol === 'http:' ? read(name) : '';
        if (value === '')
            return undefined;
        // What a web server calls has HTTP_PROXY from a request's `Proxy:` header (CVE-2016-5385).
        if (name === 'HTTP_PROXY' && environment.REQUEST_METHOD)
            throw unusable(name, 'it is not used where REQUEST_METHOD is set, for then anybody may have set it');
        const port = url.port || (url.protocol === 'https:' ? '443' : '80');
        if ((0,registry_addresses/* isLoopback */.U9)(url.hostname) || direct.some((matches) => matches(url.hostname, port)))
            return undefined;
        return parseProxy(name, value);
    };
}
function parseProxy(name, value) {
    const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    if (!URL.canParse(text))
        throw unusable(name, 'its value is not a URL');
    const url = new URL(text);
    if (/%(?![0-9a-f]{2})/i.test(url.username + url.password))
        throw unusable(name, 'a % in its user or password must be written as %25');
    if (PROTOCOLS.has(url.protocol) && url.hostname !== '')
        return url;
    throw unusable(name, `expected http://, https:// or socks5://, found ${(0,redact/* redactUrl */.BO)(url)}`);
}
function unusable(name, reason) {
    return new errors/* PullError */.YX('INPUT_INVALID', name, reason, { hint: `Write it as ${name}=http://proxy.example:3128.` });
}
function exceptions(list) {
    const entries = list
        .split(',')
        .map((entry) => entry.trim().toLowerCase())
        .filter(Boolean);
    return entries.includes('*') ? [() => true] : entries.map(exception);
}
function exception(entry) {
    const range = parseRange(entry);
    if (range)
        return (hostname) => (0,registry_addresses/* contains */.gR)(range, hostname);
    const [host, port] = splitPort(entry);
    const atPort = (found) => port === '' || port === found;
    if ((0,external_node_net_.isIP)(host)) {
        const address = (0,registry_addresses/* subnets */.ZO)([host]);
        return (hostname, found) => (0,registry_addresses/* contains */.gR)(address, hostname) && atPort(found);
    }
    if (host === '')
        return () => false;
    const suffix = host.startsWith('*.') ? host.slice(1) : host;
    const name = toAscii(suffix.replace(/^\./, ''));
    return (hostname, found) => atPort(found) && (hostname.endsWith(`.${name}`) || (!suffix.startsWith('.') && hostname === name));
}
function parseRange(entry) {
    const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
    if (!(0,external_node_net_.isIP)(address) || Number(prefix) > ((0,external_node_net_.isIPv6)(address) ? 128 : 32))
        return undefined;
    return (0,registry_addresses/* subnets */.ZO)([entry]);
}
/** `host:80` and `[::1]:80` have a port; `::1` has none. */
function splitPort(entry) {
    const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(entry) ?? [];
    return port === undefined ? [entry, ''] : [bracketed ?? plain ?? '', port];
}
const toAscii = (name) => (0,external_node_url_.domainToASCII)(name) || (0,registry_addresses/* bare */.$B)(name);

;// CONCATENATED MODULE: ./build/registry/connections.js




const HUB_HOST = 'registry-1.docker.io';
const PLAIN = { rejectUnauthorized: true };
const ANY = { rejectUnauthorized: false };
/**
 * Proxies, authorities and client certificates of the machine. Nothing is read before the first connection, and of the system's authorities nothing before a
 * certificate is not known to Node: public registries never pay for them.
 */
function createConnections({ environment, insecure, origins, ...options }) {
    const folders = options.certificateFolders ?? certificateFolders(environment);
    const known = (0,pool/* once */.Oo)();
    const authorities = (0,pool/* once */.Oo)();
    const trusts = (0,pool/* once */.Oo)();
    const proxyFor = proxyRule(environment);
    let wide = false;
    let shown = false;
    const stamps = new Map();
    /** Another text whenever more was learnt of an origin. */
    const stampOf = (said) => {
        if (!said)
            return '';
        stamps.set(said, stamps.get(said) ?? stamps.size);
        return ` ${stamps.get(said)}`;
    };
    const mayBeInsecure = async (url) => {
        await insecure.ready();
        return proxyFor(url) ? insecure.maybePlain(url) : insecure.allows(url);
    };
    /** Connections that trust the same share one object, so that its certificates are parsed once. */
    async function trustOf(url) {
        if (url.protocol !== 'https:')
            return PLAIN;
        const said = origins.of(url);
        const lenient = said?.skipsVerify || (await mayBeInsecure(url));
        const found = await certificatesFor(foldersOf(url), folders);
        const own = {
            authorities: [...found.authorities, ...(said?.authorities ?? [])],
            client: options.anonymous ? undefined : (said?.client ?? found.client),
        };
        if (own.client)
            shown = true;
        if (!wide && own.authorities.length === 0 && !own.client)
            return lenient ? ANY : PLAIN;
        const key = own.authorities.length === 0 && !own.client ? `${lenient}` : url.host + stampOf(said);
        return trusts(key + wide, async () => {
            const ca = wide || own.authorities.length > 0 ? await authorities('', () => allAuthorities(environment)) : undefined;
            return { ca: ca && [...ca, ...own.authorities], ...own.client, rejectUnauthorized: !lenient };
        });
    }
    const connectionFor = (url) => {
        const said = origins.of(url);
        return known(url.origin + wide + stampOf(said), async () => {
            const proxy = proxyFor(url)?.href;
            const listedOnly = proxy === undefined && (await insecure.byRange(url));
            return { proxy, trust: await trustOf(url), listedOnly, connectMs: said?.connectMs };
        });
    };
    return {
        connectionFor,
        mayBeInsecure,
        isProxied: (url) => proxyFor(url) !== undefined,
        showsClient: () => shown,
        wider: async (url, tried) => {
            if (tried.trust.ca !== undefined)
                return undefined;
            wide = true;
            return connectionFor(url);
        },
    };
}
/** Docker and containers/image take the port as it was written, so that 443 may stand there or not, containerd also as `host_5000_`; Docker Hub has its own name. */
function foldersOf(url) {
    const port = url.port || '443';
    const names = [...(url.port === '' ? [url.host] : []), `${url.hostname}:${port}`, `${url.hostname}_${port}_`];
    return (0,registry_addresses/* bare */.$B)(url.hostname) === HUB_HOST ? [...names, 'docker.io'] : names;
}

// EXTERNAL MODULE: ./build/registry/endpoints.js
var endpoints = __webpack_require__(4572);
;// CONCATENATED MODULE: ./build/registry/insecure.js



/** A list of hosts, `host:port` and CIDRs as `settings` gives it, IPv6 hosts in brackets, and the hosts that files list, also as `*.corp`. */
function createInsecure(list, lookup = external_node_dns_.lookup, inFiles = async () => []) {
    const hosts = new Set(list.filter((entry) => !entry.includes('/')).map((entry) => entry.toLowerCase()));
    const cidrs = list.filter((entry) => entry.includes('/'));
    const ranges = (0,registry_addresses/* subnets */.ZO)(cidrs);
    const resolved = (0,pool/* once */.Oo)();
    const listsAddress = (address) => (0,registry_addresses/* contains */.gR)(ranges, address);
    const withPort = ({ hostname, port, protocol }) => `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
    const suffixes = new Set();
    const isBelow = ({ hostname }) => [...suffixes].some((suffix) => hostname.endsWith(suffix));
    const lists = (url) => hosts.has(url.hostname) || hosts.has(withPort(url)) || isBelow(url) || listsAddress(url.hostname);
    const reading = (0,pool/* once */.Oo)();
    const ready = () => reading('', async () => {
        for (const entry of await inFiles())
            entry.startsWith('*.') ? suffixes.add(entry.slice(1)) : hosts.add(entry);
    });
    const byRange = async (url) => {
        if (cidrs.length === 0 || (0,registry_addresses/* isLoopback */.U9)(url.hostname) || lists(url) || isWellKnown(url))
            return false;
        const addresses = await resolved(url.hostname, () => addressesOf((0,registry_addresses/* bare */.$B)(url.hostname), lookup)).catch(() => []);
        return addresses.length > 0 && addresses.every(listsAddress);
    };
    const maybePlain = (url) => (0,registry_addresses/* isLoopback */.U9)(url.hostname) || lists(url);
    return {
        lists,
        listsAddress,
        maybePlain,
        byRange,
        ready,
        allows: async (url) => {
            await ready();
            return maybePlain(url) || (await byRange(url));
        },
    };
}
const isWellKnown = ({ hostname }) => /(?:^|\.)(?:docker\.io|docker\.com|ghcr\.io)\.?$/.test(hostname);
function addressesOf(hostname, lookup) {
    return new Promise((resolve, reject) => lookup(hostname, { all: true }, (error, found) => {
        if (error)
            reject(error);
        else
            resolve(found.map(({ address }) => address));
    }));
}

// EXTERNAL MODULE: ./build/registry/transport/transport.js
var transport = __webpack_require__(5069);
;// CONCATENATED MODULE: ./build/registry/origins.js

/** Nothing is known yet; for somebody anonymous what tells who asks, headers and client certificates, is never learnt. */
function createOrigins(anonymous = false) {
    const known = new Map();
    const learnt = new Set();
    return {
        of: ({ origin }) => known.get(origin),
        learn(origin, told) {
            const settings = anonymous ? { ...told, client: undefined, headers: {} } : told;
            const key = `${origin} ${JSON.stringify(settings)}`;
            if (learnt.has(key) || isUsual(settings))
                return;
            learnt.add(key);
            const before = known.get(origin);
            known.set(origin, before ? joined(before, settings) : settings);
        },
    };
}
const isUsual = ({ authorities, client, skipsVerify, headers, connectMs }) => authorities.length === 0 && !client && !skipsVerify && Object.keys(headers).length === 0 && connectMs === undefined;
const joined = (one, other) => ({
    authorities: [...one.authorities, ...other.authorities],
    client: one.client ?? other.client,
    skipsVerify: one.skipsVerify || other.skipsVerify,
    headers: { ...other.headers, ...one.headers },
    connectMs: one.connectMs ?? other.connectMs,
});
/** Adds the headers that are meant for an origin to what goes there, and to nothing else; never to what another origin sent us to, not even back home. */
function ownHeaders(origins) {
    return (next) => (request) => {
        const headers = (0,transport/* isSentOn */.Q2)(request) ? undefined : origins.of(request.url)?.headers;
        return next(headers ? { ...request, headers: { ...headers, ...request.headers } } : request);
    };
}

// EXTERNAL MODULE: ./build/registry/routes/machine-files.js + 1 modules
var machine_files = __webpack_require__(1639);
// EXTERNAL MODULE: ./build/registry/routes/registries-conf.js
var registries_conf = __webpack_require__(8745);
// EXTERNAL MODULE: ./build/registry/transport/guard.js
var guard = __webpack_require__(2777);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
// EXTERNAL MODULE: ./build/lib/one-chunk.js
var one_chunk = __webpack_require__(100);
// EXTERNAL MODULE: ./build/registry/transport/body.js
var transport_body = __webpack_require__(5430);
// EXTERNAL MODULE: ./build/registry/transport/network-error.js
var network_error = __webpack_require__(2561);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
;// CONCATENATED MODULE: ./build/registry/transport/proxy-error.js


/** What OpenSSL says of a certificate whose authority it does not have. */
const UNKNOWN_AUTHORITY = new Set([
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
]);
const PASSING = new Set([408, 429, 500, 502, 503, 504]);
/** True if no connection came about because nobody here vouches for the certificate. */
function isUnknownAuthority(error) {
    return typeof error === 'object' && error !== null && UNKNOWN_AUTHORITY.has(error.code ?? '');
}
/** The host of a proxy as people write it, without its login. */
function proxyHost(proxy) {
    return new URL(proxy).host;
}
/** UNREACHABLE if the proxy refused to connect; undici tells of that in words alone. */
function proxyRefusal(error, where) {
    const status = /Error: Proxy (?:response|Authentication Required) \((\d+)\)/.exec(String(error))?.[1];
    return status === undefined ? undefined : proxyStatus(Number(status), where, error);
}
/** The proxy's own status, which is never the registry's. */
function proxyStatus(status, { subject, host }, cause) {
    const reason = `cannot reach ${host}: the proxy answered ${status} ${external_node_http_.STATUS_CODES[status] ?? ''}`.trim();
    const hint = status === 407
        ? 'Write its login into the variable: HTTPS_PROXY=http://user:password@host:port.'
        : 'Ask who runs the proxy, or name the registry in NO_PROXY if it can be reached without.';
    return new errors/* PullError */.YX('UNREACHABLE', subject, reason, { hint, temporary: PASSING.has(status), cause });
}

// EXTERNAL MODULE: ./node_modules/undici/lib/api/api-connect.js
var api_connect = __webpack_require__(4660);
// EXTERNAL MODULE: ./node_modules/undici/lib/api/api-request.js
var api_request = __webpack_require__(4043);
// EXTERNAL MODULE: ./node_modules/undici/lib/dispatcher/dispatcher.js
var dispatcher = __webpack_require__(883);
// EXTERNAL MODULE: ./node_modules/undici/lib/dispatcher/pool.js
var dispatcher_pool = __webpack_require__(628);
// EXTERNAL MODULE: ./node_modules/undici/lib/dispatcher/proxy-agent.js
var proxy_agent = __webpack_require__(6672);
;// CONCATENATED MODULE: ./build/registry/transport/undici.js
// The parts by themselves: the whole brings fetch, WebSocket, caches and mocks, and takes twenty milliseconds more of each start.
// @ts-expect-error: declarations are there for the whole only.

// @ts-expect-error: as above.

// @ts-expect-error: as above.

// @ts-expect-error: as above.

// @ts-expect-error: as above.

/** undici's own, as its package declares it. */
const Pool = dispatcher_pool;
/** undici's ProxyAgent. */
function proxyAgent(options) {
    // It opens tunnels by a method that dispatchers get from the whole alone.
    dispatcher.prototype.connect ??= api_connect;
    return new proxy_agent(options);
}
/** What `dispatcher.request(options)` is in undici. */
const undici_request = (dispatcher, options) => api_request.call(dispatcher, options);

;// CONCATENATED MODULE: ./build/registry/transport/http.js







const RAW = { objectMode: false };
const ERROR_PAGE = 64 * 1024;
const DISCARD_MS = 1000;
/**
 * The network: HTTP/1.1 over kept connections, one exchange at a time, nothing followed, nothing retried, nothing decoded. A certificate that Node does not know
 * is tried once more with every authority of this machine. Every failure is a PullError, and CANCELLED as soon as the signal is aborted.
 */
function createHttp(options) {
    const { connections, signal } = options;
    return async (request) => {
        const { url } = request;
        if (signal.aborted)
            throw (0,errors/* cancelled */.KW)();
        const connection = await connections.connectionFor(url);
        const plain = request.plain ? await options.ranges?.send(request, connection) : undefined;
        if (plain)
            return plain;
        try {
            return await exchange(request, connection, options);
        }
        catch (error) {
            const wider = isUnknownAuthority(error) ? await connections.wider(url, connection) : undefined;
            if (!wider)
                throw (0,network_error/* networkError */.x6)(error, whereOf(request, connection, options));
            return await exchange(request, wider, options).catch((again) => {
                throw (0,network_error/* networkError */.x6)(again, whereOf(request, wider, options));
            });
        }
    };
}
/** Throws what undici throws, before the answer; what breaks afterwards is a PullError. */
async function exchange(request, connection, options) {
    const { signal, userAgent, pools, timeouts } = options;
    const { url, method, limit, within, ends } = request;
    const where = whereOf(request, connection, options);
    const pool = pools.get({ origin: url, bulk: request.bulk ?? limit === undefined, within }, connection);
    const answer = await undici_request(pool, {
        path: url.pathname + url.search,
        method,
        headers: { ...request.headers, 'user-agent': userAgent, 'accept-encoding': 'identity' },
        body: typeof request.body === 'function' ? external_node_stream_.Readable.from(request.body(), RAW) : (request.body ?? null),
        signal: ends ? AbortSignal.any([signal, ends]) : signal,
        // Pools have them too, but not the one behind a SOCKS proxy.
        headersTimeout: timeouts.headersMs,
        bodyTimeout: timeouts.bodyMs,
        // Otherwise undici ends the connection after each HEAD.
        reset: false,
        onInfo: (0,network_error/* interimLimit */.YE)(where),
        origin: url.origin,
    }).catch((error) => {
        throw proxyRefusal(error, where) ?? error;
    });
    const { statusCode: status, headers } = answer;
    const body = limit === undefined ? (0,network_error/* guarded */.Nj)(answer.body, where) : await whole(answer, limit, where);
    return { status, headers, url, body, discard: () => discard(answer.body), abort: () => void answer.body.destroy() };
}
function whereOf({ url, purpose }, { proxy, connectMs }, options) {
    const { signal } = options;
    const timeouts = { ...options.timeouts, ...(connectMs === undefined ? {} : { connectMs }) };
    const host = proxy === undefined ? url.host : `${url.host} through the proxy ${proxyHost(proxy)}`;
    return { subject: purpose.repository, host, timeouts, signal };
}
async function whole({ body, statusCode }, limit, where) {
    const ok = statusCode < 300;
    const { bytes, cut } = await (0,transport_body/* takeBytes */.t)((0,network_error/* guarded */.Nj)(body, where, { whole: true }), ok ? limit : ERROR_PAGE);
    if (cut && ok)
        throw new errors/* PullError */.YX('REGISTRY_ANSWER', where.subject, `${where.host} sent more than the ${limit} bytes that are allowed here`);
    return (0,one_chunk/* oneChunk */.w)(bytes);
}
async function discard(body) {
    // What nobody reads may trickle for ever, or break: the connection goes, and that is all.
    if (!body.destroyed)
        await body.dump({ limit: ERROR_PAGE, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => { });
}

// EXTERNAL MODULE: ./build/registry/transport/lookups.js
var transport_lookups = __webpack_require__(9583);
;// CONCATENATED MODULE: ./build/registry/transport/tokens.js
/** An empty collection of tokens; `now` in milliseconds since the epoch. */
function createTokens(now) {
    const known = new Map();
    const pending = new Map();
    return {
        get: async (key, stale, fetch) => {
            const token = known.get(key);
            if (token && token.value !== stale && now() < token.expiresAt)
                return token.value;
            const fetching = pending.get(key) ??
                fetch()
                    .then((fresh) => {
                    known.set(key, fresh);
                    return fresh;
                })
                    .finally(() => pending.delete(key));
            pending.set(key, fetching);
            return (await fetching).value;
        },
    };
}
/** The value of an Authorization header (RFC 7617, UTF-8). */
function basic({ username = '', password = '' }) {
    return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

;// CONCATENATED MODULE: ./build/registry/transport/pools.js



// With Node's 250 ms a registry that is far away and has several addresses is never reached.
const FAMILY_ATTEMPT_MS = 1000;
/** HTTP/1.1 connections, made when they are needed, through a proxy where there is one. */
function createPools(options) {
    const pools = new Map();
    const contexts = new WeakMap();
    /** One context for all connections that trust the same: to parse every authority for each would cost tens of milliseconds a connection. */
    function contextOf(trust) {
        const { ca, cert, key } = trust;
        if (!ca && !cert)
            return undefined;
        const known = contexts.get(trust) ?? (0,external_node_tls_.createSecureContext)({ ca: ca && [...ca], cert, key });
        contexts.set(trust, known);
        return known;
    }
    const tlsOf = (trust, timeout = options.timeouts.connectMs) => ({
        timeout,
        rejectUnauthorized: trust.rejectUnauthorized,
        secureContext: contextOf(trust),
    });
    function open({ origin, within }, { proxy, trust, listedOnly, connectMs }) {
        const { connections, timeouts, lookups } = options;
        const limits = {
            connections,
            pipelining: 1,
            allowH2: false,
            headersTimeout: timeouts.headersMs,
            bodyTimeout: timeouts.bodyMs,
        };
        const family = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: FAMILY_ATTEMPT_MS };
        if (!proxy)
            return new Pool(origin.origin, {
                ...limits,
                connect: { ...tlsOf(trust, connectMs), ...family, lookup: lookups.within(within, listedOnly) },
            });
        const through = {
            ...limits,
            requestTls: tlsOf(trust, connectMs),
            factory: (to, more) => new Pool(to, { ...more, ...limits }),
            clientFactory: (to, more) => tunnelPool(to, { ...more, ...limits }, connectMs),
        };
        const url = new URL(proxy);
        if (url.protocol.startsWith('socks'))
            return proxyAgent({ ...through, uri: url.href.replace(/^socks5h:/, 'socks5:') });
        const token = loginOf(url);
        url.username = '';
        url.password = '';
        return proxyAgent({
            ...through,
            uri: url.href,
            ...(token === undefined ? {} : { token }),
            // Plain HTTP is asked of the proxy itself; only TLS is tunnelled.
            proxyTunnel: origin.protocol === 'https:',
            // The client certificate is the registry's to see, not the proxy's.
            proxyTls: { ...tlsOf({ ca: trust.ca, rejectUnauthorized: true }, connectMs), ...family },
        });
    }
    return {
        get(need, connection) {
            const mine = pools.get(connection) ?? new Map();
            pools.set(connection, mine);
            const key = `${need.origin.origin} ${need.bulk} ${need.within}`;
            const known = mine.get(key) ?? open(need, connection);
            mine.set(key, known);
            return known;
        },
        close: async () => {
            const all = [...pools.values()].flatMap((mine) => [...mine.values()]);
            await Promise.all(all.map((pool) => pool.destroy()));
        },
    };
}
function loginOf({ username, password }) {
    if (username === '' && password === '')
        return undefined;
    return basic({ username: decodeURIComponent(username), password: decodeURIComponent(password) });
}
/** Connections to a proxy for tunnels; where it is said how long one may take to connect, a tunnel that takes longer is a connection that did not come about. */
function tunnelPool(to, options, connectMs) {
    if (connectMs === undefined)
        return new Pool(to, options);
    const pool = new Pool(to, { ...options, headersTimeout: connectMs });
    const connect = pool.connect.bind(pool);
    const inTime = async (params) => connect(params).catch((error) => {
        throw error.code === 'UND_ERR_HEADERS_TIMEOUT'
            ? Object.assign(error, { code: 'UND_ERR_CONNECT_TIMEOUT' })
            : error;
    });
    return Object.assign(pool, { connect: inTime });
}

// EXTERNAL MODULE: ./build/lib/bell.js
var lib_bell = __webpack_require__(179);
// EXTERNAL MODULE: ./build/lib/buffers.js
var buffers = __webpack_require__(7155);
// EXTERNAL MODULE: ./build/lib/deferred.js
var deferred = __webpack_require__(5705);
// EXTERNAL MODULE: ./build/registry/transport/pace.js
var transport_pace = __webpack_require__(7637);
// EXTERNAL MODULE: ./build/registry/transport/range-head.js
var range_head = __webpack_require__(9184);
// EXTERNAL MODULE: ./build/registry/transport/range-refusal.js
var range_refusal = __webpack_require__(7132);
;// CONCATENATED MODULE: ./build/registry/transport/range-body.js






/** Listens to the connection until the answer is complete, then leaves it to the next; memory: two buffers of half a MiB. */
function listenTo(line, windowMs, silent) {
    let room = (0,buffers/* takeBuffer */.Ut)();
    let used = 0;
    /** Where in `room` the body begins. */
    let begin = 0;
    /** Bytes of the body that have not come; unknown before the head. */
    let left;
    const full = [];
    let paused = false;
    const pace = (0,transport_pace/* newPace */.Sn)(windowMs);
    let end;
    /** The head of a refusal, while its words come. */
    let refusal;
    const bell = (0,lib_bell/* newBell */.Q)();
    const head = (0,deferred/* newDeferred */.Y)();
    head.promise.catch(() => { });
    function readHead() {
        const found = refusal ?? (0,range_head/* parseHead */.w)(room.subarray(0, used));
        if (found === 'more')
            return true;
        if (found && (0,range_refusal/* isRefusal */.v)(found))
            return readRefusal(found);
        const length = found && (0,range_head/* plainLength */.R)(found);
        if (!found || length === undefined || used - found.length > length) {
            line.socket.destroy();
            return false;
        }
        begin = found.length;
        pace.again();
        left = length - (used - begin);
        head.resolve({ head: found, length });
        return true;
    }
    /** All its words, or, if they are all there will be, those that have come. */
    function readRefusal(found, isAll = false) {
        const { bytes, whole, ended } = (0,range_refusal/* wordsOf */.Z)(found, room.subarray(found.length, used));
        refusal = found;
        if (!whole && !isAll)
            return true;
        full.push(bytes);
        [used, begin, left] = [0, 0, 0];
        head.resolve({ head: found, length: bytes.byteLength });
        complete();
        if (!ended)
            line.socket.destroy();
        return ended;
    }
    function complete() {
        line.listener = undefined;
        end = { error: undefined };
        bell.ring();
    }
    function putOut() {
        full.push(room.subarray(begin, used));
        room = (0,buffers/* takeBuffer */.Ut)();
        used = 0;
        begin = 0;
        // Under TLS some bytes still come after this, so there is always room.
        paused = full.length > 1;
        bell.ring();
    }
    const listener = {
        room: () => room.subarray(used),
        bytes(bytes) {
            if (bytes.buffer !== room.buffer)
                bytes.copy(room, used);
            used += bytes.byteLength;
            if (left === undefined) {
                if (!readHead())
                    return false;
                if (end)
                    return true;
                if (left === undefined && !refusal && pace.trickles(bytes.byteLength) !== undefined)
                    line.socket.destroy(silent(false));
            }
            else
                left -= bytes.byteLength;
            if (left !== undefined && left < 0) {
                line.socket.destroy();
                return false;
            }
            const slow = left || refusal ? pace.trickles(bytes.byteLength) : undefined;
            if (slow !== undefined)
                line.socket.destroy(new Error(slow));
            if (left === 0)
                complete();
            else if (used === buffers/* BUFFER_SIZE */.B_)
                putOut();
            return !paused;
        },
        silence() {
            if (!paused)
                line.socket.destroy(silent(left !== undefined));
        },
        over(error) {
            line.listener = undefined;
            if (refusal && !end)
                readRefusal(refusal, true);
            end ??= { error: error ?? new Error('the connection was closed') };
            if (left === undefined && used === 0 && error === undefined)
                head.resolve(undefined);
            else if (left === undefined)
                error === undefined ? head.resolve(undefined) : head.reject(error);
            bell.ring();
        },
    };
    line.listener = listener;
    // The answer before may have ended while it was held back.
    line.socket.resume();
    return {
        head: head.promise,
        async *bytes() {
            try {
                for (;;) {
                    const next = full.shift();
                    if (next) {
                        if (paused && !end)
                            line.socket.resume();
                        if (paused)
                            pace.again();
                        paused = false;
                        yield next;
                    }
                    else if (end) {
                        if (used > begin)
                            yield room.subarray(begin, used);
                        used = begin;
                        if (end.error)
                            throw end.error;
                        return;
                    }
                    else
                        await bell.next();
                }
            }
            finally {
                if (!end)
                    line.socket.destroy();
            }
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/transport/range-order.js



/**
 * Has the filler bring a range; undefined if the library is to ask instead. The answer has no body, but tells how far its bytes are in the file; a refusal is an
 * answer like any other. Throws what kept the answer from beginning if the library would fare no better.
 */
async function orderRange(filler, order, url, where) {
    const signal = where.ends ? AbortSignal.any([where.signal, where.ends]) : where.signal;
    let landed = order.start;
    let over;
    let refusal;
    const bell = (0,lib_bell/* newBell */.Q)();
    const end = (error) => {
        over ??= { error };
        signal.removeEventListener('abort', abort);
        bell.ring();
    };
    const begun = (0,deferred/* newDeferred */.Y)();
    const breakOff = filler.bring(order, (told) => {
        if (told.type === 'landed')
            landed = told.to;
        if (told.type === 'begun')
            begun.resolve(true);
        if (told.type === 'refused') {
            refusal = told.answer;
            end();
        }
        if (told.type === 'over')
            end(told.error && Object.assign(new Error(told.error.message), told.error));
        if (over)
            begun.resolve(false);
        bell.ring();
    });
    function abort() {
        if (over)
            return;
        breakOff();
        end(new Error('broken off'));
        begun.resolve(false);
    }
    signal.addEventListener('abort', abort);
    if (signal.aborted)
        abort();
    async function* positions() {
        try {
            for (let told = order.start;;) {
                if (landed > told) {
                    told = landed;
                    yield told;
                }
                else if (over?.error !== undefined)
                    throw (0,network_error/* networkError */.x6)(over.error, where);
                else if (over)
                    return;
                else
                    await bell.next();
            }
        }
        finally {
            abort();
        }
    }
    if (!(await begun.promise)) {
        if (over?.error !== undefined)
            throw (0,network_error/* networkError */.x6)(over.error, where);
        return refusal && refused(refusal, url);
    }
    return {
        status: 206,
        headers: { 'content-range': order.contentRange },
        url,
        body: (async function* () { })(),
        landed: positions(),
        discard: async () => abort(),
        abort,
    };
}
/** It has come whole: there is nothing to end. */
function refused({ status, headers, body }, url) {
    const words = async function* () {
        yield body;
    };
    return { status, headers, url, body: words(), discard: async () => { }, abort: () => { } };
}

// EXTERNAL MODULE: ./build/registry/transport/range-socket.js
var range_socket = __webpack_require__(7939);
;// CONCATENATED MODULE: ./build/registry/transport/ranges.js





/** What may stand in a request as it is. */
const SAFE = /^[\t\x20-\x7e]*$/;
/**
 * Closed ranges of blobs over bare connections, where the library would cost more time than the network: the bytes go from the socket into the buffers that are
 * written to the disk. Only what every server sends is understood here; transfer codings, other versions and proxies never are.
 */
function createRanges(options) {
    const { signal, timeouts } = options;
    const lines = new Set();
    const idle = new Map();
    async function lineTo({ url, within, ends }, { trust, listedOnly, connectMs = timeouts.connectMs }) {
        const free = idle.get(keyOf(url, within)) ?? [];
        for (let line = free.pop(); line; line = free.pop())
            if (!line.socket.destroyed)
                return line;
        const vouched = trust.rejectUnauthorized;
        const lookup = options.lookups.within(within, listedOnly);
        const line = { url, connectMs, silenceMs: timeouts.bodyMs, vouched, lookup, ends };
        // Why none comes about is for the library to find out.
        const opened = await (0,range_socket/* openRangeSocket */.B)(line, signal).catch(() => undefined);
        if (!opened)
            return undefined;
        lines.add(opened);
        opened.socket.once('close', () => lines.delete(opened));
        return opened;
    }
    function keep({ url, within }, line) {
        const key = keyOf(url, within);
        idle.set(key, [...(idle.get(key) ?? []), line]);
    }
    /** Has a thread do it, with the addresses that the guard here let pass. */
    async function order(request, text, connection) {
        const { url, within, into, ends } = request;
        if (!into)
            return undefined;
        const { trust, listedOnly, connectMs = timeouts.connectMs } = connection;
        const addresses = await ranges_addressesOf(url, options.lookups.within(within, listedOnly)).catch(() => undefined);
        if (!addresses)
            return undefined;
        const vouched = trust.rejectUnauthorized;
        const { filler, start, end, size } = into;
        const what = {
            ...{ url: url.href, addresses, key: `${keyOf(url, within)} ${vouched}`, vouched, text, start, end },
            contentRange: `bytes ${start}-${end - 1}/${size}`,
            connectMs,
            silenceMs: timeouts.bodyMs,
        };
        return orderRange(filler, what, url, { ...whereOf(request), ends });
    }
    const whereOf = ({ url, purpose }) => ({
        subject: purpose.repository,
        host: url.host,
        timeouts,
        signal,
    });
    /** The head of the answer; undefined if the library is to ask again. */
    async function headOn(line, coming, request) {
        const abort = () => void line.socket.destroy();
        request.ends?.addEventListener('abort', abort);
        if (request.ends?.aborted)
            abort();
        try {
            return await coming.head;
        }
        catch (error) {
            // The library would wait for the same silence to end. A connection that was kept too long is closed without a word; whatever else it was, it will see it too.
            if ((0,network_error/* isSilence */.or)(error))
                throw (0,network_error/* networkError */.x6)(error, whereOf(request));
            return undefined;
        }
        finally {
            request.ends?.removeEventListener('abort', abort);
        }
    }
    async function* body(request, line, bytes, kept) {
        try {
            yield* bytes;
        }
        catch (error) {
            throw (0,network_error/* networkError */.x6)(error, whereOf(request));
        }
        if (kept)
            keep(request, line);
        else
            line.socket.destroy();
    }
    return {
        async send(request, connection) {
            const { url } = request;
            const { proxy, trust } = connection;
            if (proxy !== undefined || trust.ca || trust.cert)
                return undefined;
            const text = headOf(request, options.userAgent);
            if (request.into && text !== undefined)
                return order(request, text, connection);
            const line = text === undefined ? undefined : await lineTo(request, connection);
            if (!line || text === undefined)
                return undefined;
            const coming = listenTo(line, timeouts.bodyMs, (head) => Object.assign(new Error('silence'), { code: head ? 'UND_ERR_BODY_TIMEOUT' : 'UND_ERR_HEADERS_TIMEOUT' }));
            line.socket.write(text, 'latin1');
            const answer = await headOn(line, coming, request);
            if (!answer) {
                line.socket.destroy();
                return undefined;
            }
            const { status, headers } = answer.head;
            const kept = !/close/i.test(String(headers.connection ?? ''));
            const abort = () => void line.socket.destroy();
            return {
                status,
                headers,
                url,
                body: body(request, line, coming.bytes(), kept),
                discard: async () => abort(),
                abort: () => line.listener && abort(),
            };
        },
        close() {
            for (const { socket } of lines)
                socket.destroy();
        },
    };
}
/** Connections of different zones are never exchanged. */
const keyOf = (url, within) => `${url.origin} ${within}`;
/** What the name of the URL stands for; nothing if it is an address. */
async function ranges_addressesOf({ hostname }, lookup) {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    if ((0,external_node_net_.isIP)(host))
        return [];
    return new Promise((resolve, reject) => {
        lookup(host, { all: true }, (error, found) => {
            if (error || typeof found === 'string')
                reject(error);
            else
                resolve(found.map(({ address, family }) => ({ address, family })));
        });
    });
}
function headOf({ url, method, headers }, userAgent) {
    const all = { host: url.host, ...headers, 'user-agent': userAgent, 'accept-encoding': 'identity' };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    const text = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines];
    return text.every((line) => SAFE.test(line)) ? `${text.join('\r\n')}\r\n\r\n` : undefined;
}

;// CONCATENATED MODULE: ./build/registry/network.js















/** The network of one client; nothing is read, looked up or sent before something is asked. */
function createNetwork(options) {
    const { environment, certificateFolders, connections: limit, userAgent, timeouts, signal, lookup = external_node_dns_.lookup, machineFiles = machine_files/* NO_FILES */.E, anonymous, } = options;
    const insecure = createInsecure(options.insecureRegistries, lookup, async () => (0,registries_conf/* insecureHosts */.up)(await machineFiles.rules()));
    const origins = createOrigins(anonymous);
    const lookups = (0,transport_lookups/* createLookups */.GW)(insecure.listsAddress, lookup);
    const connections = createConnections({ environment, insecure, certificateFolders, anonymous, origins });
    const pools = createPools({ connections: limit, timeouts, lookups });
    const known = {
        zoneOf: lookups.zoneOf,
        mayBePlain: insecure.maybePlain,
        isListed: insecure.lists,
    };
    const ranges = createRanges({ userAgent, timeouts, lookups, signal });
    const http = createHttp({ pools, connections, ranges, userAgent, timeouts, signal });
    const probe = (url, subject) => connections.isProxied(url) ? answers(http, url, subject) : undefined;
    return {
        send: (0,transport/* compose */.Zz)((0,guard/* guard */.a)(known), ownHeaders(origins))(http),
        locate: (0,endpoints/* createLocate */.N)({ mayBeInsecure: connections.mayBeInsecure, probe, lookup, timeouts, signal }),
        zoneOf: lookups.zoneOf,
        connectionFor: connections.connectionFor,
        hasOwnLogin: async (url) => {
            if (Object.keys(origins.of(url)?.headers ?? {}).length > 0)
                return true;
            // What cannot be found out is better held for one.
            return connections.connectionFor(url).then(connections.showsClient, () => true);
        },
        origins,
        close: async () => {
            ranges.close();
            await pools.close();
        },
    };
}
/** True if something answers over TLS, whatever it says; false if no connection of that kind comes about. */
async function answers(send, url, subject) {
    const purpose = { kind: 'manifest', domain: (0,registry_addresses/* bare */.$B)(url.hostname), repository: subject, target: subject };
    try {
        const answer = await send({ method: 'HEAD', url: new URL('/v2/', url), headers: {}, purpose, limit: 1024 });
        await answer.discard();
        return true;
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX && (error.code === 'UNREACHABLE' || isNoHandshake(error.cause)))
            return false;
        throw error;
    }
}
/** Node tells in words alone that a connection ended before its handshake did. */
function isNoHandshake(cause) {
    return String(cause).includes('before secure TLS connection');
}

// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/registry/quota.js
var registry_quota = __webpack_require__(3674);
;// CONCATENATED MODULE: ./build/registry/remarks.js




/** `299 - "text"`, of which a header may have several (distribution-spec v1.1, "Warnings"). */
const WARNING = /(?:^|,)\s*299\s+[^\s,"]+\s+"((?:[^"\\]|\\[\s\S])*)"/g;
/** A registry that never says the same twice is not listened to for long. */
const MOST_WARNINGS = 5;
/** Reports each warning of a registry once, five of each at most, and once that its quota is nearly used up. */
function createRemarks(report) {
    const warned = new Map();
    const quotas = new Map();
    const low = new Set();
    function hear(registry, headers) {
        const told = warned.get(registry) ?? new Set();
        warned.set(registry, told);
        for (const text of warningsIn(headers)) {
            if (told.has(text) || told.size >= MOST_WARNINGS)
                continue;
            told.add(text);
            report({ type: 'notice', message: `${(0,clean/* clean */.uH)(registry, 200)} says: ${text}` });
        }
        const quota = (0,registry_quota/* quotaIn */.w)(headers, registry);
        if (!quota)
            return;
        quotas.set(registry, quota);
        if (!(0,registry_quota/* isLow */.V)(quota) || low.has(registry))
            return;
        low.add(registry);
        report({ type: 'quota', quota });
    }
    return {
        listen: (next) => async (request) => {
            const response = await next(request);
            if (!request.sender)
                hear(request.purpose.domain, response.headers);
            return response;
        },
        quotas: () => [...quotas.values()],
    };
}
function warningsIn(headers) {
    const texts = (0,transport/* headerValues */.UE)(headers, 'warning').flatMap((value) => [...value.slice(0, MOST_READ).matchAll(WARNING)]);
    const plain = texts.map(([, text = '']) => (0,clean/* clean */.uH)((0,redact/* redactText */.Rd)(text.replace(/\\([\s\S])/g, '$1')), 300));
    return plain.filter((text) => text !== '');
}
/** Characters of a header. */
const MOST_READ = 4096;

// EXTERNAL MODULE: ./build/registry/remote.js
var remote = __webpack_require__(6034);
;// CONCATENATED MODULE: ./build/registry/transport/challenge.js
const SPACE = /[ \t\r\n]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const COMMA = /[ \t\r\n]*,/y;
const QUOTED = /"(?:[^"\\]|\\[\s\S])*"/y;
/**
 * The challenges of all WWW-Authenticate headers, in order. Never throws: of a header that is malformed, what stands before the fault is kept.
 */
function parseChallenges(headers) {
    return headers.flatMap(parseHeader);
}
/** The challenges that can be answered: Bearer that names its realm, and Basic. */
function usableChallenges(challenges) {
    return challenges.filter(({ scheme, params }) => scheme === 'basic' || (scheme === 'bearer' && params.realm));
}
function parseHeader(text) {
    const take = scanner(text);
    const found = [];
    let mustBeParameter = false;
    for (;;) {
        take(SPACE);
        const word = take(TOKEN)?.toLowerCase();
        if (word === undefined)
            return found;
        const challenge = found.at(-1);
        if (challenge && take(EQUALS) !== undefined) {
            const value = take(QUOTED)?.slice(1, -1).replace(/\\(.)/gs, '$1') ?? take(TOKEN);
            if (value === undefined)
                return found;
            challenge.params[word] = value;
        }
        else if (mustBeParameter) {
            return found;
        }
        else {
            found.push({ scheme: word, params: Object.create(null) });
            take(SPACE);
            // A scheme stands alone, before a token68 that nobody here can use, or before parameters, the first of them without a comma.
            take(TOKEN68);
            mustBeParameter = take(COMMA) === undefined;
            continue;
        }
        mustBeParameter = false;
        if (take(COMMA) === undefined)
            return found;
    }
}
/** Reads a text from left to right: each call takes what matches here, or nothing. */
function scanner(text) {
    let position = 0;
    return (pattern) => {
        pattern.lastIndex = position;
        const match = pattern.exec(text)?.[0];
        if (match !== undefined)
            position += match.length;
        return match;
    };
}

// EXTERNAL MODULE: ./build/registry/registry-error.js + 1 modules
var registry_error = __webpack_require__(5002);
;// CONCATENATED MODULE: ./build/registry/transport/fetch-token.js





const MAX_ANSWER = 1024 * 1024;
const LEAST_SECONDS = 60;
const LEEWAY_SECONDS = 10;
const CLIENT_ID = 'pull-image';
/** How token servers say that they know no POST: Artifactory 401, Google 404, Azure 400. */
const NO_POST = new Set([400, 401, 404, 405]);
/** How they say that they know no GET. A 400 or 401 there is about the login. */
const NO_GET = new Set([404, 405]);
/** Where the challenge sends us for a token, which may be refused when it is asked; throws REDIRECT_REFUSED if that is not a URL. */
function realmOf(realm, request) {
    if (URL.canParse(realm, request.url.href))
        return new URL(realm, request.url);
    throw (0,guard/* refused */.J)(request, realm, { url: request.url, via: 'realm' }, 'it is not a URL');
}
/**
 * Asks the realm for a token: for an identity token by POST (RFC 6749, 6), else by GET with the login or without one, each the other way where the server does
 * not know the first. The token counts as valid for the seconds the server says, at least a minute, by our own clock and less a small leeway. Throws the
 * server's refusal, or REGISTRY_ANSWER if no token came.
 */
async function fetchToken(send, asking, ask, credential, now) {
    const first = credential?.identityToken ? post(ask, credential) : get(ask, credential);
    const second = credential?.identityToken ? get(ask, credential) : credential?.password && post(ask, credential);
    const [request, response] = await fetch_token_exchange(send, asking, first, second || undefined);
    if (response.status !== 200)
        throw await (0,registry_error/* failureOf */.g5)(response, request, now());
    const { bytes } = await (0,transport_body/* takeBytes */.t)(response.body, MAX_ANSWER);
    const token = parseToken(new TextDecoder().decode(bytes));
    if (!token)
        throw noToken(bytes, ask, asking);
    const seconds = Math.max(LEAST_SECONDS, token.seconds) - LEEWAY_SECONDS;
    return { value: token.value, expiresAt: now() + seconds * 1000 };
}
/** Of what came instead nothing but the title of a page is repeated, for any text may be the token. */
function noToken(bytes, { realm }, { purpose }) {
    const { found, hint } = (0,registry_error/* foundInstead */.D0)(bytes);
    const instead = found.startsWith('a page') ? `, but ${found}` : '';
    const reason = `${realm.host} was asked for a token and sent none${instead}`;
    return new errors/* PullError */.YX('REGISTRY_ANSWER', purpose.repository, reason, { temporary: true, hint });
}
/** The answer to the first form, or to the second where the server does not take such; the first stands if the second fares no better. */
async function fetch_token_exchange(send, { purpose, url: registry }, first, second) {
    const full = (form) => ({
        ...form,
        purpose: { ...purpose, kind: 'token' },
        limit: MAX_ANSWER,
        sender: { url: registry, via: 'realm' },
        sameOrigin: true,
    });
    const request = full(first);
    const response = await send(request);
    const unknown = first.method === 'POST' ? NO_POST : NO_GET;
    if (!second || !unknown.has(response.status))
        return [request, response];
    const other = await send(full(second));
    if (other.status !== 200 && first.method === 'GET') {
        await other.discard();
        return [request, response];
    }
    await response.discard();
    return [full(second), other];
}
/** No `offline_token`: servers break on it. */
function get({ realm, service, scope }, credential) {
    const url = new URL(realm);
    if (service !== undefined)
        url.searchParams.set('service', service);
    for (const part of scope.split(' ').filter(Boolean))
        url.searchParams.append('scope', part);
    // Where only an identity token is known it stands for the password, as Azure wants it.
    const { username = '', password = credential?.identityToken } = credential ?? {};
    if (password === undefined)
        return { method: 'GET', url, headers: {} };
    if (username !== '')
        url.searchParams.set('account', username);
    return { method: 'GET', url, headers: { authorization: basic({ username: username || '<token>', password }) } };
}
function post({ realm, service, scope }, { username, password, identityToken }) {
    const grant = identityToken
        ? { grant_type: 'refresh_token', refresh_token: identityToken }
        : { grant_type: 'password', username: username ?? '', password: password ?? '' };
    const form = new URLSearchParams({ client_id: CLIENT_ID, ...grant, scope });
    if (service !== undefined)
        form.set('service', service);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: form.toString() };
}
/** Only what can stand in a header is a token. */
function parseToken(text) {
    try {
        const { token, access_token, expires_in } = JSON.parse(text);
        const value = [token, access_token].find((candidate) => typeof candidate === 'string' && /^[\x21-\x7e]+$/.test(candidate));
        return typeof value === 'string' ? { value, seconds: typeof expires_in === 'number' ? expires_in : 0 } : undefined;
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./build/registry/transport/scope.js
/**
 * Scopes put together as a token server takes them, one a resource (distribution, "Token Scope Documentation"): those demanded first, since some servers read
 * the first alone, each resource once with the actions of both. What is no scope of that form (`*`) stands as it is, once.
 */
function mergeScopes(demanded, known) {
    const actions = new Map();
    for (const scope of [demanded, known].flatMap((text) => text.split(' ')).filter(Boolean)) {
        // The name of a repository may have colons: host:port/path.
        const colon = scope.lastIndexOf(':');
        const isScope = colon > scope.indexOf(':');
        const resource = isScope ? scope.slice(0, colon) : scope;
        const merged = actions.get(resource) ?? new Set();
        for (const action of isScope ? scope.slice(colon + 1).split(',') : [])
            merged.add(action);
        actions.set(resource, merged);
    }
    return [...actions]
        .map(([resource, allowed]) => (allowed.size > 0 ? `${resource}:${[...allowed].sort().join(',')}` : resource))
        .join(' ');
}

;// CONCATENATED MODULE: ./build/registry/transport/door.js






/** However a registry words its challenges, a request is sent no more often than this. */
const MOST_TRIES = 5;
const MAX_PING = 64 * 1024;
/** Failures of a token server that another try would not mend. */
const TOKENS_FAIL = new Set([
    'UNAUTHORIZED',
    'DENIED',
    'UNSUPPORTED',
    'REGISTRY_ANSWER',
    'REDIRECT_REFUSED',
]);
/**
 * One repository as one identity sees it: what opened it once is used from then on. A 401 is answered with what it asks for as long as that is something new:
 * a token, a wider scope, one fresh token for an old one, the login itself where tokens fail.
 */
class Door {
    #options;
    #credential;
    #next;
    #offers = [];
    #way;
    #challenge;
    #scope = '';
    #pinged = false;
    /** True once an answer other than a refusal came to a request with an Authorization header. */
    opened = false;
    constructor(options, credential, next) {
        this.#options = options;
        this.#credential = credential;
        this.#next = next;
    }
    /** True if a request without any identity was refused here, with nothing but a login to mend it. */
    get isForLogins() {
        return this.#offers.length > 0 && !this.#challenge && !this.#offers.some(({ scheme }) => scheme === 'bearer');
    }
    /** Knows from then on how the other was challenged, but not as whom it came in. */
    learnFrom(other) {
        if (this.#challenge || !other.#challenge)
            return;
        this.#offers = other.#offers;
        this.#bearer(other.#challenge);
        this.#scope = other.#scope;
    }
    /** Throws what the token server's answer stands for. */
    async send(request) {
        let key = await this.#key(request, undefined);
        for (let tries = 1;; tries += 1) {
            const response = await this.#next(withAuthorization(request, key?.header));
            if (response.status !== 401 || response.url.origin !== request.url.origin) {
                if (key && response.status !== 403)
                    this.opened = true;
                return response;
            }
            if (tries === MOST_TRIES || !(await this.#learns(response, request, key)))
                return response;
            await response.discard();
            key = await this.#key(request, key);
        }
    }
    /** True if the next key will be another than the one that was refused. */
    async #learns(response, request, key) {
        if (key?.way === 'given')
            return false;
        const offers = await this.#offersOf(response, request);
        const bearer = offers.find(({ scheme }) => scheme === 'bearer');
        const canBeBasic = offers.some(({ scheme }) => scheme === 'basic') && this.#credential?.password !== undefined;
        if (!key || key.way === 'basic') {
            if (bearer && key?.way !== 'basic')
                this.#bearer(bearer);
            else
                this.#way = canBeBasic ? 'basic' : undefined;
            return this.#way !== undefined && key?.way !== this.#way;
        }
        if (bearer && mergeScopes(bearer.params.scope ?? '', key.scope) !== mergeScopes(key.scope, '')) {
            this.#bearer(bearer);
            return true;
        }
        if (bearer && !key.fresh && bearer.params.error !== 'insufficient_scope')
            return true;
        if (canBeBasic)
            this.#way = 'basic';
        return canBeBasic;
    }
    /** What the answer offers; where it offers nothing what was offered before, or to a request for `/v2/`. */
    async #offersOf(response, request) {
        const offers = offersIn(response);
        if (offers.length > 0)
            this.#offers = offers;
        if (this.#offers.length > 0 || this.#pinged)
            return this.#offers;
        this.#pinged = true;
        const { purpose } = request;
        const ping = await this.#next({
            method: 'GET',
            url: new URL('/v2/', request.url),
            headers: {},
            purpose,
            limit: MAX_PING,
        });
        await ping.discard();
        if (ping.status === 401 && ping.url.origin === request.url.origin)
            this.#offers = offersIn(ping);
        return this.#offers;
    }
    #bearer(challenge) {
        const { params } = challenge;
        this.#way = 'bearer';
        this.#challenge = challenge;
        this.#scope =
            this.#scope === ''
                ? mergeFirst(params.scope || this.#options.scope, this.#options.besides)
                : mergeScopes(params.scope ?? '', this.#scope);
    }
    /** What to send, other than the key that was refused. */
    async #key(request, refused) {
        const credential = this.#credential;
        const given = credential?.registryToken;
        if (given !== undefined)
            return { header: `Bearer ${given}`, way: 'given', scope: '', fresh: true };
        if (this.#way === undefined)
            return undefined;
        const login = () => ({ header: basic(credential ?? {}), way: 'basic', scope: '', fresh: true });
        if (this.#way === 'basic')
            return login();
        try {
            return await this.#token(request, refused);
        }
        catch (error) {
            const canBeBasic = this.#offers.some(({ scheme }) => scheme === 'basic') && credential?.password !== undefined;
            if (!canBeBasic || !(error instanceof errors/* PullError */.YX) || !TOKENS_FAIL.has(error.code))
                throw error;
            this.#way = 'basic';
            return login();
        }
    }
    async #token(request, refused) {
        const { tokens, now } = this.#options;
        const params = this.#challenge?.params ?? {};
        const ask = { realm: realmOf(params.realm ?? '', request), service: params.service, scope: this.#scope };
        let fresh = false;
        const fetch = () => {
            fresh = true;
            return fetchToken(this.#next, request, ask, this.#credential, now);
        };
        const key = JSON.stringify([ask, this.#credential]);
        const value = await tokens.get(key, refused?.header.slice('Bearer '.length), fetch);
        return { header: `Bearer ${value}`, way: 'bearer', scope: this.#scope, fresh };
    }
}
const mergeFirst = (demanded, besides) => besides === undefined ? demanded : mergeScopes(demanded, besides);
function offersIn(response) {
    return usableChallenges(parseChallenges((0,transport/* headerValues */.UE)(response.headers, 'www-authenticate')));
}
function withAuthorization(request, authorization) {
    return authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } };
}

;// CONCATENATED MODULE: ./build/registry/transport/authorize.js





/**
 * Answers the challenges of one repository. The first request goes out bare; once challenged, it and all later ones carry what was asked for. Where a login is
 * refused before it ever opened anything, for it is stale while the image may be public, the request is sent once as nobody: if that is no better either, the
 * refusal of the login stands. Credentials and tokens go to the registry's own origin alone.
 */
function authorize(options) {
    return (next) => {
        const bare = elsewhere(options, next);
        const nobody = new Door(options, undefined, bare);
        let named;
        const identify = async () => {
            const credential = await options.credential();
            return (credential && {
                credential,
                door: new Door(options, credential, bare),
                state: options.strict ? 'kept' : 'untried',
            });
        };
        return async (request) => {
            named ??= identify();
            const login = await named;
            return login && login.state !== 'dropped' ? sendAs(login, nobody, request, options) : nobody.send(request);
        };
    };
}
async function sendAs(login, nobody, request, { onRefusedLogin }) {
    const { door, credential } = login;
    const first = await attempt(() => door.send(request));
    if (login.state === 'kept' || door.opened || !isRefused(first, request))
        return unwrap(first);
    if (door.isForLogins) {
        login.state = 'kept';
        return unwrap(first);
    }
    nobody.learnFrom(door);
    const second = await attempt(() => nobody.send(request));
    if (isRefused(second, request) && !credential.optional) {
        login.state = 'kept';
        if ('response' in second)
            await second.response.discard();
        return unwrap(first);
    }
    if ('response' in first)
        await first.response.discard();
    const answer = unwrap(second);
    login.state = 'dropped';
    if (!credential.optional)
        onRefusedLogin?.(credential);
    return answer;
}
async function attempt(task) {
    try {
        return { response: await task() };
    }
    catch (error) {
        return { error };
    }
}
function unwrap(attempted) {
    if ('error' in attempted)
        throw attempted.error;
    return attempted.response;
}
/** True if the registry, or its token server, does not let this identity in. */
function isRefused(attempted, request) {
    if ('error' in attempted)
        return attempted.error instanceof errors/* PullError */.YX && ['UNAUTHORIZED', 'DENIED'].includes(attempted.error.code);
    const { status, url } = attempted.response;
    return (status === 401 || status === 403) && url.origin === request.url.origin;
}
/**
 * Lets in where a redirect leads to another registry that wants a token (lscr.io to ghcr.io): one is fetched as nobody, for that one request. A storage host
 * is none: a 401 there is about the signed URL, and nothing is answered.
 */
function elsewhere({ scope, tokens, now }, next) {
    return async (request) => {
        const response = await next(request);
        const { url, status } = response;
        if (status !== 401 || url.origin === request.url.origin || !url.pathname.startsWith('/v2/'))
            return response;
        const offers = usableChallenges(parseChallenges((0,transport/* headerValues */.UE)(response.headers, 'www-authenticate')));
        const bearer = offers.find(({ scheme }) => scheme === 'bearer');
        if (!bearer)
            return response;
        await response.discard();
        const there = { ...request, url, sender: { url: request.url, via: 'redirect' } };
        const realm = realmOf(bearer.params.realm ?? '', there);
        const ask = { realm, service: bearer.params.service, scope: bearer.params.scope || scope };
        const key = JSON.stringify([ask, 'elsewhere', url.origin]);
        const token = await tokens.get(key, undefined, () => fetchToken(next, there, ask, undefined, now));
        const { authorization: _, ...headers } = request.headers;
        return next(withAuthorization({ ...there, headers }, `Bearer ${token}`));
    };
}

// EXTERNAL MODULE: ./build/registry/transport/redirect.js
var redirect = __webpack_require__(9290);
// EXTERNAL MODULE: ./build/registry/transport/retry.js
var retry = __webpack_require__(2714);
;// CONCATENATED MODULE: ./build/registry/client.js










const TIMEOUTS = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };
/** A client of registries over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
function createClient(options) {
    const { signal, report, userAgent, connections = 8, now = Date.now, random = Math.random } = options;
    const timeouts = { ...TIMEOUTS, ...options.timeouts };
    const retries = { signal, report, now, random, sleep: options.sleep ?? retry/* sleep */.yy };
    // One listener a request: with many at once Node 20 would suspect a leak.
    (0,external_node_events_.setMaxListeners)(0, signal);
    const { environment = {}, insecureRegistries = [], certificateFolders, machineFiles, lookup } = options;
    const network = createNetwork({
        environment,
        insecureRegistries,
        certificateFolders,
        machineFiles,
        anonymous: options.anonymous,
        lookup,
        connections,
        userAgent,
        timeouts,
        signal,
    });
    const tokens = createTokens(now);
    const findCredential = (0,credentials/* createFindCredential */.D4)({
        logins: options.logins ?? [],
        authFiles: options.authFiles ?? [],
        askHelper: options.askHelper ?? (async () => undefined),
        githubToken: options.githubToken,
        warn: options.warn ?? ((message) => report({ type: 'warning', message })),
        onSecret: options.onSecret ?? (() => { }),
    });
    const onRefusedLogin = refusedLogins(report);
    const remarks = createRemarks(report);
    const send = remarks.listen(network.send);
    return {
        network,
        retries,
        findCredential,
        remarks,
        open(repository, { route, name, push = false, scope = `repository:${repository.path}:pull` } = {}) {
            const { domain } = repository;
            const credential = () => findCredential(repository);
            const refused = (login) => onRefusedLogin(domain, login);
            const access = { credential, scope, tokens, now, onRefusedLogin: refused };
            const writing = push ? { strict: true, besides: scope } : {};
            const sendOnce = (0,transport/* compose */.Zz)(authorize({ ...access, ...writing }), (0,redirect/* redirect */.V)())(send);
            // Who stands in for another is not waited for: the next place is nearer.
            const patient = route?.kind !== 'mirror';
            const sends = { send: patient ? (0,retry/* retry */.L5)(retries)(sendOnce) : sendOnce, sendOnce, sendBare: (0,redirect/* redirect */.V)()(send) };
            const { origin, base, namespace } = route ?? {};
            const locate = origin ? async () => origin : network.locate;
            const where = { locate, base, namespace };
            return (0,remote/* createRemote */.hh)({ repository, name, ...sends, ...where, push, patient, retries, credential });
        },
    };
}
/** One notice a registry, however many repositories its login does not open. */
function refusedLogins(report) {
    const told = new Set();
    return (domain, login) => {
        if (told.has(domain))
            return;
        told.add(domain);
        const from = login.from === undefined ? '' : ` (from ${login.from})`;
        const message = `${domain} refused the login of ${(0,credentials/* loginName */.FI)(login)}${from}; what is public there is pulled without it.`;
        report({ type: 'notice', message });
    };
}


/***/ }),

/***/ 4782:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Q: () => (/* binding */ createAskHelper),
  m: () => (/* binding */ createKeepHelper)
});

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
// EXTERNAL MODULE: ./build/lib/redact.js
var redact = __webpack_require__(1059);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./build/registry/default-store.js


/**
 * The program that Docker has keep logins where its file says nothing of any: that of the system (`pass` comes before the secret service), if it is on the
 * PATH; undefined otherwise.
 */
async function defaultStore(environment, system = process.platform) {
    const has = (program) => isOnPath(system === 'win32' ? `${program}.exe` : program, environment.PATH ?? '');
    const name = OF_SYSTEM[system] ?? ((await has('pass')) ? 'pass' : 'secretservice');
    return (await has(`docker-credential-${name}`)) ? name : undefined;
}
const OF_SYSTEM = { darwin: 'osxkeychain', win32: 'wincred' };
async function isOnPath(program, folders) {
    const found = folders.split(external_node_path_.delimiter).filter(Boolean);
    const tries = found.map((folder) => (0,promises_.access)(external_node_path_.join(folder, program), promises_.constants.X_OK));
    return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}

;// CONCATENATED MODULE: ./build/registry/credential-helper.js







const LIMIT_MS = 30_000;
const WINDOWS = process.platform === 'win32';
const MAX_ANSWER = 1024 * 1024;
/** Characters of what a failed program said, before its secrets are taken out. */
const SHOWN = 1000;
const NOT_FOUND = 'credentials not found in native keychain';
/** The user name that stands for none, beside an identity token. */
const TOKEN_USER = '<token>';
/** Asks credential helpers by Docker's protocol (docker/docker-credential-helpers): `get`, the server on standard input, JSON on standard output. */
function createAskHelper(options) {
    return async (name, server) => {
        const program = programOf(name);
        const { failed, output } = await run(program, server, options);
        if (!failed)
            return parseAnswer(output, program);
        if (output.trim() === NOT_FOUND)
            return undefined;
        // A helper that fails tells why on standard output, as Docker repeats it; what looks like an answer is kept back.
        const said = output.includes('"Secret"') ? '' : (0,clean/* clean */.uH)((0,redact/* redactText */.Rd)(output.slice(0, SHOWN)), 200);
        throw new errors/* PullError */.YX('INPUT_INVALID', program, `failed for ${server} (${failed})${said && `: ${said}`}`);
    };
}
/** Credential helpers that are told: `store` with JSON on standard input, `erase` with the server. */
function createKeepHelper(options) {
    const tell = async (name, command, input, server) => {
        const program = programOf(name);
        const { failed, output } = await run(program, input, options, command);
        if (!failed)
            return undefined;
        if (command === 'erase' && output.trim() === NOT_FOUND)
            return NOT_FOUND;
        const said = output.includes('"Secret"') ? '' : (0,clean/* clean */.uH)(output, 200);
        throw new errors/* PullError */.YX('INPUT_INVALID', program, `failed to ${command} the login for ${server} (${failed})${said && `: ${said}`}`);
    };
    return {
        async store(name, server, { username, password }) {
            const input = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
            await tell(name, 'store', input, server);
        },
        erase: async (name, server) => (await tell(name, 'erase', server, server)) === undefined,
        standard: () => defaultStore(options.environment),
    };
}
/** Only a name is looked up on the PATH; with a slash it would be a path. */
function programOf(name) {
    const program = `docker-credential-${(0,clean/* clean */.uH)(name, 100)}`;
    if (!/^[\w.-]+$/.test(name))
        throw new errors/* PullError */.YX('INPUT_INVALID', program, 'is not the name of a program');
    return program;
}
function parseAnswer(output, program) {
    const { Username: username, Secret: secret } = parseObject(output, program);
    if (typeof secret !== 'string' || secret === '')
        return undefined;
    if (username === TOKEN_USER)
        return { identityToken: secret };
    return typeof username === 'string' && username !== '' ? { username, password: secret } : undefined;
}
function parseObject(output, program) {
    // What Node says of text that is no JSON quotes it.
    const answer = (0,records/* parseJson */.qF)(output);
    if (typeof answer === 'object' && answer !== null)
        return answer;
    throw new errors/* PullError */.YX('INPUT_INVALID', program, 'expected JSON with Username and Secret, found something else');
}
/** The program in a group of its own, so that what it started ends with it. */
function run(program, input, options, command = 'get') {
    const { environment, signal, limitMs = LIMIT_MS } = options;
    return new Promise((resolve, reject) => {
        if (signal.aborted)
            return reject((0,errors/* cancelled */.KW)());
        const stdio = ['pipe', 'pipe', 'ignore'];
        const child = (0,external_node_child_process_.spawn)(program, [command], {
            env: environment,
            stdio: [...stdio],
            detached: !WINDOWS,
            windowsHide: true,
        });
        let output = '';
        const settle = (outcome) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', abort);
            outcome();
        };
        const end = (error) => {
            killGroup(child.pid);
            settle(() => reject(error));
        };
        const abort = () => end((0,errors/* cancelled */.KW)());
        const timer = setTimeout(() => end(new errors/* PullError */.YX('INPUT_INVALID', program, `gave no answer in ${(0,format/* formatSeconds */.Xo)(limitMs / 1000)}`)), limitMs);
        signal.addEventListener('abort', abort, { once: true });
        child.stdout.setEncoding('utf8').on('data', (text) => {
            output += text;
            if (output.length > MAX_ANSWER)
                end(new errors/* PullError */.YX('INPUT_INVALID', program, 'answered more than a megabyte'));
        });
        child.on('error', (error) => settle(() => reject(new errors/* PullError */.YX('INPUT_INVALID', program, startFailure(error)))));
        child.on('close', (code, by) => settle(() => resolve(code === 0 ? { output } : { failed: endOf(code, by), output })));
        // A helper may end without reading.
        child.stdin.on('error', () => { }).end(input);
    });
}
const endOf = (code, by) => code === null ? `ended by ${by}` : `exit code ${code}`;
function startFailure({ code }) {
    return code === 'ENOENT' ? 'is not on the PATH' : `cannot be started (${code})`;
}
function killGroup(pid) {
    try {
        if (pid !== undefined)
            process.kill(WINDOWS ? pid : -pid, 'SIGKILL');
    }
    catch {
        // It has ended in the meantime.
    }
}


/***/ }),

/***/ 5760:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D4: () => (/* binding */ createFindCredential),
/* harmony export */   FI: () => (/* binding */ loginName),
/* harmony export */   IO: () => (/* binding */ loginDomain),
/* harmony export */   Pd: () => (/* binding */ serverKey),
/* harmony export */   w4: () => (/* binding */ hostOf)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7908);
/* harmony import */ var _docker_config_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9275);



const HUB = 'docker.io';
const HUB_KEY = 'https://index.docker.io/v1/';
const HUB_HOSTS = new Set([HUB, 'index.docker.io', 'registry-1.docker.io', '']);
/**
 * Looks in the logins first (the narrowest scope wins, then the last one), then in each file by the rules of whoever wrote it, then for ghcr.io at the token of
 * the job. A program that keeps credentials is asked once for a registry, and where Docker would ask it no entry of the file counts.
 */
function createFindCredential(sources) {
    const { logins, authFiles, githubToken } = sources;
    const files = authFiles.map((file) => inFile(file, sources));
    const found = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_2__/* .once */ .Oo)();
    const find = async (repository) => {
        const login = loginFor(repository, logins);
        if (login)
            return login;
        for (const look of files) {
            const credential = await look(repository);
            if (credential)
                return credential;
        }
        return repository.domain === 'ghcr.io' && githubToken
            ? { username: 'x-access-token', password: githubToken, from: 'github-token', optional: true }
            : undefined;
    };
    return (repository) => found(`${repository.domain}/${repository.path}`, () => find(repository));
}
/** The domain a `registry` input means: without scheme and path, Docker Hub under any of its names as `docker.io`. */
function loginDomain(registry) {
    const host = hostOf(registry.trim()).toLowerCase();
    return HUB_HOSTS.has(host) ? HUB : host;
}
/** What an error calls a login: its user name, if it has one. */
function loginName({ username }) {
    if (username === undefined)
        return 'a stored token';
    return TOKEN.test(username) ? 'a token in place of a user name' : username;
}
/** Tokens that GitHub, GitLab and Docker let people give as a user, JSON Web Tokens, and what nobody would be called. */
const TOKEN = /^(?:gh[pousr]_|github_pat_|gl[a-z]{2,4}-|dckr_|eyJ)|^(?=.*\d)(?=.*[A-Za-z])\w{32,}$/;
/** `https://index.docker.io/v1/` for Docker Hub, else the host itself: how Docker's files and programs call a registry. */
function serverKey(domain) {
    return domain === HUB ? HUB_KEY : domain;
}
/** The host of a key such as `https://ghcr.io/v2/`, as docker/cli reads it. */
function hostOf(key) {
    return key.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, '').split('/', 1)[0] ?? '';
}
function loginFor({ domain, path }, logins) {
    const covers = ({ scope }) => scope === undefined || path === scope || path.startsWith(`${scope}/`);
    const width = ({ scope = '' }) => scope.length;
    const [login] = logins
        .filter((one) => one.password !== '' && loginDomain(one.registry) === domain && covers(one))
        .reverse()
        .sort((one, other) => width(other) - width(one));
    return login && { username: login.username, password: login.password, from: 'the inputs' };
}
function inFile({ name, rules, config }, sources) {
    const asked = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_2__/* .once */ .Oo)();
    const told = new Set();
    const reveal = (decoded, from) => {
        const { username = '', password, identityToken, registryToken } = decoded ?? {};
        for (const secret of [password, identityToken, registryToken]) {
            if (secret && !told.has(secret))
                sources.onSecret({ username: secret === password ? username : '', password: secret });
            told.add(secret ?? '');
        }
        return decoded && { ...decoded, from };
    };
    const careful = async (look) => {
        try {
            return await look();
        }
        catch (error) {
            if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX) || error.code === 'CANCELLED')
                throw error;
            sources.warn(`credentials are not read: ${error.message}`);
            return undefined;
        }
    };
    return async ({ domain, path }) => {
        const server = rules === 'podman' ? domain : serverKey(domain);
        const helper = own(config.credHelpers, server) || (rules === 'docker' ? config.credsStore : undefined);
        if (helper) {
            const ask = async () => reveal(await sources.askHelper(helper, server), `docker-credential-${helper}`);
            return asked(server, () => careful(ask));
        }
        const key = KEYS[rules](Object.keys(config.auths), domain, path);
        const entry = key === undefined ? undefined : own(config.auths, key);
        if (key === undefined || entry === undefined)
            return undefined;
        return asked(`auths ${key}`, () => careful(async () => reveal((0,_docker_config_js__WEBPACK_IMPORTED_MODULE_1__/* .decodeAuth */ .X$)(entry, `${name}: ${key}`), name)));
    };
}
/** Which entry of `auths` is for a repository. */
const KEYS = {
    variable: (keys, domain) => keys.find((key) => key === serverKey(domain)),
    /** The registry's own key (for Docker Hub a URL), else any key with the same host. */
    docker: (keys, domain) => {
        const server = serverKey(domain);
        return keys.find((key) => key === server) ?? keys.find((key) => hostOf(key) === server);
    },
    /** containers-auth.json(5): the longest prefix of the name, else a key in the form Docker writes, for Docker Hub under any of its names. */
    podman: (keys, domain, path) => {
        const parts = path.split('/');
        const prefixes = parts.map((_, index) => [domain, ...parts.slice(0, parts.length - index)].join('/'));
        const exact = [...prefixes, domain].find((prefix) => keys.includes(prefix));
        return exact ?? keys.find((key) => isHostKey(key) && loginDomain(key) === loginDomain(domain));
    },
};
/** A key for a whole registry, in the forms of old: `https://host/v1/`. */
function isHostKey(key) {
    return /^(?:https?:\/\/)?[^/]+(?:\/v[12])?\/?$/.test(key);
}
function own(record, key) {
    return Object.hasOwn(record, key) ? record[key] : undefined;
}


/***/ }),

/***/ 9275:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Cj: () => (/* binding */ parseDockerConfig),
/* harmony export */   X$: () => (/* binding */ decodeAuth),
/* harmony export */   a$: () => (/* binding */ parseAuthVariable)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_records_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9146);


/** The text of `config.json`, narrowed; throws INPUT_INVALID where docker/cli would not read the file either. A blank file is an empty one. */
function parseDockerConfig(text, subject = 'config.json') {
    const file = record(parse(text.trim() === '' ? '{}' : text, subject), subject);
    const auths = Object.entries(record(file.auths ?? {}, `${subject}: auths`));
    return {
        auths: fromEntries(auths.map(([key, entry]) => [key, authEntry(entry, `${subject}: ${key}`)])),
        credHelpers: strings(record(file.credHelpers ?? {}, `${subject}: credHelpers`), subject),
        credsStore: optionalString(file.credsStore, `${subject}: credsStore`) || undefined,
    };
}
/**
 * The text of `DOCKER_AUTH_CONFIG`: `auths` with nothing but `auth`, each of which can be decoded. Like docker/cli throws INPUT_INVALID, about all of it, for
 * anything else.
 */
function parseAuthVariable(text, subject = 'DOCKER_AUTH_CONFIG') {
    const file = record(parse(text, subject), subject);
    onlyHas(file, 'auths', subject);
    const auths = Object.entries(record(file.auths ?? {}, subject)).map(([key, value]) => {
        const entry = record(value, subject);
        onlyHas(entry, 'auth', subject);
        const parsed = authEntry(entry, subject);
        decodeAuth(parsed);
        return [key, parsed];
    });
    return { auths: fromEntries(auths), credHelpers: {}, credsStore: undefined };
}
/**
 * The entry with its base64 undone, empty fields dropped; undefined if it holds neither a password nor a token. Throws INPUT_INVALID about the subject, without
 * a word of the entry, if it cannot be undone.
 */
function decodeAuth(entry, subject = 'auth') {
    const named = entry.auth ? decodeBase64(entry.auth, subject) : entry;
    const decoded = {
        username: named.username || undefined,
        password: named.password || undefined,
        identityToken: entry.identitytoken || undefined,
        registryToken: entry.registrytoken || undefined,
    };
    const { username, password, identityToken, registryToken } = decoded;
    return (username && password) || identityToken || registryToken ? decoded : undefined;
}
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
function decodeBase64(auth, subject) {
    const base64 = auth.replace(/[\r\n]/g, '');
    if (!BASE64.test(base64))
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', subject, 'is not base64');
    const text = Buffer.from(base64, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 1)
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', subject, 'is not a name and a password');
    return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/^\0+|\0+$/g, '') };
}
function parse(text, subject) {
    const value = (0,_lib_records_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJson */ .qF)(text);
    // What Node says quotes the text, and the text holds secrets.
    if (value === undefined)
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', subject, 'it is not JSON');
    return value;
}
function onlyHas(value, name, subject) {
    if (Object.keys(value).every((key) => key === name))
        return;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', subject, 'expected {"auths": {"<registry>": {"auth": "…"}}} and no other field');
}
function authEntry(value, subject) {
    const entry = record(value, subject);
    const field = (name) => optionalString(entry[name], subject);
    return {
        auth: field('auth'),
        username: field('username'),
        password: field('password'),
        identitytoken: field('identitytoken'),
        registrytoken: field('registrytoken'),
    };
}
function strings(values, subject) {
    return fromEntries(Object.entries(values).map(([key, value]) => [key, optionalString(value, `${subject}: ${key}`) ?? '']));
}
function fromEntries(entries) {
    return Object.fromEntries(entries);
}
function record(value, subject) {
    if ((0,_lib_records_js__WEBPACK_IMPORTED_MODULE_1__/* .isRecord */ .u4)(value))
        return value;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', subject, 'expected a JSON object');
}
function optionalString(value, subject) {
    if (value === undefined || typeof value === 'string')
        return value;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', subject, 'expected a string');
}


/***/ }),

/***/ 4572:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   N: () => (/* binding */ createLocate),
/* harmony export */   y: () => (/* binding */ originOf)
/* harmony export */ });
/* harmony import */ var node_tls__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1692);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7908);
/* harmony import */ var _addresses_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(526);
/* harmony import */ var _transport_network_error_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2561);





const HUB_HOST = 'registry-1.docker.io';
const HANDSHAKE_MS = 3000;
/**
 * HTTPS for every registry, Docker Hub at its own host. Only a registry on the loopback interface, or one that is listed as insecure, may do without: one
 * TLS handshake per host tells whether it speaks TLS, then with any certificate, or plain HTTP. What spoke TLS once is never asked without it.
 */
function createLocate(options) {
    const speaksTls = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_4__/* .once */ .Oo)();
    return async (domain, subject) => {
        const url = originOf(domain, subject);
        if (!(await options.mayBeInsecure(url)))
            return url;
        try {
            const tls = await speaksTls(url.host, () => options.probe?.(url, subject) ?? tryTls(url, options));
            return tls ? url : plain(domain);
        }
        catch (error) {
            throw (0,_transport_network_error_js__WEBPACK_IMPORTED_MODULE_3__/* .networkError */ .x6)(error, { subject, host: url.host, ...options });
        }
    };
}
/** The origin of a registry over TLS; throws REFERENCE_INVALID about the subject if it is none. */
function originOf(domain, subject) {
    const text = `https://${domain === 'docker.io' ? HUB_HOST : domain}/`;
    if (URL.canParse(text))
        return new URL(text);
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('REFERENCE_INVALID', subject, `${domain} is not the address of a registry`);
}
/** Not by changing the protocol: a port 443 that was written out would be lost as the default of https. */
function plain(domain) {
    return new URL(`http://${domain}/`);
}
/** True after a TLS handshake, false if the host answers but not like that; rejects if nobody listens. */
function tryTls(url, { signal, timeouts, lookup }) {
    return new Promise((resolve, reject) => {
        const port = Number(url.port || 443);
        const host = (0,_addresses_js__WEBPACK_IMPORTED_MODULE_2__/* .bare */ .$B)(url.hostname);
        const socket = (0,node_tls__WEBPACK_IMPORTED_MODULE_0__.connect)({ host, port, lookup, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
        let connected = false;
        const settle = (outcome) => {
            signal.removeEventListener('abort', abort);
            clearTimeout(timer);
            socket.destroy();
            outcome();
        };
        const abort = () => settle(() => reject((0,_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .cancelled */ .KW)()));
        // A server that waits for a line of HTTP never answers a handshake.
        const timer = setTimeout(() => settle(() => resolve(false)), Math.min(HANDSHAKE_MS, timeouts.connectMs));
        signal.addEventListener('abort', abort);
        socket.on('connect', () => {
            connected = true;
        });
        socket.on('secureConnect', () => settle(() => resolve(true)));
        socket.on('error', (error) => settle(() => (connected || isBareHost(url) ? resolve(false) : reject(error))));
        socket.on('close', () => settle(() => resolve(false)));
        if (signal.aborted)
            abort();
    });
}
/** `localhost` with no port may be found at 443 or else at 80, as Docker does. */
function isBareHost(url) {
    return url.port === '';
}


/***/ }),

/***/ 7102:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bs: () => (/* binding */ mayReach),
/* harmony export */   J6: () => (/* binding */ sharesCredentials),
/* harmony export */   gl: () => (/* binding */ reach),
/* harmony export */   ou: () => (/* binding */ insideWords),
/* harmony export */   x5: () => (/* binding */ refusal)
/* harmony export */ });
/**
 * Why the sender may not send us there, or undefined if it may: HTTP only, never from TLS to plain text, never further inside than the sender itself is.
 * A layer's URL must be https; a token server may speak plain HTTP only at the registry's own host or where that is allowed anyway, for a login may go there.
 */
function refusal({ url: from, via }, to, known) {
    const secure = to.protocol === 'https:';
    if (!secure && to.protocol !== 'http:')
        return `${to.protocol} is neither https: nor http:`;
    if (!secure && from.protocol === 'https:')
        return 'it leads from https: to http:';
    if (!secure && via === 'layer')
        return 'it is not https:';
    if (!secure && via === 'realm' && to.hostname !== from.hostname && !known.mayBePlain(to))
        return 'a login would go there in plain text';
    const bound = reach({ url: from, via }, to, known);
    const zone = known.zoneOf(to.hostname);
    return bound === undefined || mayReach(bound, zone) ? undefined : insideWords(to.hostname, zone);
}
/** The zone whose addresses a host that was named by somebody else may have; undefined if any will do: the sender's own host, and what the user lists. */
function reach({ url: from, via }, to, known) {
    if (known.isListed(to))
        return undefined;
    if (to.hostname === from.hostname && via !== 'layer')
        return undefined;
    return via === 'layer' ? 'public' : known.zoneOf(from.hostname);
}
/** True if somebody of the first zone may send us to the second: anybody to the internet, a private network to itself, this machine also to that. */
function mayReach(from, to) {
    return to === 'public' || to === from || (from === 'loopback' && to === 'private');
}
/** Why an address is not asked. */
function insideWords(host, zone) {
    const places = {
        public: 'the internet',
        private: 'a private network',
        'link-local': 'the local link',
        loopback: 'this machine',
    };
    return `${host} is an address of ${places[zone]}`;
}
/** True if what was made for one URL (Authorization) may go along to another: scheme, host and port must be the same. */
function sharesCredentials(from, to) {
    return from.origin === to.origin;
}


/***/ }),

/***/ 3674:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   V: () => (/* binding */ isLow),
/* harmony export */   w: () => (/* binding */ quotaIn)
/* harmony export */ });
/* harmony import */ var _transport_transport_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5069);

/** `100;w=21600`: so many in so many seconds. */
const PART = /^(\d{1,9})(?:;w=(\d{1,9}))?$/;
/**
 * What is left of a quota, as Docker Hub tells it with every answer about a manifest (docs.docker.com, "Pull usage and limits"); undefined if nothing is told.
 */
function quotaIn(headers, registry) {
    const read = (name) => PART.exec((0,_transport_transport_js__WEBPACK_IMPORTED_MODULE_0__/* .header */ .wx)(headers, name)?.replaceAll(' ', '') ?? '') ?? [];
    const [, limit, window] = read('ratelimit-limit');
    const [, remaining] = read('ratelimit-remaining');
    if (remaining === undefined || !Number(limit) || !Number(window))
        return undefined;
    // Who it counts for is told as an address or an account; neither is anybody else's business.
    const source = (0,_transport_transport_js__WEBPACK_IMPORTED_MODULE_0__/* .header */ .wx)(headers, 'docker-ratelimit-source') ?? '';
    return {
        registry,
        limit: Number(limit),
        remaining: Number(remaining),
        windowSeconds: Number(window),
        isOfAccount: /^[0-9a-f-]{32,36}$/i.test(source),
    };
}
/** True if a tenth of it is left, or less. */
const isLow = ({ limit, remaining }) => remaining * 10 <= limit;


/***/ }),

/***/ 5002:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  g5: () => (/* binding */ failureOf),
  D0: () => (/* binding */ foundInstead),
  MF: () => (/* binding */ isLikeJson),
  wA: () => (/* binding */ isTemporaryStatus),
  l6: () => (/* binding */ isUsedUp)
});

// UNUSED EXPORTS: registryError

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
// EXTERNAL MODULE: ./build/lib/redact.js
var redact = __webpack_require__(1059);
;// CONCATENATED MODULE: ./build/registry/error-words.js



/** Nothing was said. */
const NO_WORDS = { codes: [], text: '' };
const MAX_TEXT = 300;
const MAX_READ = 4 * MAX_TEXT;
/**
 * The words in an error body: `errors[]` of the distribution spec, the forms Docker Hub's token server and Quay use instead, the title of an HTML
 * page, the message of an S3 document, or plain text. Bytes that are no text say nothing.
 */
function errorWords(body) {
    const text = body.trim();
    if (!isText(text))
        return NO_WORDS;
    if (text.startsWith('<'))
        return { codes: [], text: line(fromMarkup(text)) };
    const json = (0,records/* parseJson */.qF)(text);
    return json === undefined ? { codes: [], text: line(text) } : fromJson(json);
}
/** False for what nobody wrote for people: compressed bytes, or those of a layer, of which more than a tenth cannot be read. */
const isText = (body) => (body.match(UNREADABLE)?.length ?? 0) <= body.length / 10;
/** Control characters but for white space and what begins the colours of a terminal, and what the decoder could not read. */
const UNREADABLE = /[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g;
function fromJson(json) {
    if (!(0,records/* isRecord */.u4)(json))
        return { codes: [], text: typeof json === 'string' ? line(json) : '' };
    const errors = Array.isArray(json.errors) ? json.errors : (0,records/* isRecord */.u4)(json.error) ? [json.error] : [json];
    const items = errors.filter(records/* isRecord */.u4);
    const codes = items.map((item) => item.code).filter((code) => typeof code === 'string');
    const messages = new Set(items.map(messageOf).filter((message) => message !== ''));
    return { codes, text: line([...messages].join('; ')) };
}
function messageOf(item) {
    const said = [item.message, item.detail, item.details, item.error_description, item.error, item.code];
    const first = said.find((value) => typeof value === 'string' && value.trim() !== '');
    return typeof first === 'string' ? first.trim() : '';
}
/** The title of a page or its first heading, the message of a document or its code. */
function fromMarkup(text) {
    for (const name of ['title', 'message', 'h1', 'code']) {
        const found = new RegExp(`<${name}(?:\\s[^<>]*)?>([^<]+)<`, 'i').exec(text)?.[1] ?? '';
        const words = found.replace(/&(\w+|#39);/g, (all, entity) => ENTITIES[entity] ?? all).replace(/\s+/g, ' ');
        if (words.trim() !== '')
            return words.trim();
    }
    return '';
}
const ENTITIES = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    '#39': "'",
    nbsp: ' ',
};
const line = (text) => (0,clean/* clean */.uH)((0,redact/* redactText */.Rd)(shortened(text)), MAX_TEXT);
/** So much of a text that 300 characters of it remain, and no half of a secret: what redacts takes its time on long ones. */
function shortened(text) {
    return text.length > MAX_READ ? text.slice(0, MAX_READ).replace(/\S+$/, '') : text;
}

// EXTERNAL MODULE: ./build/registry/quota.js
var registry_quota = __webpack_require__(3674);
// EXTERNAL MODULE: ./build/registry/retry-after.js
var retry_after = __webpack_require__(4359);
// EXTERNAL MODULE: ./build/registry/transport/body.js
var transport_body = __webpack_require__(5430);
// EXTERNAL MODULE: ./build/registry/transport/transport.js
var transport = __webpack_require__(5069);
;// CONCATENATED MODULE: ./build/registry/registry-error.js









const MAX_BODY = 64 * 1024;
const PERMANENT = new Set([501, 505, 511]);
const TOO_MANY = 429;
/** 408 and 425 of the RFCs, 499 and 5xx of proxies and CDNs. */
const PASSING = new Set([408, 425, TOO_MANY, 499]);
/** What a server answers that limits connections or requests; nginx 503 unless it is told otherwise. */
const CROWDED = new Set([TOO_MANY, 503]);
/** True for a status that may be another one in a moment. */
function isTemporaryStatus(status) {
    return PASSING.has(status) || (status >= 500 && !PERMANENT.has(status));
}
/** The error an answer stands for; reads at most 64 KiB of its body and ends it. */
async function failureOf(response, { purpose, url }, now) {
    const { bytes } = await (0,transport_body/* takeBytes */.t)(response.body, MAX_BODY);
    await response.discard();
    const body = new TextDecoder().decode(bytes);
    const foreign = response.url.origin !== url.origin;
    const { status, headers } = response;
    return registryError({ status, headers, body, host: response.url.host, foreign }, purpose, now);
}
/** The refusal as a PullError about the repository, in Docker's words, with what the registry said and what to do about it. */
function registryError(refusal, purpose, now) {
    // A success nobody asked for, as a part of a blob, brings bytes of it: those are nobody's words.
    const isSuccess = refusal.status >= 200 && refusal.status < 300;
    const words = isSuccess ? NO_WORDS : errorWords(refusal.body);
    const code = codeOf(refusal, words, purpose);
    const temporary = code === 'TOOMANYREQUESTS' ? !isQuota(refusal, words, purpose) : isTemporaryStatus(refusal.status);
    const retryAfterMs = (0,retry_after/* parseRetryAfter */.mu)((0,transport/* header */.wx)(refusal.headers, 'retry-after'), now) ?? (0,retry_after/* retryAfterInWords */.xd)(words.text);
    const left = code === 'TOOMANYREQUESTS' ? leftOf(refusal, purpose) : '';
    const said = left && words.text ? `${words.text.replace(/\.$/, '')}; ${left}` : left || words.text;
    const reason = reasonOf(code, refusal, purpose, said === '' ? '' : `: ${said}`);
    const crowded = temporary && CROWDED.has(refusal.status) && purpose.kind === 'blob';
    const hint = hintOf(code, purpose);
    return new errors/* PullError */.YX(code, purpose.repository, reason, { hint, temporary, crowded, retryAfterMs });
}
function codeOf({ status, foreign }, { codes }, { kind }) {
    const has = (code) => codes.some((given) => given.toUpperCase() === code);
    if (status === TOO_MANY || has('TOOMANYREQUESTS'))
        return 'TOOMANYREQUESTS';
    if (isTemporaryStatus(status))
        return 'UNAVAILABLE';
    if (foreign)
        return 'REGISTRY_ANSWER';
    if (status === 401 || has('UNAUTHORIZED'))
        return 'UNAUTHORIZED';
    if (status === 403 || has('DENIED'))
        return 'DENIED';
    if (has('NAME_UNKNOWN') || (status === 404 && kind === 'tags'))
        return 'NAME_UNKNOWN';
    if (has('MANIFEST_UNKNOWN') || (status === 404 && kind === 'manifest'))
        return 'MANIFEST_UNKNOWN';
    if (has('BLOB_UNKNOWN') || (status === 404 && kind === 'blob'))
        return 'BLOB_UNKNOWN';
    if (status === 405 || has('UNSUPPORTED'))
        return 'UNSUPPORTED';
    return 'REGISTRY_ANSWER';
}
/** What to do about words where a document should be. */
const PORTAL = 'Did a proxy or a login portal on the way answer, instead of the registry? See what this machine gets from that host.';
/** What came instead of a document, for people: a page by its title, or the first words; and what to do about it, unless it begins as JSON does. */
function foundInstead(bytes) {
    const body = new TextDecoder().decode(bytes.subarray(0, MAX_BODY));
    const hint = isLikeJson(bytes) ? undefined : PORTAL;
    if (!isText(body))
        return { found: `${bytes.byteLength} bytes that are no text`, hint };
    const words = (0,clean/* clean */.uH)(errorWords(body).text, 100);
    if (body.trimStart().startsWith('<'))
        return { found: words === '' ? 'a page' : `a page, ${JSON.stringify(words)}`, hint };
    return { found: words === '' ? 'nothing to read' : `the words ${JSON.stringify(words)}`, hint };
}
/** True if it may be an object in JSON: a page or a line of words is none. */
const isLikeJson = (bytes) => bytes.find((byte) => byte > 0x20) === '{'.charCodeAt(0);
/** What it means in Docker's words, and behind that the facts: status, who answered, and what it said. */
function reasonOf(code, { status, host }, purpose, said) {
    const { kind, login, repository, target } = purpose;
    const facts = `(${status} from ${host === HUB_HOST ? 'Docker Hub' : host}${said})`;
    if (code === 'TOOMANYREQUESTS')
        return `too many requests ${facts}`;
    if (code === 'UNAUTHORIZED' || code === 'DENIED') {
        if (kind === 'token' && login !== undefined)
            return `${host} refused the login of ${login} (${status}${said})`;
        if (kind === 'login')
            return `${host} wants another login ${facts}`;
        const what = purpose.push ? 'push' : 'pull';
        return `${what} access denied for ${repository}, repository does not exist or may require 'docker login' ${facts}`;
    }
    if (code === 'NAME_UNKNOWN')
        return `repository ${repository} not found ${facts}`;
    if (purpose.push && code !== 'REGISTRY_ANSWER' && code !== 'UNAVAILABLE')
        return `${target} was not taken ${facts}`;
    if (code === 'MANIFEST_UNKNOWN')
        return `manifest for ${target} not found ${facts}`;
    if (code === 'BLOB_UNKNOWN')
        return `blob ${target} not found ${facts}`;
    const answer = `${status} ${external_node_http_.STATUS_CODES[status] ?? ''}`.trim();
    return `${host} answered ${answer} to the request for ${kind === 'token' ? 'a token' : target}${said}`;
}
const HUB_HOST = 'registry-1.docker.io';
/**
 * Docker Hub's pull quota lasts for hours; its other limits, and those of other registries, pass in seconds. It says so in words, which no answer to a HEAD
 * has, or by a remainder of nothing.
 */
function isQuota({ headers }, { text }, { domain }) {
    return domain === 'docker.io' && (isUsedUp(headers) || /pull rate limit/i.test(text));
}
/** What the refusal tells of a quota, in words. */
function leftOf({ headers }, { domain }) {
    const quota = (0,registry_quota/* quotaIn */.w)(headers, domain);
    return quota ? `${quota.remaining} of ${quota.limit} pulls left in ${(0,format/* formatAge */.nV)(quota.windowSeconds * 1000)}` : '';
}
/** True if the headers say that nothing is left of a quota (docs.docker.com, "Pull usage and limits"). */
function isUsedUp(headers) {
    return /^0(?:;|$)/.test((0,transport/* header */.wx)(headers, 'ratelimit-remaining')?.trim() ?? '');
}
function hintOf(code, purpose) {
    switch (code) {
        case 'TOOMANYREQUESTS':
            return limitHint(purpose);
        case 'UNAUTHORIZED':
        case 'DENIED':
            return accessHint(purpose);
        case 'NAME_UNKNOWN':
            return 'Check the name of the repository.';
        case 'MANIFEST_UNKNOWN':
            return purpose.push ? undefined : 'Check the tag or digest; it may have been removed.';
        default:
            return undefined;
    }
}
function limitHint({ domain, login, push }) {
    if (push) {
        const mend = login === undefined ? `Log in to ${domain} with docker/login-action, or push` : 'Push';
        return `${mend} fewer images at a time, or with a lower max-concurrent-uploads.`;
    }
    if (domain !== 'docker.io') {
        const mend = login === undefined ? `Log in to ${domain} with docker/login-action, or pull` : 'Pull';
        return `${mend} fewer images at a time.`;
    }
    const mirrors = 'set mirrors, such as docker.io=mirror.gcr.io';
    if (login !== undefined)
        return `The account of ${login} has reached its limit: ${mirrors}, or wait.`;
    return `Log in with docker/login-action, for Docker Hub allows more to accounts, or ${mirrors}.`;
}
function accessHint({ domain, login, loginFrom, push, kind }) {
    const from = loginFrom === undefined ? '' : ` (from ${loginFrom})`;
    if (kind === 'login')
        return 'Check the user name, and the password or token; it may be expired.';
    if (push) {
        const job = domain === 'ghcr.io' ? ' For a package of this repository give the job `packages: write`.' : '';
        if (login === undefined)
            return `To push log in with pull-image login, docker/login-action or the inputs registry, username and password.${job}`;
        return `Check the name, and the login of ${login} to ${domain}${from}: it may be expired or lack the right to write.${job}`;
    }
    if (login !== undefined)
        return `Check the name, and the login of ${login} to ${domain}${from}: it may be expired or lack the right to read; public images need none.`;
    const job = domain === 'ghcr.io' ? ' For a package of this repository give the job `packages: read`.' : '';
    return `Check the name. If it is private, log in with docker/login-action or the inputs registry, username and password.${job}`;
}


/***/ }),

/***/ 6034:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Jn: () => (/* binding */ passedOver),
/* harmony export */   aW: () => (/* binding */ isDivisible),
/* harmony export */   hh: () => (/* binding */ createRemote)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(907);
/* harmony import */ var _credentials_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5760);
/* harmony import */ var _policy_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7102);
/* harmony import */ var _registry_error_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5002);
/* harmony import */ var _transport_retry_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2714);






/** The error of a remote that was not asked, for it had failed others meanwhile. */
const passedOver = ({ name }) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('UNAVAILABLE', name, 'it was passed over, for it had stopped answering');
/** True unless the remote is a mere URL. */
const isDivisible = (remote) => remote.askOnce !== undefined;
/** A repository at its registry; nothing is sent before something is asked. */
function createRemote(options) {
    const { repository, send, sendOnce, sendBare, locate, retries, credential, patient = true, push } = options;
    const { base = '/v2', namespace } = options;
    const { domain, path } = repository;
    const name = options.name ?? (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .familiarName */ .hG)(repository);
    const look = () => locate(domain, name);
    const origin = () => (patient ? (0,_transport_retry_js__WEBPACK_IMPORTED_MODULE_4__/* .retrying */ .R$)(retries, look) : look());
    const requestOf = async (question) => {
        const { kind, method = 'GET', at, target, headers = {}, ...passed } = question;
        const home = typeof at === 'string' || push ? await origin() : at;
        const url = typeof at === 'string' ? new URL(`${base}/${path}/${at}`, home) : at;
        if (typeof at === 'string' && namespace !== undefined)
            url.searchParams.append('ns', namespace);
        const purpose = { kind, push, domain, repository: name, target, ...loginOf(await credential()) };
        const sender = (0,_policy_js__WEBPACK_IMPORTED_MODULE_5__/* .sharesCredentials */ .J6)(home, url) ? {} : { sender: { url: home, via: 'upload' } };
        return { ...passed, method, url, headers, purpose, ...sender };
    };
    const answerTo = (request, response) => ({
        ...response,
        asked: request.url,
        failure: () => (0,_registry_error_js__WEBPACK_IMPORTED_MODULE_3__/* .failureOf */ .g5)(response, request, retries.now()),
    });
    return {
        name,
        origin,
        domain,
        patient,
        retries,
        async ask(question) {
            const request = await requestOf(question);
            return answerTo(request, await (request.sender ? sendBare : send)(request));
        },
        async askOnce(question, from) {
            const request = await requestOf(question);
            const way = request.sender ? sendBare : sendOnce;
            if (from === undefined || from.origin === request.url.origin)
                return answerTo(request, await way(request));
            const sender = { url: request.url, via: 'redirect' };
            return answerTo(request, await sendBare({ ...request, url: from, sender }));
        },
    };
}
/** A login that nobody asked for is nobody's business. */
function loginOf(credential) {
    if (!credential || credential.optional)
        return {};
    return { login: (0,_credentials_js__WEBPACK_IMPORTED_MODULE_2__/* .loginName */ .FI)(credential), loginFrom: credential.from };
}


/***/ }),

/***/ 4359:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   E9: () => (/* binding */ parseDuration),
/* harmony export */   mu: () => (/* binding */ parseRetryAfter),
/* harmony export */   xd: () => (/* binding */ retryAfterInWords)
/* harmony export */ });
const UNIT_MS = {
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    μs: 1e-3,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
};
const DURATION = /retry-after:?\s*((?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+)/i;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/gi;
/** The Retry-After header in milliseconds from now (RFC 9110, 10.2.3: seconds or a date); undefined if it is absent, past or neither. */
function parseRetryAfter(value, now) {
    const text = value?.trim() ?? '';
    if (/^\d+$/.test(text))
        return Number(text) * 1000;
    // A date, for Date.parse also takes fragments of one, such as "-5".
    const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
    return at > now ? at - now : undefined;
}
/** The delay ghcr.io names in its message, as Go prints durations (`retry-after: 985.86µs, allowed: 44000/minute`), in milliseconds. */
function retryAfterInWords(message) {
    const duration = DURATION.exec(message)?.[1];
    return duration ? sumOf(duration) : undefined;
}
/** A duration as Go writes it, `1m30s`, in milliseconds; undefined for anything else. */
function parseDuration(text) {
    return WHOLE.test(text) ? sumOf(text) : undefined;
}
function sumOf(duration) {
    let sum = 0;
    for (const [, amount, unit = ''] of duration.matchAll(PART))
        sum += Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0);
    return sum;
}


/***/ }),

/***/ 1639:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  E: () => (/* binding */ NO_FILES),
  d: () => (/* binding */ machineFiles)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
// EXTERNAL MODULE: ./build/registry/client-certificate.js
var client_certificate = __webpack_require__(1733);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/parse-url.js
var parse_url = __webpack_require__(9447);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
// EXTERNAL MODULE: ./build/registry/retry-after.js
var retry_after = __webpack_require__(4359);
;// CONCATENATED MODULE: ./build/registry/routes/hosts-toml.js





const CAPABILITIES = new Set(['pull', 'resolve', 'push', 'referrers']);
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
/** What a request has by its own right. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'range', 'accept-encoding']);
/**
 * The hosts of a `hosts.toml` in its order, and last the registry's own or what the file has as `server` (containerd, docs/hosts.md). Relative paths count from its
 * folder. A host or a value that cannot be understood is left out, with a warning. Never throws.
 */
function parseHosts(table, folder, warn) {
    const hosts = Object.entries((0,records/* asRecord */.qY)(table.host));
    const server = typeof table.server === 'string' && table.server !== '' ? table.server : undefined;
    const entries = [...hosts, [server, table]].map(([url, value]) => {
        const name = (0,clean/* clean */.uH)(url ?? 'server', 200);
        const tell = (problem) => warn(`${name}: ${problem}`);
        return (0,records/* isRecord */.u4)(value) ? readEntry(url, value, folder, tell, value === table) : undefined;
    });
    return entries.filter((entry) => entry !== undefined);
}
function readEntry(text, table, folder, warn, isServer) {
    const url = text === undefined ? undefined : parseHostUrl(text);
    if (text !== undefined && !url) {
        warn('expected http://host or https://host, perhaps with a port and a path; it is left out');
        // In the place of the server the registry itself is left.
        return isServer ? readEntry(undefined, table, folder, warn, true) : undefined;
    }
    const capabilities = textsOf(table.capabilities).map((one) => one.toLowerCase());
    const unknown = capabilities.filter((one) => !CAPABILITIES.has(one));
    if (unknown.length > 0)
        warn(`capabilities: ${(0,clean/* clean */.uH)(unknown.join(', '), 100)} is not known, and left out`);
    const may = (capability) => capabilities.length === 0 || capabilities.includes(capability);
    return {
        origin: url && new URL(url.origin),
        base: baseOf(url?.pathname ?? '/', table.override_path === true),
        resolves: may('resolve'),
        pulls: may('pull'),
        settings: {
            authorities: textsOf(table.ca).map((file) => external_node_path_.resolve(folder, file)),
            client: readClient(table.client, folder),
            skipsVerify: table.skip_verify === true,
            headers: readHeaders(table.header, warn),
            connectMs: readTimeout(table.dial_timeout, warn),
        },
    };
}
function parseHostUrl(text) {
    const whole = text.includes('://') ? text : `https://${text}`;
    const url = /^https?:\/\//i.test(whole) ? (0,parse_url/* parseUrl */.D)(whole) : undefined;
    return !url || url.username || url.password || url.search || url.hash ? undefined : url;
}
/** As containerd has it: `/v2` follows any path, unless the path says it already or is to stand alone. */
function baseOf(pathname, alone) {
    // What begins with two slashes would name another host.
    const base = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
    return alone || base.endsWith('/v2') ? base : `${base}/v2`;
}
/** One file with both, or a pair; of several the first. */
function readClient(value, folder) {
    const first = Array.isArray(value) ? value[0] : value;
    const [certificate, key] = textsOf(first).map((file) => external_node_path_.resolve(folder, file));
    return certificate === undefined ? undefined : [certificate, key ?? certificate];
}
function readHeaders(value, warn) {
    const headers = [];
    for (const [name, text] of Object.entries((0,records/* asRecord */.qY)(value))) {
        const joined = textsOf(text).join(', ');
        const fits = HEADER_NAME.test(name) && HEADER_VALUE.test(joined) && !OWN_HEADERS.has(name.toLowerCase());
        if (fits && joined !== '')
            headers.push([name.toLowerCase(), joined]);
        else
            warn(`header: ${(0,clean/* clean */.uH)(name, 100)} is left out`);
    }
    return Object.fromEntries(headers);
}
function readTimeout(value, warn) {
    if (value === undefined)
        return undefined;
    const ms = typeof value === 'string' ? (0,retry_after/* parseDuration */.E9)(value) : undefined;
    if (ms === undefined || ms < 1)
        warn('dial_timeout: expected a duration such as 3s; it is left out');
    return ms === undefined || ms < 1 ? undefined : ms;
}
const textsOf = (value) => (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string' && one !== '');

// EXTERNAL MODULE: ./build/registry/routes/registries-conf.js
var registries_conf = __webpack_require__(8745);
// EXTERNAL MODULE: ./build/registry/routes/toml.js
var toml = __webpack_require__(2793);
;// CONCATENATED MODULE: ./build/registry/routes/machine-files.js







const NO_FILES = { hosts: async () => undefined, rules: async () => [] };
const FOLDERS = {
    hosts: ['/etc/docker/certs.d', '/etc/containerd/certs.d'],
    containers: '/etc/containers',
};
/** The files of this machine; each thing that is odd in them is a warning, once. */
function machineFiles(environment, warn, folders = FOLDERS) {
    const told = new Set();
    const tell = (message) => {
        if (!told.has(message))
            warn(message);
        told.add(message);
    };
    const hosts = (0,pool/* once */.Oo)();
    const rules = (0,pool/* once */.Oo)();
    return {
        hosts: (domain) => hosts(domain, () => findHosts(domain, folders.hosts, tell)),
        rules: () => rules('', () => (0,registries_conf/* readRegistriesConf */.io)(environment, tell, folders.containers)),
    };
}
/** The first file there is: by the registry's name in each folder, then what is for all others. */
async function findHosts(domain, folders, warn) {
    const names = [domain.replace(/:(\d+)$/, '_$1_'), domain];
    const own = folders.flatMap((folder) => [...new Set(names)].map((name) => external_node_path_.join(folder, name)));
    for (const folder of [...own, ...folders.map((each) => external_node_path_.join(each, '_default'))]) {
        const file = external_node_path_.join(folder, 'hosts.toml');
        const table = await (0,toml/* readToml */.D)(file, warn);
        if (!table)
            continue;
        const tell = (problem) => warn(`${file}: ${problem}`);
        const entries = parseHosts(table, folder, tell);
        return { file, hosts: await Promise.all(entries.map((entry) => withCertificates(entry, tell))) };
    }
    return undefined;
}
async function withCertificates(entry, warn) {
    const { authorities, client, skipsVerify, headers, connectMs } = entry.settings;
    const read = async (file) => (0,promises_.readFile)(file, 'utf8').catch(({ code }) => {
        warn(`${file} cannot be read (${code}); it is left out`);
        return undefined;
    });
    const texts = await Promise.all(authorities.map(read));
    const settings = {
        authorities: texts.filter((text) => text !== undefined),
        client: client && (await machine_files_readClient(client, read, warn)),
        skipsVerify,
        headers,
        connectMs,
    };
    return { ...entry, settings };
}
async function machine_files_readClient([certFile, keyFile], read, warn) {
    const [cert, key] = await Promise.all([read(certFile), read(keyFile)]);
    if (cert === undefined || key === undefined)
        return undefined;
    const problem = (0,client_certificate/* clientProblem */.r)({ cert, certFile, key, keyFile });
    if (problem)
        warn(`${problem.file}: ${problem.reason}; the client certificate is left out`);
    return problem ? undefined : { cert, key };
}


/***/ }),

/***/ 8745:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   io: () => (/* binding */ readRegistriesConf),
/* harmony export */   sG: () => (/* binding */ ruleFor),
/* harmony export */   up: () => (/* binding */ insecureHosts),
/* harmony export */   uw: () => (/* binding */ repositoryAt)
/* harmony export */ });
/* unused harmony export parseRules */
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8161);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1525);
/* harmony import */ var _lib_records_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9146);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(907);
/* harmony import */ var _toml_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2793);







/** A line that begins a table or an array of them, in any way TOML has; aliases and lists of registries for short names are not ours. */
const WORTH = /^\s*(?:\[\[?\s*)?["']?registry["']?\s*[\].=]/m;
const SYSTEM = '/etc/containers';
/**
 * Every rule of the machine (containers-registries.conf(5), version 2): the user's file with its drop-ins if there is one, else the machine's, or what
 * CONTAINERS_REGISTRIES_CONF names, with the drop-ins of both. Of rules with one prefix the last read counts. What is odd is a warning. Never throws.
 */
async function readRegistriesConf(environment, warn, system = SYSTEM) {
    const own = node_path__WEBPACK_IMPORTED_MODULE_2__.join(environment.XDG_CONFIG_HOME || node_path__WEBPACK_IMPORTED_MODULE_2__.join(environment.HOME || (0,node_os__WEBPACK_IMPORTED_MODULE_1__.homedir)(), '.config'), 'containers');
    const rules = new Map();
    for (const file of await filesOf(environment.CONTAINERS_REGISTRIES_CONF, own, system)) {
        const table = await (0,_toml_js__WEBPACK_IMPORTED_MODULE_5__/* .readToml */ .D)(file, warn, WORTH);
        for (const rule of table ? parseRules(table, file, warn) : [])
            rules.set(rule.prefix, rule);
    }
    return [...rules.values()];
}
/** In the order in which they are read. */
async function filesOf(named, own, system) {
    const ownFile = node_path__WEBPACK_IMPORTED_MODULE_2__.join(own, 'registries.conf');
    const ownDropIns = await dropIns(node_path__WEBPACK_IMPORTED_MODULE_2__.join(own, 'registries.conf.d'));
    const isOwn = !named && (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)(ownFile).catch(() => undefined));
    if (isOwn)
        return [ownFile, ...ownDropIns];
    return [
        named || node_path__WEBPACK_IMPORTED_MODULE_2__.join(system, 'registries.conf'),
        ...(await dropIns(node_path__WEBPACK_IMPORTED_MODULE_2__.join(system, 'registries.conf.d'))),
        ...ownDropIns,
    ];
}
async function dropIns(folder) {
    const names = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)(folder).catch(() => []);
    return names
        .filter((name) => name.endsWith('.conf'))
        .sort()
        .map((name) => node_path__WEBPACK_IMPORTED_MODULE_2__.join(folder, name));
}
/** The rules of one file; one that cannot be understood is left out, with a warning. Never throws. */
function parseRules(table, file, warn) {
    const found = table.registry;
    if (found !== undefined && !Array.isArray(found))
        warn(`${file}: registry: expected an array, [[registry]], found ${(0,_lib_records_js__WEBPACK_IMPORTED_MODULE_6__/* .isRecord */ .u4)(found) ? '[registry], which is read as one' : shown(found)}`);
    return ((0,_lib_records_js__WEBPACK_IMPORTED_MODULE_6__/* .isRecord */ .u4)(found) ? [found] : (0,_lib_records_js__WEBPACK_IMPORTED_MODULE_6__/* .asArray */ ._j)(found)).filter(_lib_records_js__WEBPACK_IMPORTED_MODULE_6__/* .isRecord */ .u4).flatMap((entry) => {
        const location = locationOf(entry.location) ?? '';
        const prefix = locationOf(entry.prefix) ?? location;
        const isMoved = entry.location !== undefined && entry.location !== '' && location !== prefix;
        const unusable = isMoved && !isPlace(location) ? shown(entry.location) : undefined;
        const name = (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(prefix || JSON.stringify(entry.prefix ?? entry.location ?? ''), 200);
        if (prefix === '') {
            warn(`${file}: [[registry]] ${name}: expected a prefix or a location such as registry.corp:5000/team; it is left out`);
            return [];
        }
        if (unusable !== undefined)
            warn(`${file}: [[registry]] ${name}: ${unusable} is no location such as registry.corp:5000/team; what begins with ${name} is not pulled`);
        if (/\/.*[:@]/.test(prefix))
            warn(`${file}: [[registry]] ${name}: it is for one tag or digest alone, which is not looked at here`);
        const mirrors = (0,_lib_records_js__WEBPACK_IMPORTED_MODULE_6__/* .asArray */ ._j)(entry.mirror)
            .filter(_lib_records_js__WEBPACK_IMPORTED_MODULE_6__/* .isRecord */ .u4)
            .flatMap((mirror) => {
            const rule = mirrorOf(mirror, entry);
            if (!rule)
                warn(`${file}: [[registry.mirror]] of ${name}: expected a location such as registry.corp:5000/team, found ${shown(mirror.location)}; it is left out`);
            return rule ? [rule] : [];
        });
        const [insecure, blocked] = [entry.insecure === true, entry.blocked === true];
        return [{ prefix, location: isMoved ? location : '', unusable, insecure, blocked, mirrors, file }];
    });
}
function mirrorOf(mirror, entry) {
    const location = locationOf(mirror.location);
    const digestsOnly = entry['mirror-by-digest-only'] === true || mirror['pull-from-mirror'] === 'digest-only';
    return location && isPlace(location)
        ? { location, insecure: mirror.insecure === true, resolves: !digestsOnly }
        : undefined;
}
const shown = (value) => (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(JSON.stringify(value) ?? 'nothing', 200);
/** True if names that begin with it are those of a registry, and are written in full. */
const isPlace = (location) => repositoryAt(`${location}/some/image`) !== undefined;
/** A full name as a repository; undefined if it is none, as where a file writes Docker Hub's names short. */
function repositoryAt(name) {
    try {
        const { domain, path: there } = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(name);
        return name.replace(/^index\.docker\.io\//, 'docker.io/') === `${domain}/${there}`
            ? { domain, path: there }
            : undefined;
    }
    catch {
        return undefined;
    }
}
/** A host and perhaps a path, by itself or behind `*.`; undefined for anything else. */
function locationOf(value) {
    if (typeof value !== 'string')
        return undefined;
    const text = value.replace(/\/+$/, '');
    return /^(?:\*\.)?[A-Za-z0-9[][^\s/]*(?:\/[^\s/]+)*$/.test(text) && !text.includes('://') ? text : undefined;
}
/**
 * The hosts that rules call insecure, as `insecure-registries` has them: with a port, that of the scheme where none is written, or `*.corp`. A rule for a part of a
 * host counts for all of it.
 */
function insecureHosts(rules) {
    const places = rules.flatMap(({ prefix, location, insecure, mirrors }) => [
        ...(insecure ? [location || prefix] : []),
        ...mirrors.filter((mirror) => mirror.insecure).map((mirror) => mirror.location),
    ]);
    const hosts = places.map((place) => (place.split('/', 1)[0] ?? '').toLowerCase());
    return hosts.flatMap((host) => /:\d+$/.test(host) || host.startsWith('*.') ? [host] : [`${host}:443`, `${host}:80`]);
}
/** The rule with the longest prefix of a full name, and the rest of the name behind it; undefined if there is none. */
function ruleFor(rules, name) {
    let found;
    for (const rule of rules) {
        if (found && found.rule.prefix.length >= rule.prefix.length)
            continue;
        const rest = restOf(rule.prefix, name);
        if (rest !== undefined)
            found = { rule, rest };
    }
    return found;
}
function restOf(prefix, name) {
    const slash = name.indexOf('/');
    const suffix = prefix.startsWith('*.') ? prefix.slice(1) : undefined;
    // With a wildcard any host that ends like this, whatever its port.
    const at = suffix === undefined ? 0 : name.slice(0, slash).indexOf(suffix);
    if (at < 0 || (suffix !== undefined && at === 0))
        return undefined;
    if (suffix === undefined && !name.startsWith(prefix))
        return undefined;
    const rest = name.slice(at + (suffix ?? prefix).length);
    return rest === '' || /^[:/@]/.test(rest) ? rest : undefined;
}


/***/ }),

/***/ 2793:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D: () => (/* binding */ readToml)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);

const MOST_BYTES = 1024 * 1024;
/** A file that is not there, or not ours to see: the folders of a daemon are often root's alone. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);
/**
 * The table in a TOML file of at most a megabyte; undefined if there is none, or nothing in it that `worth` finds, for then the parser is not even loaded. What
 * cannot be read is a warning. Never throws.
 */
async function readToml(file, warn, worth = /\S/) {
    try {
        const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(file, 'utf8');
        if (!worth.test(text))
            return undefined;
        if (text.length > MOST_BYTES)
            throw new RangeError('it has more than a megabyte');
        const { parse } = await __webpack_require__.e(/* import() */ 292).then(__webpack_require__.bind(__webpack_require__, 3292));
        return parse(text);
    }
    catch (error) {
        const { code, message, line, column } = error;
        if (ABSENT.has(code ?? ''))
            return undefined;
        // What the parser says quotes the file, which may hold secrets.
        warn(`${file} is not read: ${line ? `it is not TOML (line ${line}, column ${column})` : (code ?? message)}`);
        return undefined;
    }
}


/***/ }),

/***/ 5430:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ keepingPace),
/* harmony export */   t: () => (/* binding */ takeBytes)
/* harmony export */ });
/** The first `limit` bytes of a body; the rest is not read. Throws what the body throws. */
async function takeBytes(body, limit) {
    const chunks = [];
    let size = 0;
    for await (const chunk of body) {
        chunks.push(chunk);
        size += chunk.byteLength;
        if (size > limit)
            break;
    }
    const bytes = Buffer.concat(chunks, Math.min(size, limit));
    return { bytes, cut: size > limit };
}
/**
 * The body as it comes; throws what `tooSlow` makes of the bytes and milliseconds once it keeps the pace no longer. Only the time spent waiting for it counts,
 * not what its reader takes.
 */
async function* keepingPace(body, { bytes: least, windowMs, totalMs = Number.POSITIVE_INFINITY }, tooSlow) {
    let [bytes, waited, all, total] = [0, 0, 0, 0];
    let askedAt = performance.now();
    for await (const chunk of body) {
        const took = performance.now() - askedAt;
        waited += took;
        total += took;
        bytes += chunk.byteLength;
        all += chunk.byteLength;
        if (bytes >= least)
            [bytes, waited] = [0, 0];
        if (waited > windowMs)
            throw tooSlow(bytes, waited);
        if (total > totalMs)
            throw tooSlow(all, total);
        yield chunk;
        askedAt = performance.now();
    }
}


/***/ }),

/***/ 2777:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J: () => (/* binding */ refused),
/* harmony export */   a: () => (/* binding */ guard)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_redact_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1059);
/* harmony import */ var _policy_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7102);



const HINT_INSIDE = 'If that is meant to be, list the host in insecure-registries.';
/** Holds every request that somebody else sent us on against the policy, before anything is sent. Throws REDIRECT_REFUSED. */
function guard(known) {
    return (next) => async (request) => {
        const { sender, url } = request;
        if (!sender)
            return next(request);
        const reason = (0,_policy_js__WEBPACK_IMPORTED_MODULE_1__/* .refusal */ .x5)(sender, url, known);
        if (reason)
            throw refused(request, url, sender, reason);
        return next({ ...request, within: (0,_policy_js__WEBPACK_IMPORTED_MODULE_1__/* .reach */ .gl)(sender, url, known) });
    };
}
/** The error for a URL that is not asked; signed queries are hidden. */
function refused({ purpose }, target, sender, reason) {
    const to = (0,_lib_redact_js__WEBPACK_IMPORTED_MODULE_2__/* .redactUrl */ .BO)(target);
    const from = sender.url.host;
    const what = {
        redirect: `a redirect by ${from} to ${to} is not followed`,
        realm: `${from} names a token server that is not asked: ${to}`,
        upload: `${from} names a place for the upload that is not asked: ${to}`,
        layer: `the manifest names a URL for the layer that is not asked: ${to}`,
    };
    const hint = / is an address of /.test(reason) ? HINT_INSIDE : undefined;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('REDIRECT_REFUSED', purpose.repository, `${what[sender.via]}: ${reason}`, { hint });
}


/***/ }),

/***/ 9583:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GW: () => (/* binding */ createLookups),
/* harmony export */   bj: () => (/* binding */ INSIDE),
/* harmony export */   ne: () => (/* binding */ UNLISTED)
/* harmony export */ });
/* harmony import */ var node_dns__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(610);
/* harmony import */ var _addresses_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(526);
/* harmony import */ var _policy_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7102);



/** The codes of the errors that a look-up ends with if every address is refused: for its zone, or for not being listed. */
const INSIDE = 'ERR_ADDRESS_INSIDE';
const UNLISTED = 'ERR_ADDRESS_UNLISTED';
/** The look-ups of one client; `resolve` is `dns.lookup`, and `isListed` says which addresses the user allows. */
function createLookups(isListed, resolve = node_dns__WEBPACK_IMPORTED_MODULE_0__.lookup) {
    const outermost = new Map();
    const note = (hostname, zones) => {
        const seen = [outermost.get(hostname), ...zones].filter((zone) => zone !== undefined);
        const zone = ORDER.find((candidate) => seen.includes(candidate));
        if (zone)
            outermost.set(hostname, zone);
    };
    return {
        zoneOf: (hostname) => {
            const literal = (0,_addresses_js__WEBPACK_IMPORTED_MODULE_1__/* .zoneOf */ .kE)(hostname);
            return literal === 'public' ? (outermost.get((0,_addresses_js__WEBPACK_IMPORTED_MODULE_1__/* .bare */ .$B)(hostname)) ?? 'public') : literal;
        },
        within: (zone, listedOnly = false) => (hostname, options, callback) => {
            resolve(hostname, { ...options, all: true }, (error, addresses) => {
                if (error)
                    return callback(error, []);
                note(hostname, addresses.map(({ address }) => (0,_addresses_js__WEBPACK_IMPORTED_MODULE_1__/* .zoneOf */ .kE)(address)));
                const allowed = addresses.filter(({ address }) => isListed(address) || (!listedOnly && (zone === undefined || (0,_policy_js__WEBPACK_IMPORTED_MODULE_2__/* .mayReach */ .Bs)(zone, (0,_addresses_js__WEBPACK_IMPORTED_MODULE_1__/* .zoneOf */ .kE)(address)))));
                const [first] = allowed;
                const refused = addresses[0]?.address ?? '';
                if (!first)
                    return callback(listedOnly ? unlisted(hostname, refused) : inside(hostname, refused), []);
                if (options.all)
                    callback(null, allowed);
                else
                    callback(null, first.address, first.family);
            });
        },
    };
}
const ORDER = ['public', 'private', 'link-local', 'loopback'];
function inside(hostname, address) {
    return Object.assign(new Error(`${hostname}: ${(0,_policy_js__WEBPACK_IMPORTED_MODULE_2__/* .insideWords */ .ou)(address, (0,_addresses_js__WEBPACK_IMPORTED_MODULE_1__/* .zoneOf */ .kE)(address))}`), {
        code: INSIDE,
    });
}
function unlisted(hostname, address) {
    const reason = `${hostname} was in a range of insecure-registries, and is ${address} now, which is in none`;
    return Object.assign(new Error(reason), { code: UNLISTED });
}


/***/ }),

/***/ 2561:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Nj: () => (/* binding */ guarded),
/* harmony export */   YE: () => (/* binding */ interimLimit),
/* harmony export */   or: () => (/* binding */ isSilence),
/* harmony export */   x6: () => (/* binding */ networkError)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(177);
/* harmony import */ var _body_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5430);
/* harmony import */ var _lookups_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9583);
/* harmony import */ var _pace_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7637);






const HINT_INSIDE = 'If that is meant to be, list the host in insecure-registries.';
const NO_CONNECTION = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'the name could not be looked up',
    ENETUNREACH: 'no route to the network',
    EHOSTUNREACH: 'no route to the host',
    EADDRNOTAVAIL: 'no route to the host',
};
const BROKEN = new Set([
    'ECONNRESET',
    'EPIPE',
    'ECONNABORTED',
    'UND_ERR_SOCKET',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
const CLOSED = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);
/** The name of what undici throws; it leaves the code out. */
const NOT_HTTP = 'HTTPParserError';
const CERTIFICATE = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;
const TLS = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_)/;
/** The other side said nothing for as long as it is waited for. */
const SILENT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const HINT_REACH = 'Check the name of the registry, and whether this machine may reach it.';
const HINT_UNLISTED = 'If that is meant to be, list the registry by its name.';
const HINT_CERTIFICATE = 'If it has a certificate of a private authority, add that to the system, or name its file in SSL_CERT_FILE; or list the host in insecure-registries.';
const HINT_TLS = 'Plain HTTP is for registries on the loopback interface and for those in insecure-registries.';
/**
 * What went wrong below HTTP, as a PullError: CANCELLED once the signal is aborted, UNREACHABLE if no connection came about, UNAVAILABLE if one
 * broke or stalled, REGISTRY_ANSWER if what came was not HTTP. A PullError comes back as it is.
 */
function networkError(error, where) {
    if (where.signal.aborted)
        return (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .cancelled */ .KW)();
    if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX)
        return error;
    const code = codeOf(error);
    const { subject, host, timeouts } = where;
    const unreachable = (reason, hint, temporary) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('UNREACHABLE', subject, `cannot reach ${host}: ${reason}`, { hint, temporary, cause: error });
    const broken = (reason) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('UNAVAILABLE', subject, `${host}: ${reason}`, { temporary: true, cause: error });
    if (code === _lookups_js__WEBPACK_IMPORTED_MODULE_2__/* .INSIDE */ .bj)
        return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('REDIRECT_REFUSED', subject, `${messageOf(error)}, where nobody else may send us`, {
            hint: HINT_INSIDE,
        });
    if (code === _lookups_js__WEBPACK_IMPORTED_MODULE_2__/* .UNLISTED */ .ne)
        return unreachable(messageOf(error), HINT_UNLISTED, false);
    const reason = NO_CONNECTION[code];
    if (reason)
        return unreachable(reason, HINT_REACH, true);
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
        return unreachable(`timed out after ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatSeconds */ .Xo)(timeouts.connectMs / 1000)}`, HINT_REACH, true);
    if (CERTIFICATE.test(code))
        return unreachable(`its certificate is not valid here (${code})`, HINT_CERTIFICATE, false);
    if (TLS.test(code))
        return unreachable(`it does not speak TLS as expected (${code})`, HINT_TLS, false);
    if (code === 'UND_ERR_HEADERS_TIMEOUT')
        return broken(`no answer, timed out after ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatSeconds */ .Xo)(timeouts.headersMs / 1000)}`);
    if (code === 'UND_ERR_BODY_TIMEOUT')
        return broken(`no data, timed out after ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_3__/* .formatSeconds */ .Xo)(timeouts.bodyMs / 1000)}`);
    if (BROKEN.has(code))
        return broken('the connection broke');
    if (CLOSED.has(code))
        return (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .cancelled */ .KW)();
    if (code === NOT_HTTP || code === 'UND_ERR_HEADERS_OVERFLOW')
        return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('REGISTRY_ANSWER', subject, `${host} did not answer in HTTP`, {
            temporary: true,
            cause: error,
        });
    return broken((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(messageOf(error), 200));
}
/** True if what failed, or what that came from, is that the other side said nothing for as long as it is waited for. */
function isSilence(error) {
    if (typeof error !== 'object' || error === null)
        return false;
    const { code, cause } = error;
    return SILENT.has(String(code)) || isSilence(cause);
}
const MOST_INTERIM = 32;
/** A small answer must be whole within so many times that time. */
const MOST_WINDOWS = 10;
/** The body, its failures as PullErrors; UNAVAILABLE also if it trickles so slowly that it would never end. */
async function* guarded(body, where, { whole = false } = {}) {
    const { bodyMs } = where.timeouts;
    const totalMs = whole ? bodyMs * MOST_WINDOWS : undefined;
    const tooSlow = (bytes, ms) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('UNAVAILABLE', where.subject, `${where.host}: ${(0,_pace_js__WEBPACK_IMPORTED_MODULE_4__/* .slowWords */ .hs)(bytes, ms)}`, { temporary: true });
    try {
        yield* (0,_body_js__WEBPACK_IMPORTED_MODULE_5__/* .keepingPace */ .X)(body, { bytes: _pace_js__WEBPACK_IMPORTED_MODULE_4__/* .LEAST_BYTES */ .o6, windowMs: bodyMs, totalMs }, tooSlow);
    }
    catch (error) {
        throw networkError(error, where);
    }
}
/** Counts the interim answers (1xx) before the one that was asked for; throws UNAVAILABLE beyond 32, for each of them starts the time limit anew. */
function interimLimit({ subject, host }) {
    let left = MOST_INTERIM;
    return () => {
        left -= 1;
        if (left >= 0)
            return;
        const reason = `${host}: more than ${MOST_INTERIM} interim answers, and none to what was asked`;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('UNAVAILABLE', subject, reason, { temporary: true });
    };
}
/** The code of an error or of what caused it; where several addresses were tried, that of the first. */
function codeOf(error) {
    if (typeof error !== 'object' || error === null)
        return '';
    const { code, name, errors, cause } = error;
    if (typeof code === 'string')
        return code;
    if (name === NOT_HTTP)
        return name;
    return codeOf(Array.isArray(errors) ? errors[0] : cause);
}
function messageOf(error) {
    const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
    return String(message || error);
}


/***/ }),

/***/ 7637:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Sn: () => (/* binding */ newPace),
/* harmony export */   hs: () => (/* binding */ slowWords),
/* harmony export */   o6: () => (/* binding */ LEAST_BYTES)
/* harmony export */ });
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(177);

/** What a body must bring in the time that it may stand still: with half a minute a kilobyte a second. */
const LEAST_BYTES = 32 * 1024;
/** At least 32 KiB must come in so many milliseconds. */
function newPace(windowMs) {
    let mark = { at: performance.now(), bytes: 0 };
    const again = () => {
        mark = { at: performance.now(), bytes: 0 };
    };
    return {
        trickles(count) {
            mark.bytes += count;
            const [ms, { bytes }] = [performance.now() - mark.at, mark];
            if (ms <= windowMs)
                return undefined;
            again();
            return bytes < LEAST_BYTES ? slowWords(bytes, ms) : undefined;
        },
        again,
    };
}
/** `only 12kB in 30s`. */
const slowWords = (bytes, ms) => `only ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_0__/* .formatBytes */ .z3)(bytes)} in ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_0__/* .formatSeconds */ .Xo)(ms / 1000)}`;


/***/ }),

/***/ 9184:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   R: () => (/* binding */ plainLength),
/* harmony export */   w: () => (/* binding */ parseHead)
/* harmony export */ });
const LINE = /^HTTP\/1\.1 (\d{3})(?: .*)?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/;
/** A longer head is left to the library. */
const MOST = 16 * 1024;
/**
 * The head at the start of the bytes, `more` if it is not complete, or undefined if it is anything but what every server sends: then the library is to have a
 * look at it (RFC 9112; folded lines, bare line feeds and other versions are not read here).
 */
function parseHead(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1)
        return bytes.byteLength > MOST ? undefined : 'more';
    const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
    const status = LINE.exec(first)?.[1];
    if (status === undefined)
        return undefined;
    // A header may be called `constructor`.
    const headers = Object.create(null);
    for (const line of lines) {
        const [, name, value = ''] = FIELD.exec(line) ?? [];
        if (name === undefined)
            return undefined;
        const key = name.toLowerCase();
        const known = headers[key];
        headers[key] = known === undefined ? value.trim() : [known, value.trim()].flat();
    }
    return { status: Number(status), headers, length: end + 4 };
}
/** The length of the body if the head says it plainly; undefined is for the library to understand. */
function plainLength({ status, headers }) {
    const length = headers['content-length'];
    if (status < 200 || status === 204 || status === 304)
        return undefined;
    if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined)
        return undefined;
    return typeof length === 'string' && /^\d{1,12}$/.test(length) ? Number(length) : undefined;
}


/***/ }),

/***/ 7132:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ wordsOf),
/* harmony export */   v: () => (/* binding */ isRefusal)
/* harmony export */ });
const MOST = 64 * 1024;
const CHUNK_LINE = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;
/** True for an answer that brings nothing of what was asked for, but says why, or where it is. A 206 that is not as expected is left to the library. */
const isRefusal = ({ status }) => status >= 200 && status !== 206;
/**
 * The body of a refusal in the bytes after its head, by its length or in chunks (RFC 9112, 6.3 and 7.1), else as long as the connection lasts. Where it is cut,
 * or its chunks are none, it is what can be read; of a success that nobody asked for, nothing.
 */
function wordsOf({ status, headers }, bytes) {
    if (status < 300 || status === 304)
        return { bytes: bytes.subarray(0, 0), whole: true, ended: false };
    const enough = bytes.byteLength >= MOST;
    if (/(?:^|,)\s*chunked\s*$/i.test(String(headers['transfer-encoding'] ?? ''))) {
        const words = inChunks(bytes.subarray(0, MOST));
        return { ...words, whole: words.whole || enough };
    }
    const said = headers['content-length'];
    const length = typeof said === 'string' && /^\d{1,12}$/.test(said) ? Number(said) : MOST;
    const whole = enough || bytes.byteLength >= length;
    return { bytes: bytes.subarray(0, Math.min(length, MOST)), whole, ended: bytes.byteLength === length };
}
function inChunks(bytes) {
    const parts = [];
    const words = (whole, ended = false) => ({ bytes: Buffer.concat(parts), whole, ended });
    for (let at = 0;;) {
        const end = bytes.indexOf('\r\n', at);
        if (end === -1)
            return words(false);
        const size = CHUNK_LINE.exec(bytes.toString('latin1', at, end))?.[1];
        if (size === undefined)
            return words(true);
        const start = end + 2;
        const next = start + Number.parseInt(size, 16);
        if (next === start) {
            const last = bytes.indexOf('\r\n\r\n', end);
            return words(last !== -1, last + 4 === bytes.byteLength);
        }
        parts.push(bytes.subarray(start, next));
        if (next + 2 > bytes.byteLength)
            return words(false);
        at = next + 2;
    }
}


/***/ }),

/***/ 7939:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ openRangeSocket)
/* harmony export */ });
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7030);
/* harmony import */ var node_tls__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1692);


const NOWHERE = Buffer.allocUnsafeSlow(1024);
/** Opens a connection; rejects if none comes about. */
function openRangeSocket({ url, connectMs, silenceMs, vouched, lookup, ends }, signal) {
    return new Promise((resolve, reject) => {
        // Room is asked for while the connection is being made.
        let opened;
        const tls = url.protocol === 'https:';
        const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
        const onread = {
            buffer: () => opened?.listener?.room() ?? NOWHERE,
            callback: (count, buffer) => {
                const listener = opened?.listener;
                // Nobody asked for anything: whatever this is, it is no answer.
                if (!listener)
                    socket.destroy();
                return listener?.bytes(Buffer.from(buffer.buffer, buffer.byteOffset, count)) ?? false;
            },
        };
        const options = {
            host,
            port: Number(url.port || (tls ? 443 : 80)),
            onread,
            noDelay: true,
            autoSelectFamily: true,
            ...(lookup ? { lookup } : {}),
        };
        const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
        const socket = tls
            ? (0,node_tls__WEBPACK_IMPORTED_MODULE_1__.connect)({ ...options, ...name, rejectUnauthorized: vouched, ALPNProtocols: ['http/1.1'] })
            : (0,node_net__WEBPACK_IMPORTED_MODULE_0__.connect)(options);
        const line = { socket, listener: undefined };
        opened = line;
        const abort = () => socket.destroy();
        const timer = setTimeout(() => socket.destroy(), connectMs);
        signal.addEventListener('abort', abort);
        ends?.addEventListener('abort', abort);
        let failure;
        socket.once(tls ? 'secureConnect' : 'connect', () => {
            clearTimeout(timer);
            ends?.removeEventListener('abort', abort);
            socket.setTimeout(silenceMs, () => line.listener?.silence());
            resolve(line);
        });
        socket.on('error', (error) => {
            failure = error;
        });
        socket.on('close', () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', abort);
            reject(failure ?? new Error('closed'));
            line.listener?.over(failure);
        });
        if (signal.aborted || ends?.aborted)
            abort();
    });
}


/***/ }),

/***/ 9290:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   V: () => (/* binding */ redirect)
/* harmony export */ });
/* harmony import */ var _policy_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7102);
/* harmony import */ var _guard_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2777);
/* harmony import */ var _transport_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5069);



const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_HOPS = 5;
/** Headers that say what is asked for and what is sent; all others may be meant for the first origin alone. */
const TRAVELS = /^(?:accept|range|content-(?:type|length|range))$/;
/**
 * Follows at most five redirects, each with the one that sent it on as its sender; Authorization, and whatever else is not about the
 * content, stays at the first origin (scheme, host and port) and does not come back. Throws REDIRECT_REFUSED.
 */
function redirect() {
    return (next) => async (first) => {
        let request = first;
        for (let hop = 0;; hop += 1) {
            const response = await next(request);
            const target = location(response);
            if (!target)
                return response;
            await response.discard();
            // A Location is relative to what it is the answer to.
            const to = URL.canParse(target, request.url.href) ? new URL(target, request.url) : target;
            if (hop === MAX_HOPS)
                throw refusedHop(first, to, `more than ${MAX_HOPS} redirects`);
            request = redirected(request, target, first);
        }
    };
}
function location(response) {
    return REDIRECTS.has(response.status) ? (0,_transport_js__WEBPACK_IMPORTED_MODULE_1__/* .header */ .wx)(response.headers, 'location') : undefined;
}
function redirected(request, target, first) {
    if (!URL.canParse(target, request.url.href))
        throw refusedHop(first, target, 'its Location is not a URL');
    const url = new URL(target, request.url);
    const sender = { url: request.url, via: 'redirect' };
    const strayed = (0,_transport_js__WEBPACK_IMPORTED_MODULE_1__/* .isSentOn */ .Q2)(request);
    if ((0,_policy_js__WEBPACK_IMPORTED_MODULE_2__/* .sharesCredentials */ .J6)(request.url, url))
        return { ...request, url, sender, strayed };
    if (request.sameOrigin)
        throw refusedHop(first, url, 'it leads to another origin');
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => TRAVELS.test(name)));
    return { ...request, url, headers, sender, strayed };
}
function refusedHop(first, target, reason) {
    return (0,_guard_js__WEBPACK_IMPORTED_MODULE_0__/* .refused */ .J)(first, target, { url: first.url, via: 'redirect' }, reason);
}


/***/ }),

/***/ 2714:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Hr: () => (/* binding */ newWaits),
/* harmony export */   L5: () => (/* binding */ retry),
/* harmony export */   Nf: () => (/* binding */ MOST_WAITS),
/* harmony export */   R$: () => (/* binding */ retrying),
/* harmony export */   Th: () => (/* binding */ onceMore),
/* harmony export */   _o: () => (/* binding */ withItsWait),
/* harmony export */   fc: () => (/* binding */ asksForWait),
/* harmony export */   v7: () => (/* binding */ pause),
/* harmony export */   yy: () => (/* binding */ sleep)
/* harmony export */ });
/* unused harmony exports MOST_WAIT_MS, SHORT_WAIT_MS, delay */
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(177);
/* harmony import */ var _registry_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5002);
/* harmony import */ var _retry_after_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4359);
/* harmony import */ var _transport_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(5069);
/* harmony import */ var _turns_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(912);







/** The wait after each try but the last: over fifteen seconds in all, for storage behind a registry is often gone for ten. */
const BACKOFF_MS = [500, 1000, 4000, 10_000];
/** How many of these waits there are. */
const MOST_WAITS = BACKOFF_MS.length;
const TOO_MANY = 429;
const TRIES_TO_CONNECT = 3;
const MOST_ASKED_MS = 60_000;
/** The most that one question is waited for, all its tries together. */
const MOST_WAIT_MS = 120_000;
/** The same where something may stand in for the answer: what the waits above come to, if nobody asks for longer ones. */
const SHORT_WAIT_MS = 20_000;
/** No try starts later than this after the first one did. */
const MOST_TOTAL_MS = 5 * 60_000;
/** Waits with a timer; CANCELLED as soon as the signal is aborted. */
async function sleep(ms, signal) {
    await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(ms, undefined, { signal }).catch(() => {
        throw (0,_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .cancelled */ .KW)();
    });
}
/**
 * Milliseconds to wait after the failure of a try, the first being 1, or undefined to give up: on what is not temporary, after five tries (three if
 * no connection came about), and where the other side asks for more than a minute. From half a second up to ten, give or take a quarter; what the
 * other side asks for is never cut short, and drawn out by up to a tenth, so that not all who were told the same come back at once.
 */
function delay(tried, error, random) {
    const { temporary, retryAfterMs = 0 } = error;
    if (!temporary || retryAfterMs > MOST_ASKED_MS)
        return undefined;
    const backoff = BACKOFF_MS[tried - 1];
    if (backoff === undefined || (error.code === 'UNREACHABLE' && tried >= TRIES_TO_CONNECT))
        return undefined;
    const chance = random();
    return Math.round(Math.max(retryAfterMs * (1 + chance / 10), backoff * (0.75 + chance / 2)));
}
/**
 * Does the task, again after each failure that `delay` lets pass, for five minutes at most, two of them waited; throws the last failure, with the wait that it
 * asks for. What is refused while others of its turns get on is no try: it comes to its end by the two minutes alone.
 */
async function retrying(options, task, waits = newWaits(), turns) {
    let startedAt = options.now();
    const refusals = (0,_turns_js__WEBPACK_IMPORTED_MODULE_4__/* .newRefusals */ .Co)(turns, MOST_WAITS);
    for (let tried = 1;; tried += 1) {
        try {
            return await task();
        }
        catch (error) {
            const early = refusals.besides(error);
            const isLate = early === undefined && options.now() - startedAt > MOST_TOTAL_MS;
            if (isLate || !(await pause(early ?? tried, error, options, waits, turns)))
                throw withItsWait(error, waits, turns);
            if (early === undefined)
                continue;
            tried = 0;
            startedAt = options.now();
        }
    }
}
/**
 * Does the task, and once more if it fails with one of these codes although nothing broke: bytes that something on the way damaged, or a page of words
 * where an answer was asked for, may be right the next time. Throws the last failure.
 */
async function onceMore(options, codes, task) {
    try {
        return await task();
    }
    catch (error) {
        if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX) || error.temporary || !codes.includes(error.code))
            throw error;
        const { subject, reason } = error;
        const delayMs = Math.round(BACKOFF_MS[0] * (0.75 + options.random() / 2));
        options.report({ type: 'retry', subject, reason, attempt: 1, delayMs });
        await options.sleep(delayMs, options.signal);
        return task();
    }
}
/** Nothing was waited. */
const newWaits = (standIn) => ({ ms: 0, standIn });
/** Reports and waits before the next try; false, at once, if there is to be none, or if it would be waited too long for. */
async function pause(tried, error, options, waits, turns) {
    if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX))
        return false;
    const delayMs = delay(tried, error, options.random);
    if (delayMs === undefined || !(await isWorth(waits.ms + delayMs, waits)))
        return false;
    // One after another, requests that share a host would wait as often as there are of them.
    const shared = error.crowded ? turns : undefined;
    const now = options.now();
    if (shared && now - (shared.quietSince ?? now) + delayMs > MOST_WAIT_MS)
        return false;
    waits.ms += delayMs;
    const { subject, reason, retryAfterMs = 0 } = error;
    const asked = delayMs >= retryAfterMs && delayMs <= Math.ceil(retryAfterMs * 1.1);
    const wait = () => options.sleep(delayMs, options.signal);
    const isLong = asksForWait(error);
    if (shared?.refused(tried, isLong, now, waits) ?? true)
        options.report({ type: 'retry', subject, reason, attempt: tried, delayMs, ...(asked ? { asked } : {}) });
    await (shared ? shared.aside(wait, isLong) : wait());
    return true;
}
async function isWorth(totalMs, { standIn }) {
    if (totalMs > MOST_WAIT_MS)
        return false;
    return totalMs <= SHORT_WAIT_MS || !(await standIn?.());
}
/** The error that ends all tries; where the other side asks for a wait it says so, for that is what there is to do. */
function withItsWait(failure, waits, turns) {
    if (!(failure instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX))
        return failure;
    const { code, subject, reason, temporary, retryAfterMs = 0 } = failure;
    const hint = (0,_turns_js__WEBPACK_IMPORTED_MODULE_4__/* .crowdHint */ .ri)(failure, turns);
    const details = { temporary, retryAfterMs: failure.retryAfterMs, cause: failure };
    if (!asksForWait(failure))
        return hint === failure.hint ? failure : new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX(code, subject, reason, { ...details, hint });
    const wait = retryAfterMs > YEAR_MS ? 'more than a year' : (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatSeconds */ .Xo)(retryAfterMs / 1000);
    const before = waits.ms > 0 ? `, after ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_5__/* .formatSeconds */ .Xo)(waits.ms / 1000)} of waiting` : '';
    const said = `${reason}; it asks for a wait of ${wait}${before}`;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX(code, subject, said, {
        ...details,
        hint: hint ?? (retryAfterMs > DAY_MS ? HINT_ENDLESS : `Run the job again in ${wait}.`),
    });
}
const WORTH_SAYING_MS = 1000;
const DAY_MS = 24 * 3600 * 1000;
const YEAR_MS = 366 * DAY_MS;
const HINT_ENDLESS = 'No job can wait for that: ask whoever runs the registry, or set mirrors that have the image.';
/** True if the other side asks for a wait, and for one that is worth saying: some ask for a millisecond. */
const asksForWait = (failure) => failure instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX && (failure.retryAfterMs ?? 0) >= WORTH_SAYING_MS;
/**
 * Sends again what failed for the moment, from the registry on, so that expired redirects do not matter. Other statuses are answers, and so is 429 to a HEAD
 * that was asked again once, or that says no wait worth waiting for: what the limit is, and whether waiting helps, only a body tells.
 */
function retry(options) {
    return (next) => async (request) => {
        let limited = 0;
        return retrying(options, async () => {
            const response = await next(request);
            if (request.method === 'HEAD' && response.status === TOO_MANY) {
                limited += 1;
                if (limited > 1 || !saysWhen(response, options.now()))
                    return response;
            }
            if ((0,_registry_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isTemporaryStatus */ .wA)(response.status))
                throw await (0,_registry_error_js__WEBPACK_IMPORTED_MODULE_2__/* .failureOf */ .g5)(response, request, options.now());
            return response;
        }, request.waits, request.turns);
    };
}
function saysWhen({ headers }, now) {
    const waitMs = (0,_retry_after_js__WEBPACK_IMPORTED_MODULE_3__/* .parseRetryAfter */ .mu)((0,_transport_js__WEBPACK_IMPORTED_MODULE_6__/* .header */ .wx)(headers, 'retry-after'), now);
    return waitMs !== undefined && waitMs <= MOST_ASKED_MS && !(0,_registry_error_js__WEBPACK_IMPORTED_MODULE_2__/* .isUsedUp */ .l6)(headers);
}


/***/ }),

/***/ 5069:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q2: () => (/* binding */ isSentOn),
/* harmony export */   UE: () => (/* binding */ headerValues),
/* harmony export */   Zz: () => (/* binding */ compose),
/* harmony export */   wx: () => (/* binding */ header)
/* harmony export */ });
/* harmony import */ var _policy_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7102);

/** Wraps a Send so that the first wrap is the outermost. */
function compose(...wraps) {
    return (send) => wraps.reduceRight((next, wrap) => wrap(next), send);
}
/** True if an origin other than that of the URL sent us on, at this hop or before. */
const isSentOn = ({ sender, url, strayed }) => strayed === true || (sender !== undefined && !(0,_policy_js__WEBPACK_IMPORTED_MODULE_0__/* .sharesCredentials */ .J6)(sender.url, url));
/** Every value of a header; the name in lower case. */
function headerValues(headers, name) {
    const value = headers[name];
    if (value === undefined)
        return [];
    return typeof value === 'string' ? [value] : value;
}
/** The first value of a header; the name in lower case. */
function header(headers, name) {
    return headerValues(headers, name)[0];
}


/***/ }),

/***/ 912:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Co: () => (/* binding */ newRefusals),
/* harmony export */   lB: () => (/* binding */ isCrowded),
/* harmony export */   ri: () => (/* binding */ crowdHint)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);

/** Nothing was refused yet; without turns every failure counts. */
function newRefusals(turns, most) {
    let seen = turns?.progress;
    let row = 0;
    return {
        besides(failure) {
            const before = seen;
            seen = turns?.progress;
            row = isCrowded(failure) ? row + 1 : 0;
            return row > 0 && seen !== before ? Math.min(row, most) : undefined;
        },
    };
}
/** True if a host refused a request that it may take when fewer are under way. */
const isCrowded = (failure) => failure instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX && failure.crowded;
/** What to do about the failure: where several connections were used, to use fewer. */
function crowdHint(failure, turns) {
    if (!failure.crowded || !turns?.several)
        return failure.hint;
    return [failure.hint, FEWER].filter(Boolean).join(' ');
}
const FEWER = 'If it takes only so many connections at a time, lower max-concurrent-downloads.';


/***/ }),

/***/ 9791:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  C: () => (/* binding */ parseAccess),
  P: () => (/* binding */ parseSettings)
});

// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/oci/platform.js
var platform = __webpack_require__(4647);
;// CONCATENATED MODULE: ./build/settings/found.js
const NOTHING_FOUND = { images: [], mistakes: [] };

// EXTERNAL MODULE: ./build/settings/images.js
var settings_images = __webpack_require__(2192);
// EXTERNAL MODULE: ./build/settings/locked.js
var locked = __webpack_require__(1440);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
;// CONCATENATED MODULE: ./build/settings/logins.js



const FIELDS = ['registry', 'username', 'password', 'scope', 'ecr'];
/** `registry`, `username` and `password`, or the list of `registry-auth`; a login without a password is left out, with a notice. */
function readLogins(read, readYaml) {
    const single = {
        registry: read.text('registry') ?? '',
        username: read.text('username') ?? '',
        password: read.text('password') ?? '',
    };
    const asked = Object.values(single).some((text) => text !== '');
    const list = read.text('registry-auth');
    if (list === undefined)
        return asked ? collect([{ entry: single, at: '' }], read) : { logins: [], notices: [] };
    if (asked) {
        read.mistakes.push('registry-auth: stands alone; move the login of registry, username and password into its list');
    }
    return collect(entriesOf(list, read, readYaml), read);
}
function collect(entries, read) {
    const logins = [];
    const notices = [];
    for (const { entry, at } of entries) {
        const { registry = '', username = '', password = '', scope = '', ecr = '' } = entry;
        const name = registry || 'docker.io';
        if (/^true$/i.test(ecr)) {
            read.mistakes.push(`${at}ecr: keys of AWS are no login; run aws-actions/amazon-ecr-login before, its login is found`);
        }
        else if (password === '') {
            notices.push(`No password for ${(0,clean/* clean */.uH)(name, 200)} (a pull request from a fork has no secrets): this login is left out.`);
        }
        else if (username === '') {
            read.mistakes.push(`${at}username: is empty, but password is set; give both, or neither`);
        }
        else if (takesPulls(scope)) {
            logins.push({ registry: name, username, password, ...(pathOf(scope) === '' ? {} : { scope: pathOf(scope) }) });
        }
    }
    return { logins, notices };
}
/** A scope is a path and, after `@`, what may be done there: `org/app@pull,push`. */
const pathOf = (scope) => (scope.split('@', 1)[0] ?? '').replace(/^\/+|\/+$/g, '');
const takesPulls = (scope) => !scope.includes('@') || /@(.*,)?pull(,|$)/.test(scope);
function entriesOf(text, read, readYaml) {
    let value;
    try {
        value = readYaml(text, 'registry-auth');
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX))
            throw error;
        read.mistakes.push(`${error.message}. ${error.hint ?? ''}`.trim());
        return [];
    }
    if (!Array.isArray(value) || value.length === 0) {
        read.mistakes.push('registry-auth: expected a YAML list of logins, each with registry, username and password');
        return [];
    }
    return value.flatMap((item, index) => {
        const at = `registry-auth: login ${index + 1}: `;
        const entry = entryOf(item);
        if (typeof entry === 'object')
            return [{ entry, at }];
        read.mistakes.push(`${at}${entry}`);
        return [];
    });
}
/** The entry, or what is wrong with it; a name that is not known may be half a password, so it is not repeated. */
function entryOf(item) {
    if (!(0,records/* isRecord */.u4)(item))
        return `expected ${FIELDS.slice(0, 3).join(', ')}`;
    const known = FIELDS;
    for (const [name, value] of Object.entries(item)) {
        if (!known.includes(name))
            return `has a field that is none of ${FIELDS.join(', ')}`;
        if (typeof value !== 'string')
            return `${name}: expected a text`;
    }
    return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, String(value).trim()]));
}

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
// EXTERNAL MODULE: ./build/lib/redact.js
var redact = __webpack_require__(1059);
// EXTERNAL MODULE: ./build/oci/reference.js
var oci_reference = __webpack_require__(907);
// EXTERNAL MODULE: ./build/settings/reader.js
var reader = __webpack_require__(7121);
;// CONCATENATED MODULE: ./build/settings/networks.js






const MIRROR_FORM = 'Write docker.io=mirror.gcr.io, or docker.io=registry.example/hub-proxy.';
const INSECURE_FORM = 'Write a host such as registry.example or registry.example:5000, [::1]:5000, or a CIDR such as 10.0.0.0/8.';
/** Mirrors in the order in which they are tried. */
function readMirrors(read) {
    return read.list(reader/* splitLines */.uz, 'mirrors', (text) => {
        const [left = '', right = '', ...more] = text.split('=').map((part) => part.trim());
        if (left === '' || right === '' || more.length > 0)
            throw mistake(text, 'expected registry=mirror', MIRROR_FORM);
        if (/^http:/i.test(right))
            throw mistake(text, 'a mirror has no scheme; one that speaks plain HTTP is listed in insecure-registries', MIRROR_FORM);
        const registry = locationOf(withoutScheme(left), text);
        const mirror = locationOf(withoutScheme(right), text);
        if (registry.prefix !== '')
            throw mistake(text, 'what it stands for is a whole registry', MIRROR_FORM);
        return { registry: registry.domain, ...mirror };
    });
}
/** Hosts, `host:port` and CIDRs in lower case; IPv6 hosts in brackets. */
function readInsecureRegistries(read) {
    return read.list(reader/* splitLines */.uz, 'insecure-registries', (text) => {
        const entry = text.toLowerCase();
        if (/^[a-z+]+:\/\//.test(entry))
            throw mistake(text, 'a registry has no scheme', INSECURE_FORM);
        const valid = entry.includes('/') ? isCidr(entry) : isHost(entry);
        if (!valid)
            throw mistake(text, 'expected a host or a CIDR', INSECURE_FORM);
        return entry;
    });
}
const withoutScheme = (text) => text.replace(/^https:\/\//i, '').replace(/\/+$/, '');
/** A registry and a path in it, by the grammar of references. */
function locationOf(text, whole) {
    const [domain = '', ...path] = text.split('/');
    const prefix = path.map((part) => `${part}/`).join('');
    try {
        const reference = (0,oci_reference/* parseReference */.F2)(`${domain}/${prefix}a/b`);
        if (reference.tag === undefined && reference.path === `${prefix}a/b`)
            return { domain: reference.domain, prefix };
    }
    catch (error) {
        if (!(error instanceof errors/* PullError */.YX))
            throw error;
    }
    throw mistake(whole, `${(0,clean/* clean */.uH)((0,redact/* redactLogin */.t6)(text), 100)} is not a registry`, MIRROR_FORM);
}
function isCidr(entry) {
    const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
    return (0,external_node_net_.isIP)(address) !== 0 && Number(prefix) <= ((0,external_node_net_.isIPv6)(address) ? 128 : 32);
}
function isHost(entry) {
    return (!(0,external_node_net_.isIPv6)(entry) && /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(entry) && URL.canParse(`https://${entry}/`));
}
function mistake(text, reason, hint) {
    return new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* cleanLine */.Ow)((0,redact/* redactLogin */.t6)(text)).slice(0, 200), reason, { hint });
}

;// CONCATENATED MODULE: ./build/settings.js








/**
 * Settings out of raw text, with the defaults of `action.yml`. Throws one INPUT_INVALID that lists every mistake; only where `images` holds good and bad
 * references side by side do the bad ones become failures of their own, so that the others are still pulled. `found` is what was read from disk for them;
 * inputs in YAML need a reader of it.
 */
function parseSettings(raw, found = NOTHING_FOUND, readYaml = noYaml) {
    const read = (0,reader/* reader */.wA)(raw);
    const allTags = read.boolean('all-tags', false);
    const policy = read.choice('pull-policy', ['always', 'missing', 'never'], 'always');
    const onRegistryError = read.choice('on-registry-error', ['use-cache', 'fail'], 'use-cache');
    const listed = (0,settings_images/* readImages */.H)(raw.images ?? '', allTags, policy, read.mistakes);
    const tags = (0,reader/* splitLines */.uz)(raw.tags ?? '');
    if (tags.length > 0 && !allTags)
        read.mistakes.push('tags: narrows all-tags, which is off; add all-tags: true');
    read.mistakes.push(...found.mistakes);
    const lockFile = (0,locked/* readLock */.mF)(read, raw, found, policy);
    const lock = lockFile?.update ? undefined : lockFile && found.lock;
    const joined = (0,settings_images/* joinImages */.hT)(listed, found.images, allTags);
    const images = lock ? joined.map((image) => (0,locked/* lockImage */.r2)(image, lock, allTags, (0,locked/* mend */.Tp)(raw, (0,locked/* notIn */.zz)(joined, lock)))) : joined;
    if (images.length === 0 && found.mistakes.length === 0)
        read.mistakes.push(noImages(raw));
    const { logins, notices } = readLogins(read, readYaml);
    const settings = {
        request: {
            images,
            platforms: readPlatforms(read),
            allTags,
            tags,
            maxTags: read.integer('max-tags', 50, 100_000),
            // A lock file holds what registries say now, nothing older and nothing nearer.
            policy: lockFile?.update ? 'always' : policy,
            onRegistryError: lockFile?.update ? 'fail' : onRegistryError,
            concurrency: read.integer('max-concurrent-downloads', 8, 256),
            lock,
            updatesLock: lockFile?.update,
        },
        lockFile,
        engine: read.choice('engine', ['auto', 'docker', 'podman', 'containerd', 'none'], 'auto'),
        store: read.text('store'),
        storeMaxSize: read.size('store-max-size', 20e9),
        cache: read.choice('cache', ['auto', 'true', 'read-only', 'false'], 'auto'),
        cacheMaxSave: read.size('cache-max-save', 2e9),
        logins,
        githubToken: read.text('github-token'),
        mirrors: readMirrors(read),
        insecureRegistries: readInsecureRegistries(read),
        quiet: read.boolean('quiet', false),
        summary: read.boolean('summary', true),
        notices,
    };
    refuse(read.mistakes, images);
    return settings;
}
/** As `parseSettings`, for those who ask for no image: what registries are reached by, and what is worth a notice about that. */
function parseAccess(raw, readYaml = noYaml) {
    const read = (0,reader/* reader */.wA)(raw);
    const access = {
        ...readLogins(read, readYaml),
        githubToken: read.text('github-token'),
        mirrors: readMirrors(read),
        insecureRegistries: readInsecureRegistries(read),
        concurrency: read.integer('max-concurrent-downloads', 8, 256),
    };
    if (read.mistakes.length > 0)
        refuse(read.mistakes, []);
    return access;
}
const noYaml = (_, subject) => {
    throw new errors/* PullError */.YX('INPUT_INVALID', subject, 'YAML is not read here');
};
/** A mistake with what to write instead, where that is known. */
const withHint = ({ message, hint }) => (hint === undefined ? message : `${message}. ${hint}`);
function refuse(mistakes, images) {
    const bad = images.flatMap((image) => 'error' in image ? [`${image.input ?? 'images'}: ${withHint(image.error)}`] : []);
    if (mistakes.length === 0 && bad.length < images.length)
        return;
    const all = [...bad, ...mistakes];
    const reason = all.length === 1 ? (all[0] ?? '') : `${all.length} mistakes\n${all.map((line) => `- ${line}`).join('\n')}`;
    throw new errors/* PullError */.YX('INPUT_INVALID', 'inputs', reason, { hint: 'Nothing was pulled.' });
}
function readPlatforms(read) {
    const texts = (0,reader/* splitList */.ry)(read.text('platforms') ?? '');
    if (texts.length === 0)
        return 'engine';
    if (texts.includes('all')) {
        if (texts.length > 1)
            read.mistakes.push('platforms: all stands alone; drop the others or drop all');
        return 'all';
    }
    return read.list(reader/* splitList */.ry, 'platforms', (text) => (0,platform/* parsePlatform */.Y8)(text));
}
function noImages(raw) {
    if (!raw.files?.trim())
        return 'images: is empty; write one image reference a line, such as redis:7';
    return 'files: name no image to be pulled, and images is empty; name one there, such as redis:7';
}


/***/ }),

/***/ 2192:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H: () => (/* binding */ readImages),
/* harmony export */   SU: () => (/* binding */ parseRepository),
/* harmony export */   hT: () => (/* binding */ joinImages)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _oci_platform_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4647);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(907);
/* harmony import */ var _reader_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7121);





/** The entries of `images`, each text once; what is wrong with all of them together is added to `mistakes`. */
function readImages(text, allTags, policy, mistakes) {
    const keys = [...new Set((0,_reader_js__WEBPACK_IMPORTED_MODULE_4__/* .splitList */ .ry)(text))];
    if (allTags && policy === 'never') {
        mistakes.push('all-tags: asks the registry for its tags, which pull-policy: never forbids; name the tags in images');
    }
    return keys.map((key) => {
        try {
            return { key, reference: allTags ? parseRepository(key) : (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_3__/* .parseReference */ .F2)(key) };
        }
        catch (error) {
            if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX)
                return { key, error };
            throw error;
        }
    });
}
/** A repository that all tags of are wanted; throws INPUT_INVALID for one with a tag or digest, and what `parseReference` throws. */
function parseRepository(text) {
    const reference = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_3__/* .parseReference */ .F2)(text);
    if (reference.tag === undefined && reference.digest === undefined)
        return reference;
    const found = reference.digest === undefined ? 'a tag' : 'a digest';
    const reason = `all-tags takes a repository, found ${found}; write ${repositoryPart(text)}`;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('INPUT_INVALID', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(text), reason);
}
const repositoryPart = (key) => key.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
/**
 * The images of both inputs, each key once: those of `images` first, then what files name. The same text asked for with several platforms has them all. Under
 * `all-tags` a repository in `images` and a file's image of the same text stay apart: the file means `latest`.
 */
function joinImages(listed, found, allTags) {
    const joined = new Map(listed.map((image) => [image.key, image]));
    for (const image of found.map(fromFile)) {
        const apart = allTags && 'reference' in image && listed.some(({ key }) => key === image.key);
        const key = apart ? `${image.key}:latest` : image.key;
        const earlier = joined.get(key);
        joined.set(key, earlier ? withPlatformsOf(earlier, image) : { ...image, key });
    }
    return [...joined.values()];
}
function fromFile({ text, at, platform, problem }) {
    const failed = (code, reason, hint) => ({
        key: text,
        error: new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX(code, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(at, 300), reason, { hint }),
        input: 'files',
    });
    if (problem)
        return failed('REFERENCE_INVALID', problem.reason, problem.hint);
    try {
        const reference = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_3__/* .withDefaultTag */ ._t)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_3__/* .parseReference */ .F2)(text));
        return { key: text, reference, ...(platform === undefined ? {} : { platforms: [(0,_oci_platform_js__WEBPACK_IMPORTED_MODULE_2__/* .parsePlatform */ .Y8)(platform)] }) };
    }
    catch (error) {
        if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX))
            throw error;
        const what = error.code === 'PLATFORM_INVALID' ? 'platform' : 'image';
        return failed(error.code, `${what} ${error.message}`, error.hint);
    }
}
function withPlatformsOf(one, other) {
    if ('error' in one || 'error' in other)
        return 'error' in one ? one : other;
    const { platforms = ['requested'] } = one;
    const all = new Map([...platforms, ...(other.platforms ?? ['requested'])].map((it) => [nameOf(it), it]));
    const only = [...all.keys()].join() === 'requested';
    return only ? one : { ...one, platforms: [...all.values()] };
}
const nameOf = (platform) => platform === 'requested' ? platform : (0,_oci_platform_js__WEBPACK_IMPORTED_MODULE_2__/* .formatPlatform */ .Bq)(platform);


/***/ }),

/***/ 1440:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   TL: () => (/* binding */ lockKey),
/* harmony export */   Tp: () => (/* binding */ mend),
/* harmony export */   mF: () => (/* binding */ readLock),
/* harmony export */   r2: () => (/* binding */ lockImage),
/* harmony export */   zz: () => (/* binding */ notIn)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(907);
/* harmony import */ var _reader_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7121);




/** What a reference is called in a lock file: full, with its tag, without a digest; undefined for one that is nothing but a digest, and pins itself. */
function lockKey(reference) {
    const { domain, path, tag } = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .withDefaultTag */ ._t)(reference);
    return tag === undefined ? undefined : (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .canonicalReference */ .Ys)({ domain, path, tag });
}
/** The inputs `lock-file` and `update-lock`; a file that is needed and not there is a mistake, with the command that mends it. */
function readLock(read, raw, found, policy) {
    const file = read.text('lock-file');
    const update = read.boolean('update-lock', false);
    if (file === undefined) {
        if (update)
            read.mistakes.push('update-lock: has no file to write; name one with lock-file: pull-image.lock.json, or drop it');
        return undefined;
    }
    if (update && policy === 'never')
        read.mistakes.push('update-lock: asks the registry, which pull-policy: never forbids; drop one of the two');
    if (!update && !found.lock && !found.mistakes.some((mistake) => mistake.startsWith('lock-file:')))
        read.mistakes.push(`lock-file: ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(file, 300)} is not there. ${mend(raw)}`);
    return { file, update };
}
/** How to bring a lock file up to what is asked for; a file that has more than that keeps it, unless what is asked for is in files. */
function mend(raw, locked = []) {
    const file = raw['lock-file']?.trim() ?? '';
    const words = [
        ...(0,_reader_js__WEBPACK_IMPORTED_MODULE_3__/* .splitList */ .ry)(raw.images ?? ''),
        ...(raw.files?.trim() ? [] : locked),
        ...(0,_reader_js__WEBPACK_IMPORTED_MODULE_3__/* .splitLines */ .uz)(raw.files ?? '').flatMap((pattern) => ['--files', pattern]),
        ...(/^true$/i.test(raw['all-tags']?.trim() ?? '') ? ['--all-tags'] : []),
        ...(0,_reader_js__WEBPACK_IMPORTED_MODULE_3__/* .splitLines */ .uz)(raw.tags ?? '').flatMap((pattern) => ['--tags', pattern]),
        ...['--lock-file', file],
    ];
    const command = ['pull-image', 'lock', ...words.map(quoted)].join(' ');
    return `Write it with: ${(0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(command, 600)}; or run once with update-lock: true, and commit the file.`;
}
/** What the lock has besides these images, as people write it. */
function notIn(images, lock) {
    const wanted = new Set(images.map((image) => ('error' in image ? undefined : lockKey(image.reference))));
    return [...lock.keys()].filter((name) => !wanted.has(name)).map((name) => (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .familiarReference */ .ZD)((0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(name)));
}
const quoted = (word) => (/^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
/**
 * The image with the digest that the lock has for it, so that no tag is asked for. One that the lock does not have, or has with another digest than the user wrote,
 * becomes a failure that says so; a repository under `all-tags` stays as it is.
 */
function lockImage(image, lock, allTags, help) {
    if ('error' in image || (allTags && image.reference.tag === undefined))
        return image;
    const { key, reference } = image;
    const name = lockKey(reference);
    if (name === undefined)
        return image;
    const failed = (reason, hint) => ({
        key,
        error: new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('LOCK_MISMATCH', (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(key, 300), reason, { hint }),
    });
    const locked = lock.get(name);
    if (!locked)
        return failed('is not in the lock file', help);
    if (reference.digest !== undefined && reference.digest !== locked.digest)
        return failed(`the lock file has ${locked.digest}`, 'Write the digest of the lock file, or the tag alone; or run once with update-lock: true.');
    return { ...image, reference: { ...(0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .withDefaultTag */ ._t)(reference), digest: locked.digest } };
}


/***/ }),

/***/ 7121:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ry: () => (/* binding */ splitList),
/* harmony export */   uz: () => (/* binding */ splitLines),
/* harmony export */   wA: () => (/* binding */ reader)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);
/* harmony import */ var _lib_format_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(177);



/** Items of a List: one a line, however lines end, `#` starts a comment, blanks and empty lines fall away. */
function splitLines(text) {
    return trimmed(text.split(/\r\n|[\r\n]/).map((line) => line.replace(/#.*$/, '')));
}
/** Items of a List/CSV: as a List, with commas too. */
function splitList(text) {
    return trimmed(splitLines(text).flatMap((line) => line.split(',')));
}
const trimmed = (items) => items.map((item) => item.trim()).filter((item) => item !== '');
function reader(raw) {
    const mistakes = [];
    const text = (name) => raw[name]?.trim() || undefined;
    const mistake = (name, expected, found) => mistakes.push(`${name}: expected ${expected}, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(found, 100))}`);
    return {
        mistakes,
        text,
        boolean(name, fallback) {
            const found = text(name);
            if (found === undefined)
                return fallback;
            if (/^(true|True|TRUE)$/.test(found))
                return true;
            if (!/^(false|False|FALSE)$/.test(found))
                mistake(name, 'true or false', found);
            return false;
        },
        integer(name, fallback, largest) {
            const found = text(name);
            if (found === undefined)
                return fallback;
            const value = Number(found);
            if (/^\d+$/.test(found) && value >= 1 && value <= largest)
                return value;
            mistake(name, `a whole number from 1 to ${largest}`, found);
            return fallback;
        },
        size(name, fallback, least = 0) {
            const found = text(name);
            if (found === undefined)
                return fallback;
            const bytes = (0,_lib_format_js__WEBPACK_IMPORTED_MODULE_2__/* .parseBytes */ .z_)(found);
            if (bytes !== undefined && bytes >= least)
                return bytes;
            mistake(name, `a size${least > 0 ? ` of ${(0,_lib_format_js__WEBPACK_IMPORTED_MODULE_2__/* .formatBytes */ .z3)(least)} or more,` : ''} such as 500MB or 2GB`, found);
            return fallback;
        },
        choice(name, allowed, fallback) {
            const found = text(name);
            const known = allowed.find((word) => word === found);
            if (found !== undefined && known === undefined)
                mistake(name, `one of ${allowed.join(', ')}`, found);
            return known ?? fallback;
        },
        list(split, name, parse) {
            return split(text(name) ?? '').flatMap((item) => {
                try {
                    return [parse(item)];
                }
                catch (error) {
                    if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX))
                        throw error;
                    mistakes.push(`${name}: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
                    return [];
                }
            });
        },
    };
}


/***/ }),

/***/ 2886:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BU: () => (/* binding */ partOf),
/* harmony export */   U_: () => (/* binding */ chunksOf),
/* harmony export */   c7: () => (/* binding */ blobFile),
/* harmony export */   cc: () => (/* binding */ streamBlob),
/* harmony export */   gm: () => (/* binding */ readBlob),
/* harmony export */   lf: () => (/* binding */ openRegular),
/* harmony export */   uZ: () => (/* binding */ removeBlob),
/* harmony export */   v9: () => (/* binding */ holds)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9473);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1564);
/* harmony import */ var _oci_layout_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2470);
/* harmony import */ var _disk_error_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(7098);
/* harmony import */ var _verify_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3569);








const CHUNK = 512 * 1024;
const SMALL = 8 * 1024 * 1024;
// A link is never followed, and a pipe put in a blob's place cannot hang us. Windows knows neither flag.
const READ = node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_RDONLY | (node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NOFOLLOW ?? 0) | (node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NONBLOCK ?? 0);
/** Where the blob lies in the layout, whether or not it is there. */
function blobFile(root, digest) {
    return (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, (0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_5__/* .blobPath */ .nD)(digest));
}
/** True if a regular file of exactly the blob's size lies in its place; never true for a link or a folder. */
async function holds(root, blob) {
    try {
        const found = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.lstat)(blobFile(root, blob.digest));
        return found.isFile() && found.size === blob.size;
    }
    catch {
        return false;
    }
}
/**
 * The blob, at most 8 MiB, if its bytes hash to its digest; undefined if it is absent, unreadable, longer or other than
 * that.
 */
async function readBlob(root, digest) {
    const file = await openRegular(blobFile(root, digest), digest).catch(() => undefined);
    if (file === undefined)
        return undefined;
    try {
        if (file.stats.size > SMALL)
            return undefined;
        const bytes = await file.handle.readFile();
        return (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_4__/* .digestOf */ .ol)(bytes, (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_4__/* .algorithmOf */ .Hy)(digest)) === digest ? bytes : undefined;
    }
    catch {
        return undefined;
    }
    finally {
        await file.handle.close();
    }
}
/**
 * The blob's bytes, hashed while they are read; throws BLOB_UNKNOWN, SIZE_MISMATCH, or DIGEST_MISMATCH in place of the
 * last chunk. A part of it cannot be hashed.
 */
async function* streamBlob(root, blob, range) {
    const path = blobFile(root, blob.digest);
    const { handle, stats } = await openRegular(path, blob.digest);
    try {
        if (stats.size !== BigInt(blob.size))
            throw (0,_verify_js__WEBPACK_IMPORTED_MODULE_7__/* .sizeMismatch */ .sf)(blob, `${stats.size}`);
        if (range)
            yield* partOf(handle, path, range, blob.digest);
        else
            yield* (0,_verify_js__WEBPACK_IMPORTED_MODULE_7__/* .verified */ .zr)(blob, chunksOf(handle, path));
    }
    catch (error) {
        throw inStore(error, root);
    }
    finally {
        await handle.close();
    }
}
/** What is wrong with a blob, and where it lies. */
function inStore(error, root) {
    if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX) || !WRONG.has(error.code))
        return error;
    const { code, subject, reason } = error;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX(code, subject, `${reason} in the store ${root}`, { hint: HINT_WRONG, cause: error });
}
const WRONG = new Set(['DIGEST_MISMATCH', 'SIZE_MISMATCH']);
const HINT_WRONG = 'Take it away with pull-image store verify, and pull the image again: only what is gone is fetched.';
/** Takes away whatever lies in the blob's place; no error if nothing does. */
async function removeBlob(root, digest) {
    const path = blobFile(root, digest);
    await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_6__/* .onDisk */ .FC)(path, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(path, { force: true, recursive: true }));
}
/**
 * A regular file opened for reading, with its state; throws BLOB_UNKNOWN for anything else, links and absence included.
 */
async function openRegular(path, subject) {
    const kind = await kindAt(path);
    if (kind !== 'file')
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('BLOB_UNKNOWN', subject, `expected a file, found ${kind} at ${path}`);
    const handle = await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_6__/* .onDisk */ .FC)(path, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.open)(path, READ));
    try {
        const stats = await handle.stat({ bigint: true });
        if (!stats.isFile())
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('BLOB_UNKNOWN', subject, `expected a file, found something else at ${path}`);
        return { handle, stats };
    }
    catch (error) {
        await handle.close();
        throw error;
    }
}
/**
 * The file from its start, each chunk a buffer of its own, the next one read while the reader has the last; leaves the
 * handle open.
 */
function chunksOf(handle, path) {
    return partOf(handle, path, { start: 0, end: Number.POSITIVE_INFINITY });
}
/** As `chunksOf`, a part of the file; throws SIZE_MISMATCH about the subject if the file ends within it, which to a reader would look like one that is slow. */
async function* partOf(handle, path, { start, end }, subject = path) {
    const readAt = (position) => {
        const length = Math.min(CHUNK, end - position);
        const read = length > 0
            ? (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_6__/* .onDisk */ .FC)(path, handle.read(Buffer.allocUnsafeSlow(length), 0, length, position))
            : Promise.resolve({ buffer: Buffer.alloc(0), bytesRead: 0 });
        // The reader may leave, or be late to ask.
        read.catch(() => { });
        return read;
    };
    let position = start;
    for (let next = readAt(start);;) {
        const { buffer, bytesRead } = await next;
        if (bytesRead === 0) {
            if (position >= end || end === Number.POSITIVE_INFINITY)
                return;
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('SIZE_MISMATCH', subject, `its file ended at ${position}`);
        }
        position += bytesRead;
        next = readAt(position);
        yield buffer.subarray(0, bytesRead);
    }
}
async function kindAt(path) {
    try {
        const found = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.lstat)(path);
        if (found.isFile())
            return 'file';
        if (found.isSymbolicLink())
            return 'a symbolic link';
        return found.isDirectory() ? 'a folder' : 'a special file';
    }
    catch (error) {
        if ((0,_disk_error_js__WEBPACK_IMPORTED_MODULE_6__/* .systemCode */ .xU)(error) === 'ENOENT' || (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_6__/* .systemCode */ .xU)(error) === 'ENOTDIR')
            return 'nothing';
        throw (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_6__/* .diskError */ .wO)(path, error);
    }
}


/***/ }),

/***/ 7098:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   FC: () => (/* binding */ onDisk),
/* harmony export */   QY: () => (/* binding */ unlessAbsent),
/* harmony export */   wO: () => (/* binding */ diskError),
/* harmony export */   xU: () => (/* binding */ systemCode)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1525);


const FULL = ['ENOSPC', 'EDQUOT'];
const TAKEN = ['EISDIR', 'ENOTDIR', 'ELOOP'];
/** The system's name for what went wrong (`ENOENT`), if the error comes from the system. */
function systemCode(error) {
    const { code, syscall } = (error ?? {});
    return typeof code === 'string' && typeof syscall === 'string' ? code : undefined;
}
/**
 * Work on the store's own files, its system errors told in our words: DISK_FULL where space or quota ran out,
 * STORE_UNUSABLE otherwise, both naming the path. Never wrapped around foreign content, whose network errors are system
 * errors too.
 */
async function onDisk(path, work) {
    try {
        return await work;
    }
    catch (error) {
        throw diskError(path, error);
    }
}
/** The work's result, or undefined if the system says there is nothing there. */
async function unlessAbsent(path, work) {
    try {
        return await work;
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return undefined;
        throw diskError(path, error);
    }
}
/** The error in our words if it comes from the system, else as it is. */
function diskError(path, error) {
    const code = systemCode(error);
    if (code === undefined)
        return error;
    if (FULL.includes(code)) {
        const reason = code === 'EDQUOT' ? 'the disk quota is used up' : 'no space left on the disk';
        const hint = 'Free some space there, or let the input `store` name a folder on a larger disk.';
        return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('DISK_FULL', path, reason, { hint, cause: error });
    }
    const hint = TAKEN.includes(code)
        ? 'Something else lies there: remove it, or let the input `store` name another folder.'
        : 'Let the input `store` name a folder this user can write to.';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX('STORE_UNUSABLE', path, (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_1__/* .clean */ .uH)(error.message), { hint, cause: error });
}


/***/ }),

/***/ 8674:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Y: () => (/* binding */ LOCK),
  I: () => (/* binding */ exclusiveIn)
});

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/store/disk-error.js
var disk_error = __webpack_require__(7098);
// EXTERNAL MODULE: ./build/store/own-text.js
var own_text = __webpack_require__(6660);
;// CONCATENATED MODULE: ./build/store/lock.js







const LOCK_TIMES = { beat: 1_000, stale: 10_000, poll: 50, wait: 30_000 };
// The first word of a turn's file. They are of one length, so that one small write over the other is atomic.
const HELD = 'held';
const FREE = 'free';
const TURN = /^[1-9][0-9]{0,14}$/;
const LAST = 999_999_999_999_999;
/**
 * Runs the work while no other process of any container does, told apart by files alone: pids and clocks mean nothing
 * between containers.
 *
 * 1. The lock is a folder of turns, files named 1, 2, 3, …; the highest is the one that counts. It begins with `held`
 *    or `free`.
 * 2. To take the lock when turn n is free or its holder dead, create n + 1. Only one can; nobody has to delete what
 *    another may just have made.
 * 3. Then look again: if a higher turn is there, ours was made too late, in a place already swept, and is given up.
 *    Else sweep what is lower.
 * 4. The holder touches its file every second. Who waits sees the time on it change, whatever its value; when it has
 *    seen no change through 10 s of its own looking, the holder is dead. Time the watcher slept through itself does not
 *    count.
 *
 * A holder that was stopped and comes back may overlap with the next one, so the work must bear that, or ask before each
 * step whether the lock is still `held`. Throws STORE_LOCKED after 30 s, or CANCELLED.
 */
async function withLock(folder, options, work) {
    const { number, release } = await acquire(folder, options, options.times ?? LOCK_TIMES);
    try {
        return await work(async () => Math.max(...(await turnNumbers(folder))) === number);
    }
    finally {
        await release();
    }
}
async function acquire(folder, { holder, signal }, times) {
    const silence = watch(times);
    const since = performance.now();
    for (;;) {
        if (signal?.aborted)
            throw (0,errors/* cancelled */.KW)();
        const turn = await highestTurn(folder);
        if (turn === undefined || turn.free || silence(turn) >= times.stale) {
            const number = (turn?.number ?? 0) + 1;
            const handle = await claim(folder, number, holder);
            if (handle !== undefined)
                return { number, release: hold(handle, times) };
        }
        if (performance.now() - since >= times.wait)
            throw locked(folder, turn);
        // A little chance keeps those who wait from looking in step.
        await (0,external_node_timers_promises_.setTimeout)(times.poll * (0.5 + Math.random()));
    }
}
async function claim(folder, number, holder) {
    const path = (0,external_node_path_.join)(folder, String(number));
    let handle;
    try {
        handle = await (0,promises_.open)(path, 'wx', 0o644);
    }
    catch (error) {
        if ((0,disk_error/* systemCode */.xU)(error) === 'EEXIST')
            return undefined;
        return (0,disk_error/* onDisk */.FC)(path, Promise.reject(error));
    }
    try {
        await (0,disk_error/* onDisk */.FC)(path, handle.writeFile(`${HELD} ${JSON.stringify({ holder, since: new Date().toISOString() })}\n`));
        const numbers = await turnNumbers(folder);
        if (Math.max(...numbers) === number) {
            const past = numbers.filter((other) => other < number);
            await Promise.all(past.map((other) => (0,promises_.rm)((0,external_node_path_.join)(folder, String(other)), { force: true }).catch(() => { })));
            return handle;
        }
    }
    catch (error) {
        await handle.close();
        await (0,promises_.rm)(path, { force: true }).catch(() => { });
        throw error;
    }
    await handle.close();
    await (0,promises_.rm)(path, { force: true }).catch(() => { });
    return undefined;
}
/** Keeps giving signs of life; what comes back ends them and frees the turn. */
function hold(handle, { beat }) {
    let beating = Promise.resolve();
    const timer = setInterval(() => {
        const now = Date.now() / 1000;
        beating = beating.then(() => handle.utimes(now, now)).catch(() => { });
    }, beat);
    timer.unref();
    return async () => {
        clearInterval(timer);
        await beating;
        // If this fails the next one waits until we seem dead.
        await handle.write(FREE, 0).catch(() => { });
        await handle.close().catch(() => { });
    };
}
/** How long, by our own looking, the same turn has given no sign of life; in milliseconds. */
function watch({ stale }) {
    let seen = '';
    let silent = 0;
    let looked = 0;
    return ({ number, sign }) => {
        const now = performance.now();
        const mark = `${number} ${sign}`;
        // One look counts for little, however long ago the last was: we may have been stopped together with the holder.
        silent = mark === seen ? silent + Math.min(now - looked, stale / 20) : 0;
        seen = mark;
        looked = now;
        return silent;
    };
}
async function highestTurn(folder) {
    for (;;) {
        const numbers = await turnNumbers(folder);
        if (numbers.length === 0)
            return undefined;
        const turn = await readTurn(folder, Math.max(...numbers));
        // Gone means that a higher one is there by now.
        if (turn !== undefined)
            return turn;
    }
}
async function readTurn(folder, number) {
    const path = (0,external_node_path_.join)(folder, String(number));
    // Opened rather than only looked at: network file systems answer from memory otherwise.
    const file = await (0,disk_error/* unlessAbsent */.QY)(path, (0,own_text/* openOwn */.$U)(path));
    if (file === undefined)
        return undefined;
    const { handle } = file;
    try {
        const { buffer, bytesRead } = await (0,disk_error/* onDisk */.FC)(path, handle.read(Buffer.alloc(1024), 0, 1024, 0));
        const text = buffer.toString('utf8', 0, bytesRead);
        const { mtimeNs, ino } = await (0,disk_error/* onDisk */.FC)(path, handle.stat({ bigint: true }));
        return { number, free: text.startsWith(FREE), sign: `${mtimeNs} ${ino}`, text };
    }
    finally {
        await handle.close();
    }
}
async function turnNumbers(folder) {
    const files = await (0,disk_error/* onDisk */.FC)(folder, (0,promises_.readdir)(folder));
    const numbers = files.filter((file) => TURN.test(file)).map(Number);
    // There is no turn after it, and no store comes so far by itself.
    if (numbers.includes(LAST))
        throw (0,own_text/* notOurs */.TR)((0,external_node_path_.join)(folder, String(LAST)));
    return numbers;
}
function locked(folder, turn) {
    const [, holder = 'another process', since = 'an unknown time'] = /^\w{4} \{"holder":"([^"]*)","since":"([^"]*)"\}/.exec(turn?.text ?? '') ?? [];
    const hint = `Run again when it is done; if nothing runs there, remove the files in ${folder}.`;
    return new errors/* PullError */.YX('STORE_LOCKED', folder, (0,clean/* clean */.uH)(`locked by ${holder} since ${since}`), { hint, temporary: true });
}

;// CONCATENATED MODULE: ./build/store/exclusive.js



/** The folder of the lock's files. */
const LOCK = 'lock';
/** The lock of the store in this folder, taken in the name of this process and its run. */
function exclusiveIn(root, { run = 'local', signal, lockTimes }) {
    const holder = `${(0,external_node_os_.hostname)()}, process ${process.pid}, run ${run}`.replaceAll('"', "'");
    return (work) => withLock((0,external_node_path_.join)(root, LOCK), { holder, signal, times: lockTimes }, work);
}


/***/ }),

/***/ 3002:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  G: () => (/* binding */ fill),
  f: () => (/* binding */ writeAll)
});

// EXTERNAL MODULE: ./build/store/disk-error.js
var disk_error = __webpack_require__(7098);
// EXTERNAL MODULE: ./build/lib/buffers.js
var buffers = __webpack_require__(7155);
// EXTERNAL MODULE: ./build/store/verify.js
var verify = __webpack_require__(3569);
;// CONCATENATED MODULE: ./build/store/hash-behind.js



/** What is written and not yet hashed is still in the page cache if it is no more than this. */
const MOST_BEHIND = 64 * 1024 * 1024;
/** Reads back what was not shown in its turn. Memory: half a MiB. */
function hashBehind(handle, path, blob) {
    const proof = (0,verify/* proofOf */.oX)(blob);
    let buffer;
    let written = 0;
    let hashed = 0;
    let stopped = false;
    let running;
    let failure;
    async function run() {
        try {
            while (hashed < written && !stopped) {
                buffer ??= (0,buffers/* takeBuffer */.Ut)();
                const length = Math.min(buffers/* BUFFER_SIZE */.B_, written - hashed);
                const { bytesRead } = await (0,disk_error/* onDisk */.FC)(path, handle.read(buffer, 0, length, hashed));
                if (bytesRead === 0)
                    throw (0,verify/* sizeMismatch */.sf)(blob, `${hashed}`);
                proof.take(buffer.subarray(0, bytesRead));
                hashed += bytesRead;
            }
        }
        catch (error) {
            failure = { error };
        }
    }
    function start() {
        if (running || failure || stopped || hashed >= written)
            return;
        running = run().then(() => {
            running = undefined;
            start();
        });
    }
    return {
        show({ position, bytes }) {
            if (running || failure || position !== hashed)
                return;
            proof.take(bytes);
            hashed += bytes.byteLength;
        },
        advance(to) {
            written = to;
            start();
        },
        async keepsUp() {
            while (running && written - hashed > MOST_BEHIND)
                await running;
            if (failure)
                throw failure.error;
        },
        async end() {
            while (running)
                await running;
            if (failure)
                throw failure.error;
            proof.end();
        },
        async stop() {
            stopped = true;
            await running;
            if (buffer)
                (0,buffers/* giveBack */.F5)(buffer);
            buffer = undefined;
        },
    };
}

;// CONCATENATED MODULE: ./build/store/in-place.js





/** Writes at once: enough to keep a disk busy, few enough to bound memory. */
const WRITES = 4;
/** Pieces that come in any order: each is written where it belongs, and hashed from the file when all before it is there. */
function inPlace(temp, blob) {
    const { handle, path } = temp;
    const hashing = hashBehind(handle, path, blob);
    const flights = new Set();
    const frontier = newFrontier();
    let failure;
    async function write({ position, bytes }) {
        try {
            await (0,disk_error/* onDisk */.FC)(path, writeAll(handle, bytes, position));
            const written = frontier.add(position, position + bytes.byteLength);
            hashing.advance(written);
            temp.written(written);
        }
        catch (error) {
            failure ??= { error };
        }
        (0,buffers/* giveBack */.F5)(bytes);
    }
    return {
        async take(chunk) {
            if ('landed' in chunk)
                return;
            if (!('position' in chunk))
                throw new TypeError('a chunk among pieces');
            const end = chunk.position + chunk.bytes.byteLength;
            if (end > blob.size)
                throw (0,verify/* sizeMismatch */.sf)(blob, `at least ${end}`);
            while (flights.size >= WRITES)
                await Promise.race(flights);
            await hashing.keepsUp();
            if (failure)
                throw failure.error;
            hashing.show(chunk);
            const flight = write(chunk).finally(() => flights.delete(flight));
            flights.add(flight);
        },
        async end() {
            await Promise.all(flights);
            if (failure)
                throw failure.error;
            await hashing.end();
        },
        async stop() {
            await Promise.all(flights);
            await hashing.stop();
        },
    };
}
/** How far the file is filled without a gap, when parts that do not overlap are added in any order. */
function newFrontier() {
    const ahead = new Map();
    let written = 0;
    return {
        add(start, end) {
            ahead.set(start, end);
            for (let next = ahead.get(written); next !== undefined; next = ahead.get(written)) {
                ahead.delete(written);
                written = next;
            }
            return written;
        },
    };
}

// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/bell.js
var lib_bell = __webpack_require__(179);
// EXTERNAL MODULE: ./build/lib/deferred.js
var deferred = __webpack_require__(5705);
;// CONCATENATED MODULE: ./build/store/in-thread.js





/** Pieces on their way to the thread at once. */
const in_thread_WRITES = 4;
/**
 * A file that a thread fills: what comes this way is handed to it, what it brings itself is in the file already. The thread alone writes, so that nothing is
 * changed that was hashed. Memory here: four pieces.
 */
function inThread({ handle, path, written }, blob, pool) {
    const orders = new Map();
    let ordered = 0;
    let inTurn = 0;
    let flights = 0;
    let failure;
    let proved = false;
    let closed = false;
    const bell = (0,lib_bell/* newBell */.Q)();
    const failed = (0,deferred/* newDeferred */.Y)();
    function broken(error) {
        failure ??= { error };
        failed.resolve();
        bell.ring();
    }
    const thread = pool.take(blob.size).join({
        hear(message) {
            if (message.type === 'wrote') {
                flights -= 1;
                (0,buffers/* giveBack */.F5)(message.bytes);
                written(message.written);
            }
            if (message.type === 'told') {
                written(message.written);
                const hear = orders.get(message.order);
                if (message.told.type === 'over' || message.told.type === 'refused')
                    end(message.order);
                hear?.(message.told);
            }
            if (message.type === 'failed') {
                const { code, subject, reason, hint } = message.error;
                broken(new errors/* PullError */.YX(code, subject, reason, { hint }));
            }
            if (message.type === 'proved')
                proved = true;
            if (message.type === 'closed')
                closed = true;
            bell.ring();
        },
        ended({ code, reason }) {
            closed = true;
            broken(new errors/* PullError */.YX(code, path, reason));
        },
    });
    thread.send({ type: 'open', fd: handle.fd, path, blob: { digest: blob.digest, size: blob.size } });
    /** False if it was over already. */
    function end(order) {
        const known = orders.delete(order);
        if (known)
            thread.work.orders -= 1;
        return known;
    }
    async function until(done) {
        while (!done())
            await bell.next();
    }
    async function hand(position, bytes) {
        if (position + bytes.byteLength > blob.size)
            throw (0,verify/* sizeMismatch */.sf)(blob, `at least ${position + bytes.byteLength}`);
        await until(() => flights < in_thread_WRITES || failure !== undefined);
        if (failure)
            throw failure.error;
        flights += 1;
        // Whoever shares its buffer with others keeps it.
        const { buffer } = bytes;
        const own = buffer instanceof ArrayBuffer && buffer.byteLength === buffers/* BUFFER_SIZE */.B_;
        thread.send({ type: 'write', position, bytes: own ? bytes : bytes.slice() }, own ? [buffer] : []);
    }
    return {
        filler: {
            bring(what, hear) {
                ordered += 1;
                const order = ordered;
                orders.set(order, hear);
                thread.work.orders += 1;
                thread.send({ type: 'bring', order, what });
                return () => {
                    if (end(order))
                        thread.send({ type: 'breakOff', order });
                };
            },
            get underWay() {
                return thread.work.orders;
            },
            failed: failed.promise,
        },
        async take(part) {
            if (failure)
                throw failure.error;
            if ('offer' in part || 'landed' in part)
                return;
            if ('position' in part)
                return hand(part.position, part.bytes);
            await hand(inTurn, part);
            inTurn += part.byteLength;
        },
        async end() {
            if (!failure)
                thread.send({ type: 'prove' });
            await until(() => proved || failure !== undefined);
            if (failure)
                throw failure.error;
        },
        async stop() {
            thread.send({ type: 'close' });
            await until(() => closed);
            for (const order of [...orders.keys()])
                end(order);
            thread.leave();
        },
    };
}

;// CONCATENATED MODULE: ./build/store/fill.js




const WRITE_SIZE = 1024 * 1024;
/** Writes the content to the file and proves it, through a thread of the pool if the content can make use of one; throws what `writeBlob` throws. */
async function fill(temp, blob, content, pool) {
    let filling;
    try {
        for await (const part of content) {
            if ('offer' in part) {
                if (pool && !filling)
                    filling = inThread(temp, blob, pool);
                if (filling?.filler)
                    part.offer(filling.filler);
                continue;
            }
            filling ??= 'position' in part ? inPlace(temp, blob) : inTurn(temp, blob);
            await filling.take(part);
        }
        filling ??= inTurn(temp, blob);
        await filling.end();
    }
    finally {
        await filling?.stop();
    }
}
/** Chunks that come one after another: hashed on their way. */
function inTurn(temp, blob) {
    const proof = (0,verify/* proofOf */.oX)(blob);
    const sink = coalesce(temp, Math.max(1, Math.min(blob.size, WRITE_SIZE)));
    return {
        async take(part) {
            if ('offer' in part || 'landed' in part)
                return;
            const bytes = 'position' in part ? part.bytes : part;
            proof.take(bytes);
            await sink.add(bytes);
        },
        async end() {
            proof.end();
            await sink.end();
        },
        stop: sink.settled,
    };
}
/**
 * Small chunks become large writes; one buffer goes to the disk while the other fills. The chunks are copied: their
 * owner may use them again.
 */
function coalesce({ handle, path, written }, capacity) {
    let filling = Buffer.allocUnsafeSlow(capacity);
    let spare;
    let used = 0;
    let position = 0;
    let flight = Promise.resolve();
    async function flush() {
        await flight;
        const full = filling;
        const end = position + used;
        flight = (0,disk_error/* onDisk */.FC)(path, writeAll(handle, full.subarray(0, used), position)).then(() => written(end));
        flight.catch(() => { });
        position = end;
        used = 0;
        filling = spare ?? Buffer.allocUnsafeSlow(capacity);
        spare = full;
    }
    return {
        async add(chunk) {
            for (let taken = 0; taken < chunk.byteLength;) {
                const part = chunk.subarray(taken, taken + capacity - used);
                filling.set(part, used);
                used += part.byteLength;
                taken += part.byteLength;
                if (used === capacity)
                    await flush();
            }
        },
        async end() {
            if (used > 0)
                await flush();
            await flight;
        },
        settled: () => flight.catch(() => { }),
    };
}
/** All the bytes, however many writes it takes. */
async function writeAll(handle, bytes, position) {
    for (let done = 0; done < bytes.byteLength;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
        done += bytesWritten;
    }
}


/***/ }),

/***/ 6388:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ adoptBlob),
/* harmony export */   Zh: () => (/* binding */ writeBlob),
/* harmony export */   b5: () => (/* binding */ INGEST),
/* harmony export */   cu: () => (/* binding */ ingestPath)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9473);
/* harmony import */ var _blob_file_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2886);
/* harmony import */ var _disk_error_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7098);
/* harmony import */ var _fill_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(3002);
/* harmony import */ var _verify_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3569);








/** The folder of everything unfinished; what lies there is named nowhere. */
const INGEST = 'ingest';
const PUBLIC_MODE = 0o444;
/** A path of its own for something unfinished. */
function ingestPath(root) {
    return (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, INGEST, (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomUUID)());
}
/**
 * The door for bytes that arrive. They are counted and hashed on their way into a temp file, which takes the blob's
 * place only when they are proved to be the blob. Throws SIZE_MISMATCH, DIGEST_MISMATCH, DISK_FULL, STORE_UNUSABLE, or
 * what the content throws; then nothing is left behind. Memory: 4 MiB, whatever the size. `written` is told of bytes that
 * are in the file, from its start.
 */
async function writeBlob(root, blob, content, written = () => { }, pool) {
    const temp = ingestPath(root);
    const handle = await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(temp, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.open)(temp, 'wx+', 0o600));
    try {
        try {
            await (0,_fill_js__WEBPACK_IMPORTED_MODULE_6__/* .fill */ .G)({ handle, path: temp, written: (bytes) => written(temp, bytes) }, blob, content, pool);
            await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(temp, handle.chmod(PUBLIC_MODE));
        }
        finally {
            await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(temp, handle.close());
        }
        await settle(root, temp, blob);
    }
    catch (error) {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(temp, { force: true }).catch(() => { });
        throw error;
    }
}
/**
 * The door for a file of this machine: hashed where it lies, then moved in, or copied in from another file system; gone
 * from its old place either way. Links, special files and files with a second name are refused with BLOB_UNKNOWN, wrong
 * bytes as in `writeBlob`; a refused file stays where it is.
 */
async function adoptBlob(root, file, blob, signal) {
    const { handle, stats } = await (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_4__/* .openRegular */ .lf)(file, file);
    try {
        // Through a second name the bytes could be changed after they were proved.
        if (stats.nlink !== 1n)
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('BLOB_UNKNOWN', file, `expected one link, found ${stats.nlink}`);
        if (stats.size !== BigInt(blob.size))
            throw (0,_verify_js__WEBPACK_IMPORTED_MODULE_7__/* .sizeMismatch */ .sf)(blob, `${stats.size}`);
        const proof = (0,_verify_js__WEBPACK_IMPORTED_MODULE_7__/* .proofOf */ .oX)(blob);
        for await (const chunk of (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_4__/* .chunksOf */ .U_)(handle, file)) {
            if (signal?.aborted)
                throw (0,_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .cancelled */ .KW)();
            proof.take(chunk);
        }
        proof.end();
        if (!(await moveIn(root, file, { handle, stats }, blob))) {
            await writeBlob(root, blob, (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_4__/* .chunksOf */ .U_)(handle, file));
            await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(file, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(file, { force: true }));
        }
    }
    finally {
        await handle.close();
    }
}
/** False if the file cannot be moved and must be copied: it lies on another file system, or belongs to another user. */
async function moveIn(root, file, proved, blob) {
    const temp = ingestPath(root);
    try {
        await proved.handle.chmod(PUBLIC_MODE);
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rename)(file, temp);
    }
    catch (error) {
        if (['EXDEV', 'EPERM', 'EACCES'].includes((0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .systemCode */ .xU)(error) ?? ''))
            return false;
        throw (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .diskError */ .wO)(file, error);
    }
    try {
        const moved = await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(temp, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.lstat)(temp, { bigint: true }));
        const now = await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(temp, proved.handle.stat({ bigint: true }));
        if (moved.ino !== now.ino || moved.dev !== now.dev || now.mtimeNs !== proved.stats.mtimeNs || now.nlink !== 1n) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .PullError */ .YX('DIGEST_MISMATCH', file, `expected ${blob.digest}, found a file that changed while it was read`);
        }
        // Wherever the file comes from, it is a young blob: a sweep spares those.
        const seconds = Date.now() / 1000;
        await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(temp, proved.handle.utimes(seconds, seconds));
        await settle(root, temp, blob);
        return true;
    }
    catch (error) {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rename)(temp, file).catch(() => { });
        throw error;
    }
}
/** Puts a proved file into the blob's place, over anything that is not the blob. */
async function settle(root, temp, blob) {
    const target = (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_4__/* .blobFile */ .c7)(root, blob.digest);
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rename)(temp, target);
    }
    catch {
        // The first blob of its algorithm, a folder in the way, or on Windows the same blob, read-only or open.
        await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(target), (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(target), { recursive: true }));
        if (await (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_4__/* .holds */ .v9)(root, blob))
            return (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(temp, { force: true });
        await (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_4__/* .removeBlob */ .uZ)(root, blob.digest);
        await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_5__/* .onDisk */ .FC)(target, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rename)(temp, target));
    }
}


/***/ }),

/***/ 1926:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  K: () => (/* binding */ clearIngest),
  A: () => (/* binding */ prepareLayout)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
;// CONCATENATED MODULE: ./build/lib/make-folder.js


/**
 * Makes the folder and those above it, unless they are there; throws the system's error. Step by step, for Node's own `recursive` never ends where the system says of a
 * parent that it is there and of what is made in it that there is no such place, as under /proc.
 */
async function makeFolder(path) {
    try {
        await makeOne(path);
    }
    catch (error) {
        if (error.code !== 'ENOENT' || (0,external_node_path_.dirname)(path) === path)
            throw error;
        await makeFolder((0,external_node_path_.dirname)(path));
        await makeOne(path);
    }
}
async function makeOne(path) {
    try {
        await (0,promises_.mkdir)(path);
    }
    catch (error) {
        // A system that cannot be written to says so of folders that are there as well; whether this is one shows when it is used.
        if (error.code !== 'EEXIST')
            throw error;
    }
}

// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
// EXTERNAL MODULE: ./build/oci/layout.js
var layout = __webpack_require__(2470);
// EXTERNAL MODULE: ./build/store/disk-error.js
var disk_error = __webpack_require__(7098);
// EXTERNAL MODULE: ./build/store/exclusive.js + 1 modules
var exclusive = __webpack_require__(8674);
// EXTERNAL MODULE: ./build/store/ingest.js
var ingest = __webpack_require__(6388);
// EXTERNAL MODULE: ./build/store/lease.js
var lease = __webpack_require__(2948);
// EXTERNAL MODULE: ./build/store/names.js
var names = __webpack_require__(7130);
// EXTERNAL MODULE: ./build/store/own-text.js
var own_text = __webpack_require__(6660);
// EXTERNAL MODULE: ./build/store/place.js
var place = __webpack_require__(5125);
;// CONCATENATED MODULE: ./build/store/layout-folder.js














const FOLDERS = [(0,external_node_path_.join)('blobs', 'sha256'), names/* NAMES */.Xk, lease/* LEASES */.g2, exclusive/* LOCK */.Y];
/**
 * What may lie in a folder that is to become a store: our own first step, if we were killed after it, and what a new
 * file system holds.
 */
const AS_GOOD_AS_EMPTY = [ingest/* INGEST */.b5, 'lost+found'];
const ABANDONED_MS = 60 * 60 * 1000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/**
 * Makes the folder a layout of image-spec v1.1 that this process can write to; an empty or absent folder becomes one, a
 * folder with anything else in it is refused untouched. Throws STORE_UNUSABLE or DISK_FULL. Several processes may do so
 * at once, and be killed at any moment.
 */
async function prepareLayout(root) {
    await (0,disk_error/* onDisk */.FC)(root, makeFolder(root));
    const entries = await (0,disk_error/* onDisk */.FC)(root, (0,promises_.readdir)(root));
    const isLayout = entries.includes(layout/* LAYOUT_FILE */.gI);
    if (isLayout)
        await checkVersion(root);
    else
        refuseForeign(root, entries);
    await (0,disk_error/* onDisk */.FC)(root, makeFolder((0,external_node_path_.join)(root, ingest/* INGEST */.b5)));
    await clearIngest(root);
    if (!isLayout)
        await (0,place/* placeText */.Z)(root, layout/* LAYOUT_FILE */.gI, layout/* LAYOUT_CONTENT */.FO);
    for (const folder of FOLDERS)
        await (0,disk_error/* onDisk */.FC)(root, makeFolder((0,external_node_path_.join)(root, folder)));
}
async function checkVersion(root) {
    const expected = versionIn(layout/* LAYOUT_CONTENT */.FO);
    const { text } = await (0,disk_error/* onDisk */.FC)(root, (0,own_text/* readOwn */.jU)((0,external_node_path_.join)(root, layout/* LAYOUT_FILE */.gI)));
    const found = versionIn(text);
    if (found === expected)
        return;
    const reason = `expected an OCI image layout of version ${expected}, found ${(0,clean/* clean */.uH)(found ?? 'no version', 40)} in ${layout/* LAYOUT_FILE */.gI}`;
    throw new errors/* PullError */.YX('STORE_UNUSABLE', root, reason, { hint: 'Let the input `store` name another folder.' });
}
function versionIn(text) {
    const { imageLayoutVersion } = (0,records/* asRecord */.qY)((0,records/* parseJson */.qF)(text));
    return typeof imageLayoutVersion === 'string' ? imageLayoutVersion : undefined;
}
function refuseForeign(root, entries) {
    const foreign = entries.find((entry) => !AS_GOOD_AS_EMPTY.includes(entry) && !entry.startsWith('.probe-'));
    if (foreign === undefined)
        return;
    const reason = `expected an OCI image layout or an empty folder, found ${(0,clean/* clean */.uH)(JSON.stringify(foreign), 100)}`;
    throw new errors/* PullError */.YX('STORE_UNUSABLE', root, reason, { hint: 'Let the input `store` name a folder of its own.' });
}
/** Removes what killed processes left unfinished over an hour ago; returns the time of this file system, in milliseconds. */
async function clearIngest(root) {
    const now = await probe(root);
    await sweepIngest(root, now);
    return now;
}
/** Shows that files can be made here, and tells the time of this file system, in milliseconds: it may not be ours. */
async function probe(root) {
    const path = (0,ingest/* ingestPath */.cu)(root);
    await (0,disk_error/* onDisk */.FC)(root, (0,promises_.writeFile)(path, '', { flag: 'wx' }));
    const { mtimeMs } = await (0,disk_error/* onDisk */.FC)(root, (0,promises_.lstat)(path));
    await (0,promises_.rm)(path, { force: true }).catch(() => { });
    return mtimeMs;
}
/** What a killed process left behind over an hour ago; one that still writes keeps its file young. */
async function sweepIngest(root, now) {
    const files = await (0,promises_.readdir)((0,external_node_path_.join)(root, ingest/* INGEST */.b5)).catch(() => []);
    for (const file of files.filter((name) => UUID.test(name))) {
        const path = (0,external_node_path_.join)(root, ingest/* INGEST */.b5, file);
        try {
            const { mtimeMs } = await (0,promises_.lstat)(path);
            if (mtimeMs < now - ABANDONED_MS)
                await (0,promises_.rm)(path, { force: true });
        }
        catch {
            // Somebody else sweeps too.
        }
    }
}


/***/ }),

/***/ 9614:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  C: () => (/* binding */ openStore)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
// EXTERNAL MODULE: ./build/lib/bell.js
var bell = __webpack_require__(179);
// EXTERNAL MODULE: ./build/oci/descriptor.js
var descriptor = __webpack_require__(6937);
// EXTERNAL MODULE: ./build/store/blob-file.js
var blob_file = __webpack_require__(2886);
;// CONCATENATED MODULE: ./build/store/arriving.js



/** What is under way in the store at `root`; nothing yet. */
function arrivingIn(root) {
    const frontiers = new Map();
    return {
        begin(blob) {
            const frontier = newFrontier();
            const key = (0,descriptor/* blobKey */.b)(blob);
            if (!frontiers.has(key))
                frontiers.set(key, frontier);
            return {
                advance(file, written) {
                    Object.assign(frontier, { file, written });
                    frontier.bell.ring();
                },
                end(error) {
                    if (frontiers.get(key) === frontier)
                        frontiers.delete(key);
                    Object.assign(frontier, { error, over: true });
                    frontier.bell.ring();
                },
            };
        },
        follow(blob, range) {
            const frontier = frontiers.get((0,descriptor/* blobKey */.b)(blob));
            return frontier && follow(root, blob, frontier, range);
        },
    };
}
const newFrontier = () => ({ file: '', written: 0, over: false, error: undefined, bell: (0,bell/* newBell */.Q)() });
async function* follow(root, blob, frontier, { start, end }) {
    let handle;
    try {
        for (let position = start; position < end;) {
            // The last byte waits until the digest is proved, so a reader never sees the end of wrong bytes.
            const readable = frontier.over ? blob.size : Math.min(frontier.written, blob.size - 1);
            if (frontier.over && frontier.error !== undefined)
                throw frontier.error;
            const until = Math.min(readable, end);
            if (until <= position) {
                await frontier.bell.next();
                continue;
            }
            handle ??= await openWritten(root, blob, frontier);
            yield* (0,blob_file/* partOf */.BU)(handle, frontier.file, { start: position, end: until }, blob.digest);
            position = until;
        }
    }
    finally {
        await handle?.close();
    }
}
/** The open file stays the same when it is moved; only whoever comes too late finds it in the blob's own place. */
async function openWritten(root, blob, frontier) {
    try {
        return (await (0,blob_file/* openRegular */.lf)(frontier.file, blob.digest)).handle;
    }
    catch {
        await until(frontier);
        return (await (0,blob_file/* openRegular */.lf)((0,blob_file/* blobFile */.c7)(root, blob.digest), blob.digest)).handle;
    }
}
async function until(frontier) {
    while (!frontier.over)
        await frontier.bell.next();
    if (frontier.error !== undefined)
        throw frontier.error;
}

// EXTERNAL MODULE: ./build/store/exclusive.js + 1 modules
var store_exclusive = __webpack_require__(8674);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
;// CONCATENATED MODULE: ./build/store/free-space.js

/** Bytes this user may still write to the file system of `path`; Number.MAX_SAFE_INTEGER where it does not say. */
async function freeBytesAt(path) {
    try {
        const { blocks, bavail, bsize } = await (0,promises_.statfs)(path);
        // Some network file systems know no numbers and answer with nothing but zeros.
        return blocks > 0 ? Math.min(bavail * bsize, Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER;
    }
    catch {
        return Number.MAX_SAFE_INTEGER;
    }
}

// EXTERNAL MODULE: ./build/store/ingest.js
var ingest = __webpack_require__(6388);
// EXTERNAL MODULE: ./build/store/layout-folder.js + 1 modules
var layout_folder = __webpack_require__(1926);
// EXTERNAL MODULE: ./build/store/lease.js
var store_lease = __webpack_require__(2948);
// EXTERNAL MODULE: ./build/store/names.js
var store_names = __webpack_require__(7130);
// EXTERNAL MODULE: ./build/store/root-index.js
var root_index = __webpack_require__(3445);
;// CONCATENATED MODULE: ./build/store/layout-store.js











/** Smaller blobs come in one piece, and no thread is worth its start. */
const LARGE = 16 * 1024 * 1024;
/**
 * The store in this folder, made if the folder is absent or empty. Throws STORE_UNUSABLE if it cannot be written to or
 * holds something else, DISK_FULL, or STORE_LOCKED. The layout is valid at every moment, whoever is killed when: what
 * is unfinished lies in `ingest/` and nowhere else.
 */
async function openStore(folder, options = {}) {
    const { run = 'local', now = Date.now, signal } = options;
    const root = (0,external_node_path_.resolve)(folder);
    await (0,layout_folder/* prepareLayout */.A)(root);
    const exclusive = (0,store_exclusive/* exclusiveIn */.I)(root, options);
    const arriving = arrivingIn(root);
    const waiting = [];
    const reindex = (0,pool/* batched */.QE)(() => {
        const names = waiting.splice(0);
        return exclusive(async () => {
            await (0,store_names/* writeNames */.Yt)(root, names);
            await (0,root_index/* rebuildIndex */.Ki)(root);
        });
    });
    const isRecorded = async (names) => (await (0,root_index/* indexLists */.If)(root, names)) && (await (0,store_names/* namesSay */.Yw)(root, names));
    if (!(await (0,root_index/* indexIsThere */.Fj)(root))) {
        // Who begins with nothing has something to fetch.
        options.pool?.expect(2);
        await reindex();
    }
    return {
        root,
        expect(blobs) {
            options.pool?.expect(blobs.filter(({ size }) => size > LARGE).length);
        },
        has: (blob) => (0,blob_file/* holds */.v9)(root, blob),
        read: (digest) => (0,blob_file/* readBlob */.gm)(root, digest),
        open: (blob, range) => arriving.follow(blob, range ?? { start: 0, end: blob.size }) ?? (0,blob_file/* streamBlob */.cc)(root, blob, range),
        async write(blob, content) {
            const writing = arriving.begin(blob);
            try {
                await (0,ingest/* writeBlob */.Zh)(root, blob, content, writing.advance, options.pool);
                writing.end();
            }
            catch (error) {
                writing.end(error);
                throw error;
            }
        },
        adopt: (file, blob) => (0,ingest/* adoptBlob */.Y)(root, file, blob, signal),
        async discard(digest) {
            await (0,blob_file/* removeBlob */.uZ)(root, digest);
            if (await (0,root_index/* indexMentions */.eM)(root, digest))
                await reindex();
        },
        async record(names) {
            // A hit, where only the time of a name is new, takes no lock; whether a sweep came in between is seen afterwards.
            if (await isRecorded(names)) {
                await (0,store_names/* writeNames */.Yt)(root, names);
                if (await isRecorded(names))
                    return;
            }
            waiting.push(...names);
            await reindex();
        },
        async named(name) {
            const record = await (0,store_names/* readName */.MQ)(root, name);
            if (record !== undefined)
                await (0,store_names/* touchName */.Fl)(root, name, now());
            return record;
        },
        // Never while somebody sweeps: he would not know of it.
        lease: (digests, keep) => exclusive(() => (0,store_lease/* writeLease */.e3)(root, run, digests, now(), keep)),
        release: (lease) => (0,store_lease/* removeLease */.v9)(root, lease),
        freeBytes: () => freeBytesAt(root),
    };
}


/***/ }),

/***/ 2948:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   EX: () => (/* binding */ leasedDigests),
/* harmony export */   e3: () => (/* binding */ writeLease),
/* harmony export */   g2: () => (/* binding */ LEASES),
/* harmony export */   v9: () => (/* binding */ removeLease)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _lib_records_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(9146);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1564);
/* harmony import */ var _disk_error_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7098);
/* harmony import */ var _own_text_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6660);
/* harmony import */ var _place_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(5125);








/** The folder of lease files: what they name is in use by a job until they expire. */
const LEASES = 'leases';
const LIFETIME_MS = 6 * 60 * 60 * 1000;
const FILE = /^[A-Za-z0-9_-]{1,128}\.json$/;
/**
 * Leaves a file that keeps the blobs from any sweep for 6 hours after `now`, with the names that lead to them, or for `bytesFor` milliseconds without; and removes
 * leases that have expired. Returns the file's name. `run` is a name for people.
 */
async function writeLease(root, run, digests, now, bytesFor) {
    const file = `${run.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)}-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomUUID)()}.json`;
    const ends = { expires: now + (bytesFor ?? LIFETIME_MS), ...(bytesFor === undefined ? {} : { bytesOnly: true }) };
    const text = JSON.stringify({ run, ...ends, digests: [...new Set(digests)] });
    await (0,_place_js__WEBPACK_IMPORTED_MODULE_6__/* .placeText */ .Z)(root, (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(LEASES, file), `${text}\n`);
    await leasedDigests(root, now).catch(() => { });
    return file;
}
/** Removes the lease with this name; no error if it is gone, and nothing happens for what is no lease's name. */
async function removeLease(root, lease) {
    if (!FILE.test(lease))
        return;
    const path = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, LEASES, lease);
    await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_4__/* .onDisk */ .FC)(path, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(path, { force: true }));
}
/** What the leases that have not expired by `now` keep, whoever took them; those that have are removed. */
async function leasedDigests(root, now) {
    const [blobs, targets] = [new Set(), new Set()];
    const files = (await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_4__/* .unlessAbsent */ .QY)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, LEASES), (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, LEASES)))) ?? [];
    for (const file of files) {
        const path = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, LEASES, file);
        // Whoever else looks at the same moment may have removed it.
        const lease = await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_4__/* .unlessAbsent */ .QY)(path, readLease(path, now));
        if (lease === undefined)
            continue;
        if (lease.expires <= now)
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(path, { force: true }).catch(() => { });
        else
            for (const digest of lease.digests) {
                blobs.add(digest);
                if (!lease.bytesOnly)
                    targets.add(digest);
            }
    }
    return { blobs, targets };
}
async function readLease(path, now) {
    const { text, mtimeMs } = await (0,_own_text_js__WEBPACK_IMPORTED_MODULE_5__/* .readOwn */ .jU)(path);
    const byAge = mtimeMs + LIFETIME_MS;
    const { expires, digests, bytesOnly } = (0,_lib_records_js__WEBPACK_IMPORTED_MODULE_7__/* .asRecord */ .qY)((0,_lib_records_js__WEBPACK_IMPORTED_MODULE_7__/* .parseJson */ .qF)(text));
    // Not one of ours, or a damaged one: its age decides.
    if (typeof expires !== 'number' || !Array.isArray(digests))
        return { expires: byAge, digests: [], bytesOnly: false };
    // Nobody leases for longer: a clock was wrong, or somebody means to keep for ever.
    const ends = expires > now + LIFETIME_MS ? byAge : expires;
    return { expires: ends, digests: digests.filter(_oci_digest_js__WEBPACK_IMPORTED_MODULE_3__/* .isDigest */ .Bc), bytesOnly: bytesOnly === true };
}


/***/ }),

/***/ 7130:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   E4: () => (/* binding */ listNameUses),
/* harmony export */   Fl: () => (/* binding */ touchName),
/* harmony export */   MQ: () => (/* binding */ readName),
/* harmony export */   Xk: () => (/* binding */ NAMES),
/* harmony export */   Yt: () => (/* binding */ writeNames),
/* harmony export */   Yw: () => (/* binding */ namesSay),
/* harmony export */   Zv: () => (/* binding */ listNames),
/* harmony export */   ok: () => (/* binding */ removeName)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(7908);
/* harmony import */ var _lib_records_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(9146);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1564);
/* harmony import */ var _disk_error_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7098);
/* harmony import */ var _own_text_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6660);
/* harmony import */ var _place_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5125);
/* harmony import */ var _unchanged_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9335);









/**
 * The folder of name files: `<sha256 of the name>.json`, one each, so that processes that record different names never
 * write the same file.
 */
const NAMES = 'names';
const AT_ONCE = 16;
/** What the name points to; undefined if it was never recorded, or its file is not one of ours. */
async function readName(root, name) {
    return readNameFile(root, fileOf(name));
}
/** Every name of the store, sorted; files that are not ours are passed over. */
async function listNames(root) {
    const records = await eachNameFile(root, (file) => readNameFile(root, file));
    return records.sort((a, b) => (a.name < b.name ? -1 : 1));
}
/** Every name of the store with its use, in no order. */
async function listNameUses(root) {
    return eachNameFile(root, async (file) => {
        const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, NAMES, file);
        // Before it is read: what is recorded in between then differs from its mark.
        const stats = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.lstat)(path, { bigint: true }).catch(() => undefined);
        const record = stats && (await readNameFile(root, file));
        return record && { record, usedAt: Number(stats.mtimeMs), path, mark: (0,_unchanged_js__WEBPACK_IMPORTED_MODULE_6__/* .markOf */ .F)(stats) };
    });
}
async function eachNameFile(root, read) {
    const files = (await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_3__/* .unlessAbsent */ .QY)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, NAMES), (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, NAMES)))) ?? [];
    const limit = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_7__/* .gate */ .Gj)(AT_ONCE);
    const found = await Promise.all(files.map((file) => limit(() => read(file))));
    return found.filter((each) => each !== undefined);
}
/** True if each name has a file that says the same, but for the time. */
async function namesSay(root, records) {
    const limit = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_7__/* .gate */ .Gj)(AT_ONCE);
    const same = await Promise.all(records.map((record) => limit(async () => {
        const found = await readName(root, record.name);
        return found !== undefined && render({ ...found, at: 0 }) === render({ ...record, at: 0 });
    })));
    return same.every(Boolean);
}
/**
 * Records the names, each file replaced whole, so that it counts as used now; of two records of one name the later wins.
 * Throws DISK_FULL or STORE_UNUSABLE.
 */
async function writeNames(root, records) {
    const limit = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_7__/* .gate */ .Gj)(AT_ONCE);
    const last = new Map(records.map((record) => [record.name, record]));
    await Promise.all([...last.values()].map((record) => limit(() => (0,_place_js__WEBPACK_IMPORTED_MODULE_5__/* .placeText */ .Z)(root, (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(NAMES, fileOf(record.name)), render(record)))));
}
/**
 * Marks the name as used at `at`, milliseconds since the epoch, by the time of its file; a failure is nobody's concern.
 */
async function touchName(root, name, at) {
    const seconds = at / 1000;
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.utimes)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, NAMES, fileOf(name)), seconds, seconds).catch(() => { });
}
/** Takes the name's file away; no error if there is none. Throws STORE_UNUSABLE. */
async function removeName(root, name) {
    const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, NAMES, fileOf(name));
    await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_3__/* .onDisk */ .FC)(path, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(path, { force: true }));
}
function fileOf(name) {
    return `${(0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .hexOf */ .ZD)((0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .digestOf */ .ol)(name))}.json`;
}
function render({ name, target, readAs, at }) {
    return `${JSON.stringify({ name, target: bare(target), readAs: readAs && bare(readAs), at })}\n`;
}
const bare = ({ mediaType, digest, size }) => ({ mediaType, digest, size });
async function readNameFile(root, file) {
    // Whatever cannot be read as a name is no name: recording it anew mends it.
    const found = await (0,_own_text_js__WEBPACK_IMPORTED_MODULE_4__/* .readOwn */ .jU)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, NAMES, file)).catch(() => undefined);
    const record = found && parse(found.text);
    return record !== undefined && fileOf(record.name) === file ? record : undefined;
}
function parse(text) {
    const { name, target, readAs, at } = (0,_lib_records_js__WEBPACK_IMPORTED_MODULE_8__/* .asRecord */ .qY)((0,_lib_records_js__WEBPACK_IMPORTED_MODULE_8__/* .parseJson */ .qF)(text));
    const found = parseTarget(target);
    if (typeof name !== 'string' || typeof at !== 'number' || !found)
        return undefined;
    return { name, target: found, readAs: parseTarget(readAs), at };
}
function parseTarget(value) {
    const { mediaType, digest, size } = (value ?? {});
    return typeof mediaType === 'string' && (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .isDigest */ .Bc)(digest) && isSize(size) ? { mediaType, digest, size } : undefined;
}
function isSize(value) {
    return Number.isSafeInteger(value) && value >= 0;
}


/***/ }),

/***/ 6660:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $U: () => (/* binding */ openOwn),
/* harmony export */   TR: () => (/* binding */ notOurs),
/* harmony export */   jU: () => (/* binding */ readOwn)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9473);



// What somebody put in the place of a file of ours must not hang us, as a pipe would. Windows knows no such flag.
const READ = node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_RDONLY | (node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.O_NONBLOCK ?? 0);
/** The text of one of the store's own files with the time of its last change in milliseconds; throws the system's error, or STORE_UNUSABLE for what is no file. */
async function readOwn(path) {
    const { handle, mtimeMs } = await openOwn(path);
    try {
        return { text: await handle.readFile('utf8'), mtimeMs };
    }
    finally {
        await handle.close();
    }
}
/** One of the store's own files opened for reading, with the time of its last change in milliseconds; throws as `readOwn` does. */
async function openOwn(path) {
    const handle = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.open)(path, READ);
    try {
        const stats = await handle.stat();
        if (!stats.isFile())
            throw notOurs(path);
        return { handle, mtimeMs: stats.mtimeMs };
    }
    catch (error) {
        await handle.close();
        throw error;
    }
}
/** STORE_UNUSABLE for a place that something else has taken. */
function notOurs(path) {
    const hint = 'Remove it, or let the input `store` name another folder.';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .PullError */ .YX('STORE_UNUSABLE', path, 'expected a file of the store, found something else', { hint });
}


/***/ }),

/***/ 5125:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ placeText)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _disk_error_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7098);
/* harmony import */ var _ingest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6388);




/**
 * Makes `path`, relative to the store, hold exactly this text; a reader sees the old file or the new one, never a part.
 * Throws DISK_FULL or STORE_UNUSABLE.
 */
async function placeText(root, path, text) {
    const temp = (0,_ingest_js__WEBPACK_IMPORTED_MODULE_3__/* .ingestPath */ .cu)(root);
    try {
        await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_2__/* .onDisk */ .FC)(temp, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(temp, text, { flag: 'wx', mode: 0o644 }));
        await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_2__/* .onDisk */ .FC)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, path), (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rename)(temp, (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, path)));
    }
    catch (error) {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(temp, { force: true }).catch(() => { });
        throw error;
    }
}


/***/ }),

/***/ 5665:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   j: () => (/* binding */ startsOf),
/* harmony export */   z: () => (/* binding */ storeWalk)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9473);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7908);
/* harmony import */ var _oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1358);
/* harmony import */ var _blob_file_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2886);




/** Where the walk of a name starts. */
function startsOf({ target, readAs }) {
    return readAs ? [target.digest, readAs.digest] : [target.digest];
}
const NONE = { documents: [], blobs: [] };
const AT_ONCE = 16;
/** A walk over the documents of the store, each read once: what a digest leads to never changes. */
function storeWalk(root) {
    const known = new Map();
    const limit = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_3__/* .gate */ .Gj)(AT_ONCE);
    async function childrenOf(digest) {
        const before = known.get(digest);
        if (before)
            return before;
        const bytes = await limit(() => (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_2__/* .readBlob */ .gm)(root, digest));
        // One that is not here may come yet.
        if (bytes === undefined)
            return NONE;
        const children = parse(digest, bytes);
        known.set(digest, children);
        return children;
    }
    return async (starts) => {
        const reached = new Set(starts);
        const walked = new Set();
        for (let next = [...reached]; next.length > 0;) {
            for (const digest of next)
                walked.add(digest);
            const found = await Promise.all(next.map(childrenOf));
            const documents = new Set(found.flatMap((children) => children.documents));
            for (const digest of [...documents, ...found.flatMap(({ blobs }) => blobs)])
                reached.add(digest);
            next = [...documents].filter((digest) => !walked.has(digest));
        }
        return reached;
    };
}
function parse(digest, bytes) {
    try {
        const content = (0,_oci_manifest_js__WEBPACK_IMPORTED_MODULE_1__/* .parseDocument */ .Tp)({ mediaType: '', digest, bytes }, digest);
        if (content.kind === 'index')
            return { documents: content.manifests.map((child) => child.digest), blobs: [] };
        return { documents: [], blobs: [content.config, ...content.layers].map((child) => child.digest) };
    }
    catch (error) {
        // No document: an index may list anything.
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .PullError */ .YX)
            return NONE;
        throw error;
    }
}


/***/ }),

/***/ 3445:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Fj: () => (/* binding */ indexIsThere),
/* harmony export */   If: () => (/* binding */ indexLists),
/* harmony export */   Ki: () => (/* binding */ rebuildIndex),
/* harmony export */   eM: () => (/* binding */ indexMentions),
/* harmony export */   tp: () => (/* binding */ foreignTargets)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var _lib_pool_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(7908);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1564);
/* harmony import */ var _oci_layout_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2470);
/* harmony import */ var _blob_file_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2886);
/* harmony import */ var _names_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7130);
/* harmony import */ var _own_text_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6660);
/* harmony import */ var _place_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(5125);








const AT_ONCE = 16;
const TRIES = 10;
/** True if `index.json` is there and can be read. */
async function indexIsThere(root) {
    return (await readIndex(root)) !== undefined;
}
/** True if `index.json` lists every name at its target, so that nothing is left to do. */
async function indexLists(root, records) {
    const listed = (await readIndex(root))?.entries ?? [];
    return records.every((record) => {
        const entries = listed.filter((entry) => nameOf(entry) === record.name);
        const wanted = targetsOf(record);
        return wanted.length === entries.length && wanted.every((target, at) => sameBlob(target, entries[at] ?? {}));
    });
}
const sameBlob = (target, entry) => entry.digest === target.digest && entry.size === target.size && entry.mediaType === target.mediaType;
/** What is listed under a name, in this order: a reader that keeps the last of a name finds what it means. */
const targetsOf = ({ target, readAs }) => (readAs ? [readAs, target] : [target]);
/** True if `index.json` lists the digest, under any name. */
async function indexMentions(root, digest) {
    return (await readIndex(root))?.entries.some((entry) => entry.digest === digest) ?? false;
}
/** What the entries of other tools point to: those no name file speaks of. */
async function foreignTargets(root, records) {
    const foreign = foreignEntries((await readIndex(root))?.entries ?? [], records);
    return foreign.map(({ digest }) => digest).filter(_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .isDigest */ .Bc);
}
/**
 * Makes `index.json` say what the name files say, but for the names in `without`; to be called under the store's lock.
 * Two rules: nothing is listed whose blob is not here, and an entry that no name file speaks of is another tool's and
 * stays as it is.
 */
async function rebuildIndex(root, without = new Set()) {
    // A process that was stopped for so long that its lock was taken over may write an older index after ours: whoever
    // writes looks again, so the last one to write is right.
    // There may be thousands of other tools' entries.
    const isOtherHere = remembered(holdsIn(root));
    for (let tries = 0; tries < TRIES; tries += 1) {
        const current = await readIndex(root);
        const entries = (current?.entries ?? []).filter((entry) => !without.has(nameOf(entry)));
        const names = (await (0,_names_js__WEBPACK_IMPORTED_MODULE_4__/* .listNames */ .Zv)(root)).filter(({ name }) => !without.has(name));
        const text = await render(root, names, entries, isOtherHere);
        if (text === current?.text)
            return;
        await (0,_place_js__WEBPACK_IMPORTED_MODULE_6__/* .placeText */ .Z)(root, _oci_layout_js__WEBPACK_IMPORTED_MODULE_2__/* .INDEX_FILE */ .K$, text);
    }
}
function holdsIn(root) {
    const limit = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_7__/* .gate */ .Gj)(AT_ONCE);
    return (blob) => limit(() => (0,_blob_file_js__WEBPACK_IMPORTED_MODULE_3__/* .holds */ .v9)(root, blob));
}
function remembered(isHere) {
    const known = (0,_lib_pool_js__WEBPACK_IMPORTED_MODULE_7__/* .once */ .Oo)();
    return (blob) => known(`${blob.digest} ${blob.size}`, () => isHere(blob));
}
/** `isOtherHere` is asked about what other tools list. */
async function render(root, records, current, isOtherHere) {
    const named = records.flatMap((record) => targetsOf(record).map((target) => ({ name: record.name, target })));
    const [ours, others] = await Promise.all([
        whoseBlobIsHere(holdsIn(root), named, ({ target }) => target),
        whoseBlobIsHere(isOtherHere, foreignEntries(current, records), (entry) => entry),
    ]);
    const text = (0,_oci_layout_js__WEBPACK_IMPORTED_MODULE_2__/* .layoutIndex */ .vh)(ours);
    if (others.length === 0)
        return text;
    const index = JSON.parse(text);
    return JSON.stringify({ ...index, manifests: [...index.manifests, ...others] });
}
function foreignEntries(entries, records) {
    const named = new Set(records.map(({ name }) => name));
    return entries.filter((entry) => !named.has(nameOf(entry)));
}
async function whoseBlobIsHere(isHere, all, targetOf) {
    const here = await Promise.all(all.map((one) => {
        const { digest, size } = targetOf(one);
        return (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .isDigest */ .Bc)(digest) && typeof size === 'number' && isHere({ digest, size });
    }));
    return all.filter((_, position) => here[position]);
}
async function readIndex(root) {
    try {
        const { text } = await (0,_own_text_js__WEBPACK_IMPORTED_MODULE_5__/* .readOwn */ .jU)((0,node_path__WEBPACK_IMPORTED_MODULE_0__.join)(root, _oci_layout_js__WEBPACK_IMPORTED_MODULE_2__/* .INDEX_FILE */ .K$));
        const { manifests } = JSON.parse(text);
        if (!Array.isArray(manifests))
            return undefined;
        return { text, entries: manifests.filter((entry) => typeof entry === 'object' && entry !== null) };
    }
    catch {
        return undefined;
    }
}
function nameOf(entry) {
    const annotations = entry.annotations;
    const name = annotations?.[_oci_layout_js__WEBPACK_IMPORTED_MODULE_2__/* .REF_NAME */ .w5];
    return typeof name === 'string' ? name : undefined;
}


/***/ }),

/***/ 9335:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   F: () => (/* binding */ markOf),
/* harmony export */   q: () => (/* binding */ removeUnchanged)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var _disk_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7098);
/* harmony import */ var _ingest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6388);



function markOf({ dev, ino, mtimeNs, size }) {
    return `${dev} ${ino} ${mtimeNs} ${size}`;
}
/**
 * Removes what lies at `path` if it still bears the mark; what somebody touched or put there since stays. True if it was
 * removed, false if it stayed or was gone. Throws STORE_UNUSABLE.
 */
async function removeUnchanged(root, path, mark) {
    // Looked at where nobody else reaches it: between a look and a removal in place others could come in.
    const away = (0,_ingest_js__WEBPACK_IMPORTED_MODULE_2__/* .ingestPath */ .cu)(root);
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rename)(path, away);
    }
    catch (error) {
        if ((0,_disk_error_js__WEBPACK_IMPORTED_MODULE_1__/* .systemCode */ .xU)(error) === 'ENOENT')
            return false;
        return (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_1__/* .onDisk */ .FC)(path, Promise.reject(error));
    }
    const unchanged = markOf(await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_1__/* .onDisk */ .FC)(away, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.lstat)(away, { bigint: true }))) === mark;
    if (!unchanged)
        await putBack(away, path);
    await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_1__/* .onDisk */ .FC)(away, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(away, { force: true, recursive: true }));
    return unchanged;
}
/** Unless there is something newer in its place. */
async function putBack(away, path) {
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.link)(away, path);
    }
    catch (error) {
        // Some file systems know no second names.
        if ((0,_disk_error_js__WEBPACK_IMPORTED_MODULE_1__/* .systemCode */ .xU)(error) !== 'EEXIST')
            await (0,_disk_error_js__WEBPACK_IMPORTED_MODULE_1__/* .onDisk */ .FC)(path, (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rename)(away, path));
    }
}


/***/ }),

/***/ 3569:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   oX: () => (/* binding */ proofOf),
/* harmony export */   sf: () => (/* binding */ sizeMismatch),
/* harmony export */   zr: () => (/* binding */ verified)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1564);



/** A proof for one pass over one blob. */
function proofOf(blob) {
    const algorithm = (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .algorithmOf */ .Hy)(blob.digest);
    const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)(algorithm);
    let seen = 0;
    return {
        take(chunk) {
            seen += chunk.byteLength;
            if (seen > blob.size)
                throw sizeMismatch(blob, `at least ${seen}`);
            hash.update(chunk);
        },
        end() {
            if (seen !== blob.size)
                throw sizeMismatch(blob, `${seen}`);
            const found = (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_2__/* .finishDigest */ .g4)(hash, algorithm);
            if (found !== blob.digest) {
                throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('DIGEST_MISMATCH', blob.digest, `other bytes: expected ${blob.digest}, found ${found}`);
            }
        },
    };
}
/** SIZE_MISMATCH for the blob; `found` is a number of bytes in words. */
function sizeMismatch(blob, found) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('SIZE_MISMATCH', blob.digest, `wrong size: expected ${blob.size} bytes, found ${found}`);
}
/**
 * The chunks as they come, the last one only after all of them proved to be the blob; throws SIZE_MISMATCH or
 * DIGEST_MISMATCH instead of it. Each chunk is held back by one, so the source must give each a buffer of its own.
 */
async function* verified(blob, chunks) {
    const proof = proofOf(blob);
    let withheld;
    for await (const chunk of chunks) {
        // An empty chunk must not push out the one that is withheld.
        if (chunk.byteLength === 0)
            continue;
        proof.take(chunk);
        if (withheld !== undefined)
            yield withheld;
        withheld = chunk;
    }
    proof.end();
    if (withheld !== undefined)
        yield withheld;
}


/***/ }),

/***/ 8706:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  _O: () => (/* binding */ USER_AGENT),
  xv: () => (/* binding */ VERSION),
  YK: () => (/* binding */ accessOf),
  u2: () => (/* binding */ openCare),
  Me: () => (/* binding */ openRegistry),
  ng: () => (/* binding */ runOf),
  O4: () => (/* binding */ wire)
});

// UNUSED EXPORTS: anonymousRegistry, readSettings

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:process"
var external_node_process_ = __webpack_require__(1708);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/engine/containerd-facts.js
var containerd_facts = __webpack_require__(9804);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./build/lib/records.js
var records = __webpack_require__(9146);
;// CONCATENATED MODULE: ./build/engine/docker-context.js






/**
 * The context in use, as the Docker CLI decides it: `DOCKER_CONTEXT`, else `currentContext` of `config.json`; undefined for `default` and where there is none.
 * Throws ENGINE_UNAVAILABLE for one that cannot be read.
 */
function dockerContext(environment) {
    const { DOCKER_CONFIG: given, HOME: home } = environment;
    const folder = given || (home && external_node_path_.join(home, '.docker'));
    const fromFile = folder ? (0,records/* asText */.e1)((0,records/* asRecord */.qY)(readJson(external_node_path_.join(folder, 'config.json'))).currentContext) : '';
    const name = environment.DOCKER_CONTEXT || fromFile;
    if (!name || name === 'default')
        return undefined;
    const from = environment.DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : 'currentContext in config.json';
    if (!folder)
        throw unknown(name, from, 'there is no HOME to look for it in');
    const id = (0,external_node_crypto_.createHash)('sha256').update(name).digest('hex');
    const contexts = external_node_path_.join(folder, 'contexts');
    const meta = (0,records/* asRecord */.qY)(readJson(external_node_path_.join(contexts, 'meta', id, 'meta.json')));
    const endpoint = (0,records/* asRecord */.qY)((0,records/* asRecord */.qY)(meta.Endpoints).docker);
    const host = (0,records/* asText */.e1)(endpoint.Host);
    if (!host)
        throw unknown(name, from, `${contexts} has no such context for Docker`);
    const tls = external_node_path_.join(contexts, 'tls', id, 'docker');
    return {
        name,
        host,
        certificates: (0,external_node_fs_.existsSync)(tls) ? tls : undefined,
        skipVerify: endpoint.SkipTLSVerify === true,
    };
}
function unknown(name, from, why) {
    const reason = `${from} names the context ${JSON.stringify((0,clean/* clean */.uH)(name, 100))}, but ${why}`;
    return new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', reason, {
        hint: 'See docker context ls, set DOCKER_HOST, or set engine: none.',
    });
}
function readJson(file) {
    try {
        return (0,records/* parseJson */.qF)((0,external_node_fs_.readFileSync)(file, 'utf8'));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./build/engine/docker-host.js





/**
 * Where the daemon is, as the Docker CLI decides it: `DOCKER_HOST`, else the context in use, else the system socket, else the rootless one; undefined if there is
 * none of these. Throws ENGINE_UNAVAILABLE for an address that cannot be spoken to, or a context that is not there.
 */
function dockerHost(environment, exists = external_node_fs_.existsSync) {
    const { DOCKER_HOST: given, XDG_RUNTIME_DIR: runtime } = environment;
    if (given)
        return parseDockerHost(given, environment);
    const context = dockerContext(environment);
    if (context)
        return parseDockerHost(context.host, environment, context);
    const sockets = ['/var/run/docker.sock', ...(runtime ? [external_node_path_.join(runtime, 'docker.sock')] : [])];
    const socketPath = sockets.find(exists);
    return socketPath === undefined ? undefined : { kind: 'socket', socketPath, from: socketPath };
}
function parseDockerHost(given, environment, context) {
    const shown = (0,clean/* cleanLine */.Ow)(given.replace(/(^|\/\/)[^/]*@/, '$1…@')).slice(0, 200);
    const from = context ? `context ${(0,clean/* cleanLine */.Ow)(context.name).slice(0, 100)}, ${shown}` : `DOCKER_HOST=${shown}`;
    const socket = /^unix:\/\/(\/.+)$/.exec(given);
    if (socket?.[1])
        return { kind: 'socket', socketPath: socket[1], from };
    // Docker reads a bare host:port as TCP.
    const address = /^[^/]+:\d+$/.test(given) ? `tcp://${given}` : given;
    const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d+))?\/?$/.exec(address);
    const tls = context
        ? context.certificates !== undefined || context.skipVerify
        : Boolean(environment.DOCKER_TLS_VERIFY);
    const port = Number(tcp?.[2] ?? (tls ? 2376 : 2375));
    if (tcp?.[1] && port >= 1 && port <= 65_535) {
        const own = context?.certificates ?? (environment.DOCKER_CERT_PATH || external_node_path_.join(environment.HOME ?? '', '.docker'));
        const certificates = tls ? own : undefined;
        const host = tcp[1].replace(/^\[|\]$/g, '');
        return { kind: 'tcp', host, port, certificates, from, ...(context && tls && { context }) };
    }
    const scheme = /^(ssh|npipe|fd|https?):/.exec(given)?.[1];
    const why = scheme === undefined ? '' : `; ${scheme}:// is not supported`;
    throw new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', `expected ${context ? `the context ${(0,clean/* cleanLine */.Ow)(context.name)}` : 'DOCKER_HOST'} to be unix:///path or tcp://host:port, found ${shown}${why}`, {
        hint: 'Point DOCKER_HOST at a socket or a TCP address, or set engine: none.',
    });
}

// EXTERNAL MODULE: ./build/engine/program.js
var program = __webpack_require__(6463);
;// CONCATENATED MODULE: ./build/engine/engine.js





/**
 * The engine the user chose, found at run time. `auto` is Docker, else Podman, else containerd, and none, with a notice, only where nothing hints at one of them; one
 * that is there and refuses is ENGINE_UNAVAILABLE, for a silently cold engine is worse (design §1).
 */
async function detectEngine(choice, machine, signal) {
    if (choice === 'none')
        return {};
    if (machine.os === 'win32') {
        if (choice === 'auto')
            return { notice: 'On Windows images are only stored, not loaded (engine: none).' };
        throw new errors/* PullError */.YX('ENGINE_UNAVAILABLE', TITLES[choice], `engine: ${choice} is not supported on Windows`, {
            hint: 'Set engine: none.',
        });
    }
    return choice === 'auto' ? first(machine, signal) : { engine: await connect(choice, machine, signal) };
}
async function first(machine, signal) {
    let broken = '';
    for (const kind of AUTO.filter((kind) => isThere(kind, machine))) {
        try {
            return { engine: await connect(kind, machine, signal), ...(broken && { notice: broken }) };
        }
        catch (error) {
            // A program on the PATH promises less than a socket: many container images have a Podman that cannot run there.
            if (kind !== 'podman' || !(error instanceof errors/* PullError */.YX) || (0,errors/* isCancelled */.mm)(error))
                throw error;
            broken = `Podman is left out, for it does not work here: ${error.reason}`;
        }
    }
    const nobody = broken ? `${broken}. No other engine` : 'No Docker, Podman or containerd';
    return { notice: `${nobody} on this runner: images are only stored, not loaded (engine: none).` };
}
const AUTO = ['docker', 'podman', 'containerd'];
const TITLES = { docker: 'Docker', podman: 'Podman', containerd: 'containerd' };
/** Docker and containerd are where their sockets are, or an address that was given; Podman, which needs no daemon, where its program is. */
function isThere(kind, { environment, exists = external_node_fs_.existsSync }) {
    if (kind === 'docker')
        return dockerHost(environment, exists) !== undefined;
    if (kind === 'podman')
        return (0,program/* isOnPath */.j)('podman', environment);
    return (Boolean(environment.CONTAINERD_ADDRESS) || (exists((0,containerd_facts/* containerdAddress */.E)(environment)) && (0,program/* isOnPath */.j)('ctr', environment)));
}
async function connect(kind, machine, signal) {
    const { environment, offerImage, exists, pingMs } = machine;
    // Each is loaded when it is chosen: a start must not pay for the others.
    if (kind === 'podman') {
        const { connectPodman } = await __webpack_require__.e(/* import() */ 539).then(__webpack_require__.bind(__webpack_require__, 7539));
        return connectPodman({ environment, signal, offerImage, pingMs });
    }
    if (kind === 'containerd') {
        const { connectContainerd } = await Promise.all(/* import() */[__webpack_require__.e(750), __webpack_require__.e(673)]).then(__webpack_require__.bind(__webpack_require__, 4673));
        return connectContainerd({ environment, signal, offerImage, pingMs });
    }
    const host = dockerHost(environment, exists);
    if (host) {
        const { connectDocker } = await Promise.all(/* import() */[__webpack_require__.e(750), __webpack_require__.e(299)]).then(__webpack_require__.bind(__webpack_require__, 2299));
        return connectDocker(host, signal, { pingMs, offerImage });
    }
    throw new errors/* PullError */.YX('ENGINE_UNAVAILABLE', 'Docker', 'no socket at /var/run/docker.sock, and DOCKER_HOST is not set', {
        hint: 'Start the daemon, set DOCKER_HOST, or set engine: none.',
    });
}

// EXTERNAL MODULE: ./build/oci/platform.js
var platform = __webpack_require__(4647);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: ./build/registry/docker-config.js
var docker_config = __webpack_require__(9275);
;// CONCATENATED MODULE: ./build/registry/auth-files.js





/**
 * Everywhere Docker and Podman keep logins, in the order they are asked in: `DOCKER_AUTH_CONFIG`, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, then
 * `REGISTRY_AUTH_FILE` or else `$XDG_RUNTIME_DIR/containers/auth.json` and `~/.config/containers/auth.json`. What is absent is left out; what cannot be read is
 * a warning, as with Docker.
 */
async function readAuthFiles(environment, warn) {
    const home = environment.HOME || (0,external_node_os_.homedir)();
    const places = [
        { rules: 'docker', name: (0,external_node_path_.join)(environment.DOCKER_CONFIG || (0,external_node_path_.join)(home, '.docker'), 'config.json') },
        ...podmanFiles(environment, home).map((name) => ({ rules: 'podman', name })),
    ];
    const read = await Promise.all(places.map(async (place) => {
        const config = await attempt(async () => (0,docker_config/* parseDockerConfig */.Cj)(await (0,promises_.readFile)(place.name, 'utf8'), place.name), warn);
        return config && { ...place, config };
    }));
    return [await variable(environment, warn), ...read].filter((file) => file !== undefined);
}
async function variable(environment, warn) {
    const text = environment[VARIABLE];
    const config = text ? await attempt(async () => (0,docker_config/* parseAuthVariable */.a$)(text, VARIABLE), warn) : undefined;
    return config && { name: VARIABLE, rules: 'variable', config };
}
const VARIABLE = 'DOCKER_AUTH_CONFIG';
/** containers-auth.json(5). Without a folder for the session `podman login` writes to one of the user's own below /run. */
function podmanFiles(environment, home) {
    if (environment.REGISTRY_AUTH_FILE)
        return [environment.REGISTRY_AUTH_FILE];
    const session = environment.XDG_RUNTIME_DIR
        ? (0,external_node_path_.join)(environment.XDG_RUNTIME_DIR, 'containers')
        : `/run/containers/${process.getuid?.() ?? 0}`;
    const lasting = (0,external_node_path_.join)(environment.XDG_CONFIG_HOME || (0,external_node_path_.join)(home, '.config'), 'containers');
    return [session, lasting].map((folder) => (0,external_node_path_.join)(folder, 'auth.json'));
}
async function attempt(read, warn) {
    try {
        return await read();
    }
    catch (error) {
        const { code, message } = error;
        if (code === 'ENOENT' || code === 'ENOTDIR')
            return undefined;
        warn(`credentials are not read: ${error instanceof errors/* PullError */.YX ? error.message : message}`);
        return undefined;
    }
}

// EXTERNAL MODULE: ./build/registry/credential-helper.js + 1 modules
var credential_helper = __webpack_require__(4782);
// EXTERNAL MODULE: ./build/lib/pool.js
var pool = __webpack_require__(7908);
// EXTERNAL MODULE: ./build/oci/reference.js
var reference = __webpack_require__(907);
// EXTERNAL MODULE: ./build/oci/media-types.js
var media_types = __webpack_require__(4566);
// EXTERNAL MODULE: ./build/lib/bell.js
var lib_bell = __webpack_require__(179);
;// CONCATENATED MODULE: ./build/lib/flow.js

/** An empty flow, to be iterated once; it holds what was put until that is taken. */
function newFlow() {
    const waiting = [];
    let over = false;
    let failure;
    const bell = (0,lib_bell/* newBell */.Q)();
    function end(error) {
        if (over)
            return;
        over = true;
        if (error !== undefined)
            failure = { error };
        bell.ring();
    }
    async function* items() {
        try {
            for (;;) {
                const next = waiting.shift();
                if (next) {
                    next.taken();
                    yield next.item;
                }
                else if (failure)
                    throw failure.error;
                else if (over)
                    return;
                else
                    await bell.next();
            }
        }
        finally {
            over = true;
            for (const { taken } of waiting.splice(0))
                taken();
        }
    }
    const iteration = items();
    return {
        put(item) {
            if (over)
                return Promise.resolve();
            return new Promise((taken) => {
                waiting.push({ item, taken });
                bell.ring();
            });
        },
        end,
        [Symbol.asyncIterator]: () => iteration,
    };
}

;// CONCATENATED MODULE: ./build/registry/chunks.js
/** How many chunks may be asked for ahead of the first byte that is missing. */
const AHEAD = 8;
/** A blob of `size` bytes of which nothing has come but, in order, what is `had`. Memory: an entry for each chunk. */
function chunksOf(size, had = []) {
    const chunks = [];
    /** What nobody has asked for, in order. */
    const gaps = gapsIn(size, had);
    let complete = 0;
    let left = gaps.reduce((sum, { start, end }) => sum + end - start, 0);
    function add(bytes) {
        const gap = gaps.shift();
        if (!gap)
            return undefined;
        const end = Math.min(gap.end, gap.start + bytes);
        if (end < gap.end)
            gaps.unshift({ start: end, end: gap.end });
        const chunk = { start: gap.start, at: gap.start, end };
        chunks.push(chunk);
        return chunk;
    }
    return {
        get more() {
            return gaps.length > 0 && chunks.length < complete + AHEAD;
        },
        take(bytes) {
            return this.more ? add(bytes) : undefined;
        },
        takeRest() {
            while (gaps.length > 0)
                add(size);
        },
        frontier: () => chunks[complete]?.at ?? gaps[0]?.start ?? size,
        left: () => left,
        fresh(position, length) {
            const parts = [];
            const stop = position + length;
            // Of those before `complete` nothing is missing.
            for (const chunk of chunks.slice(complete)) {
                if (chunk.end <= position)
                    continue;
                if (chunk.start >= stop)
                    break;
                const end = Math.min(stop, chunk.end);
                // A stream starts at a missing byte and has no gaps, so it is never ahead of it.
                if (end <= chunk.at)
                    continue;
                parts.push({ start: chunk.at, end });
                left -= end - chunk.at;
                chunk.at = end;
            }
            while (complete < chunks.length && chunks[complete]?.at === chunks[complete]?.end)
                complete += 1;
            if (stop > size)
                parts.push({ start: Math.max(position, size), end: stop });
            return parts;
        },
    };
}
/** What of a blob is missing beside these parts of it, both in order. */
function gapsIn(size, had) {
    const ends = [...had, { start: size, end: size }];
    const gaps = ends.map(({ start }, index) => ({ start: ends[index - 1]?.end ?? 0, end: Math.min(start, size) }));
    return gaps.filter(({ start, end }) => start < end);
}

// EXTERNAL MODULE: ./build/lib/buffers.js
var buffers = __webpack_require__(7155);
;// CONCATENATED MODULE: ./build/registry/gather.js

/** Gathers for the flow; memory: one piece, as long as its consumer keeps up. */
function gathering(pieces) {
    let buffer;
    let start = 0;
    let used = 0;
    async function flush() {
        if (!buffer)
            return;
        const piece = { position: start, bytes: buffer.subarray(0, used) };
        buffer = undefined;
        await pieces.put(piece);
    }
    async function slowly(position, bytes) {
        // Nobody but a connection of ours gives so many at once, and each time in a buffer of their own.
        if (bytes.byteLength > buffers/* BUFFER_SIZE */.B_ / 2 && bytes.buffer.byteLength === buffers/* BUFFER_SIZE */.B_) {
            await flush();
            return pieces.put({ position, bytes });
        }
        for (let done = 0; done < bytes.byteLength;) {
            if (buffer && (used === buffers/* BUFFER_SIZE */.B_ || start + used !== position + done))
                await flush();
            if (!buffer) {
                buffer = (0,buffers/* takeBuffer */.Ut)();
                start = position + done;
                used = 0;
            }
            const part = bytes.subarray(done, done + buffers/* BUFFER_SIZE */.B_ - used);
            buffer.set(part, used);
            used += part.byteLength;
            done += part.byteLength;
        }
    }
    return {
        add(position, bytes) {
            if (!buffer || start + used !== position || used + bytes.byteLength > buffers/* BUFFER_SIZE */.B_)
                return slowly(position, bytes);
            buffer.set(bytes, used);
            used += bytes.byteLength;
            return undefined;
        },
        flush,
    };
}

// EXTERNAL MODULE: ./build/registry/transport/transport.js
var transport = __webpack_require__(5069);
// EXTERNAL MODULE: ./build/registry/transport/retry.js
var retry = __webpack_require__(2714);
// EXTERNAL MODULE: ./build/registry/transport/turns.js
var transport_turns = __webpack_require__(912);
;// CONCATENATED MODULE: ./build/registry/transport/tries.js


/** Where a blob begins again, a try must bring so much of what it brings twice: a line that is cut again and again would never end otherwise. */
const PART_OF_REPEATED = 0.1;
const LEAST_PROGRESS = 8 * 1024;
/** Where somebody else has the bytes, a host from which nothing comes for so many milliseconds is left, and so is one that asks for as long a wait as is worth saying. */
const QUIET_MS = 5000;
/**
 * Nothing was tried; for a transfer of a blob of `size` bytes, or a part of it, that shares its connections with `turns`. While there are `others` to be asked, a
 * second try is the last, and only that comes after a failure which neither took long nor asks for a wait.
 */
function newTries(retries, size, turns, others = () => false) {
    const refusals = (0,transport_turns/* newRefusals */.Co)(turns, retry/* MOST_WAITS */.Nf);
    let fruitless = 0;
    let waits = (0,retry/* newWaits */.Hr)();
    let began = 0;
    const isQuiet = () => retries.now() - Math.max(began, turns?.cameAt ?? 0) > QUIET_MS;
    return {
        count({ fresh, of, repeated = 0, startedAt }) {
            const enough = isProgress(fresh, { size, of, ms: retries.now() - startedAt });
            const progress = enough && fresh >= repeated * PART_OF_REPEATED;
            fruitless = progress ? 1 : fruitless + 1;
            began = startedAt;
            if (progress)
                waits = (0,retry/* newWaits */.Hr)();
            return fruitless;
        },
        async pause(failure) {
            const early = refusals.besides(failure);
            if (early !== undefined)
                fruitless = 0;
            const isEnough = (0,retry/* asksForWait */.fc)(failure) || (early === undefined && (fruitless > 1 || isQuiet()));
            if (isEnough && others())
                return false;
            return (0,retry/* pause */.v7)(early ?? fruitless, failure, retries, waits, turns);
        },
        last: (failure) => (0,retry/* withItsWait */._o)(failure, waits, turns),
    };
}
/**
 * True if a try of so many milliseconds brought enough of a blob to count the tries anew: 8 KiB, a kilobyte for each second, and a thousandth of its `size` or, if
 * that is less, an eighth of what it was asked for. With less, a connection that is cut after each byte, or that stands still after some, would never be given up.
 */
function isProgress(bytes, { size, of, ms }) {
    return bytes >= Math.max(LEAST_PROGRESS, Math.min(size / 1000, of / 8), ms);
}

;// CONCATENATED MODULE: ./build/registry/stream-blob.js




/** Answers of a storage host whose signed URL has run out; the registry hands out a new one. */
const EXPIRED = new Set([400, 401, 403, 404]);
/**
 * The bytes of a blob as they arrive, unverified, at most one chunk more than its size (distribution-spec v1.1, "Pulling blobs"). After a break it
 * goes on where it stopped, or, where the registry has no ranges, begins again and drops what it has; five breaks in a row without progress end it. Throws
 * SIZE_MISMATCH as soon as the registry announces another size.
 */
async function* streamBlob(remote, blob, { received = 0, ranges = true, answer: opened, turns, others, bulk = true } = {}) {
    const transfer = { remote, blob, received, ranges, repeated: 0, turns, bulk };
    const tries = newTries(remote.retries, blob.size, turns, others);
    for (let given = opened; transfer.received < blob.size; given = undefined) {
        const before = transfer.received;
        const startedAt = remote.retries.now();
        transfer.repeated = 0;
        const answer = (await stream_blob_open(transfer, given)) ?? (await stream_blob_open(transfer, undefined));
        let broken;
        if (answer) {
            try {
                yield* rest(answer, transfer);
            }
            catch (error) {
                broken = error;
            }
            if (transfer.received >= blob.size)
                return;
        }
        const fresh = transfer.received - before;
        const fruitless = tries.count({ fresh, of: blob.size - before, repeated: transfer.repeated, startedAt });
        // An end that is no break, twice at the same place: the blob is shorter than promised, and the store will say so.
        if (answer && broken === undefined && fruitless > 1)
            return;
        const failure = brokenOff(broken, transfer);
        if (!(await tries.pause(failure)))
            throw tries.last(failure);
    }
}
/** The answer that holds the rest of the blob, or all of it; undefined if the same must be asked without a range. */
async function stream_blob_open(transfer, given) {
    let answer = given ?? (await request(transfer));
    if (EXPIRED.has(answer.status) && answer.url.origin !== answer.asked.origin) {
        await answer.discard();
        answer = await request(transfer);
    }
    const { status } = answer;
    const { received, blob } = transfer;
    if (status === 206 && received > 0 && transfer.ranges) {
        const wrong = wrongRange(answer, { start: received, end: blob.size }, blob);
        if (wrong === undefined)
            return checkLength(answer, transfer, blob.size - received);
        return withoutRange(answer, transfer);
    }
    if (status === 200) {
        const ranged = transfer.ranges && (received > 0 || given !== undefined);
        const length = announced(answer, blob.size);
        if (ranged && length !== blob.size) {
            const what = `answered 200 with ${length} bytes to a range of blob ${blob.digest}, which has ${blob.size}`;
            atOnce(transfer, `${answer.url.host} ${what}; it is asked for without a range`);
            return withoutRange(answer, transfer);
        }
        const checked = await checkLength(answer, transfer, blob.size);
        if (received > 0)
            beginsAgain(checked, transfer);
        return checked;
    }
    if (status === 416 && transfer.ranges)
        return withoutRange(answer, transfer);
    throw await answer.failure();
}
async function withoutRange(answer, transfer) {
    transfer.ranges = false;
    await answer.discard();
}
function beginsAgain({ url }, transfer) {
    const { blob, received } = transfer;
    const what = `blob ${blob.digest} begins again, ${received} of its ${blob.size} bytes come twice`;
    atOnce(transfer, `${url.host} does not resume: ${what}`);
}
function atOnce({ remote }, reason) {
    remote.retries.report({ type: 'retry', subject: remote.name, reason, attempt: 1, delayMs: 0 });
}
function request({ remote, blob, received, ranges, turns, bulk }) {
    return remote.ask({
        kind: 'blob',
        at: `blobs/${blob.digest}`,
        target: `${remote.name}@${blob.digest}`,
        headers: received > 0 && ranges ? { range: `bytes=${received}-${blob.size - 1}` } : {},
        turns,
        bulk,
    });
}
/** What of the answer has not been handed on yet; stops after the first chunk beyond the size. */
async function* rest(answer, transfer) {
    let known = answer.status === 206 ? 0 : transfer.received;
    for await (const chunk of answer.body) {
        const fresh = chunk.subarray(Math.min(known, chunk.byteLength));
        known -= chunk.byteLength - fresh.byteLength;
        transfer.repeated += chunk.byteLength - fresh.byteLength;
        if (fresh.byteLength === 0)
            continue;
        transfer.received += fresh.byteLength;
        yield fresh;
        if (transfer.received > transfer.blob.size)
            return;
    }
    // Before it stood where it had been: nothing that an answer with an end like this says about the size.
    if (known > 0)
        throw new errors/* PullError */.YX('UNAVAILABLE', transfer.remote.name, 'it ended even earlier', { temporary: true });
}
/** What is wrong with the `Content-Range` of a 206, which must be the very range that was asked for (RFC 9110, 14.4); undefined if it is right. */
function wrongRange(answer, { start, end }, blob) {
    const wanted = `bytes ${start}-${end - 1}/${blob.size}`;
    const found = (0,transport/* headerValues */.UE)(answer.headers, 'content-range');
    if (found.length === 1 && found[0]?.trim().toLowerCase() === wanted)
        return undefined;
    const answered = (0,clean/* clean */.uH)(found.join(', '), 200) || 'none';
    return `${answer.url.host} was asked to resume ${blob.digest}: expected Content-Range ${wanted}, found ${answered}`;
}
async function checkLength(answer, { remote, blob }, expected) {
    const found = announced(answer, expected);
    if (found === expected)
        return answer;
    await answer.discard();
    const reason = `blob ${blob.digest}: expected ${expected} bytes, found ${found} announced by ${answer.url.host}`;
    throw new errors/* PullError */.YX('SIZE_MISMATCH', remote.name, reason);
}
/** What the answer says of its length; the other where it says nothing. */
function announced({ headers }, otherwise) {
    const length = (0,transport/* header */.wx)(headers, 'content-length');
    return length === undefined ? otherwise : Number(length);
}
/** What ended the bytes of an answer too early, as an error that says how far they came; an answer that never came has its own words. */
function brokenOff(error, { remote, blob, received }) {
    const found = `expected ${blob.size} bytes, found ${received}`;
    if (error === undefined)
        return new errors/* PullError */.YX('UNAVAILABLE', remote.name, `blob ${blob.digest} ended early: ${found}`, { temporary: true });
    if (!(error instanceof errors/* PullError */.YX) || error.code !== 'UNAVAILABLE')
        return error;
    const { code, temporary } = error;
    return new errors/* PullError */.YX(code, remote.name, `${error.reason}; blob ${blob.digest}: ${found}`, {
        temporary,
        cause: error,
    });
}
/** A part of which a whole answer did not bring all; temporary. */
function endedEarly({ start, end }, { name }, { digest }) {
    const reason = `bytes ${start}-${end - 1} of blob ${digest} ended early`;
    return new errors/* PullError */.YX('REGISTRY_ANSWER', name, reason, { temporary: true });
}

;// CONCATENATED MODULE: ./build/registry/parts.js

/**
 * Asks for parts of one blob by closed ranges, once each. Where a redirect led to is asked directly from then on, without credentials; when it refuses (400, 401,
 * 403, 404), the registry is asked where it is now, once. What is plain is left to the filler, if there is one; where the `lanes` took for plain what is not, once
 * more without it.
 */
function partsOf(remote, blob, lanes) {
    let place;
    let plain = lanes.direct;
    let proved = false;
    return async ({ start, end }, ends, filler) => {
        const question = {
            kind: 'blob',
            at: `blobs/${blob.digest}`,
            target: `${remote.name}@${blob.digest}`,
            headers: { range: `bytes=${start}-${end - 1}` },
            plain,
            into: filler && { filler, start, end, size: blob.size },
            ends,
        };
        const asked = place;
        let answer = await remote.askOnce(question, asked);
        const again = async () => {
            await answer.discard();
            answer = await remote.askOnce({ ...question, plain: false, into: undefined }, place);
        };
        if (EXPIRED.has(answer.status) && answer.url.origin !== answer.asked.origin) {
            // Another part may have found the new place already.
            if (place === asked)
                place = undefined;
            await again();
        }
        // A whole blob that came to a bare connection was not read. Others need not learn that once more.
        if (question.plain && !proved && answer.status === 200) {
            lanes.direct = false;
            await again();
        }
        plain = answer.status === 206;
        proved ||= plain;
        if (plain)
            place = answer.url.origin === answer.asked.origin ? undefined : answer.url;
        return answer;
    };
}

;// CONCATENATED MODULE: ./build/registry/range-request.js

/** Answers to a range that mean: not in parts. */
const NO_RANGE = new Set([200, 400, 416]);
/** True for what is wrong with a part although an answer came, and nothing broke it off: then the whole may be right. */
const isAboutRanges = (failure) => failure instanceof errors/* PullError */.YX && failure.code === 'REGISTRY_ANSWER' && failure.temporary;
/** One request for the rest of a chunk, sent in the moment it is made. */
class RangeRequest {
    chunk;
    range;
    /** Bytes that have come. */
    bytes = 0;
    /** True if the same is asked for by another. */
    twice;
    #now;
    #sentAt;
    #end = new AbortController();
    #begunAt;
    #answer;
    constructor(chunk, twice, now) {
        this.chunk = chunk;
        this.range = { start: chunk.at, end: chunk.end };
        this.twice = twice;
        this.#now = now;
        this.#sentAt = now();
    }
    /** Aborted when nobody needs it any more. */
    get ends() {
        return this.#end.signal;
    }
    /** Milliseconds since it was sent. */
    age() {
        return this.#now() - this.#sentAt;
    }
    begin(answer) {
        this.#answer = answer;
        this.#begunAt = this.#now();
        if (this.ends.aborted)
            answer.abort();
    }
    underWay() {
        const { bytes, chunk, twice } = this;
        const begun = this.#begunAt !== undefined;
        return { bytes, left: chunk.end - chunk.at, ms: this.#now() - (this.#begunAt ?? this.#sentAt), begun, twice };
    }
    /** Ends it, whether or not its answer has begun. */
    stop() {
        this.#end.abort();
        this.#answer?.abort();
    }
}

// EXTERNAL MODULE: ./build/registry/remote.js
var registry_remote = __webpack_require__(6034);
;// CONCATENATED MODULE: ./build/registry/rests.js
/** Nobody waits. */
function newRests() {
    const resting = new Map();
    return {
        until(isDone, retries) {
            const sleep = async (ms, signal) => {
                const rest = new AbortController();
                resting.set(rest, isDone);
                try {
                    await retries.sleep(ms, AbortSignal.any([signal, rest.signal]));
                }
                catch (error) {
                    if (signal.aborted || !rest.signal.aborted)
                        throw error;
                }
                finally {
                    resting.delete(rest);
                }
            };
            return { ...retries, sleep };
        },
        wake() {
            for (const [rest, isDone] of resting)
                if (isDone())
                    rest.abort();
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/ranged-blob.js











/**
 * A blob in closed ranges over as many connections as it is given, each byte once (RFC 9110, 14). A break costs the rest of one chunk. Where ranges are not to
 * be had, or not as asked, it goes on as one stream. Throws what `streamBlob` throws.
 */
async function* rangedBlob(remote, blob, options) {
    const transfer = new RangedTransfer(remote, blob, options);
    yield { offer: (filler) => transfer.use(filler) };
    const leave = options.lanes.join(transfer);
    try {
        yield* transfer.pieces;
    }
    finally {
        leave();
        transfer.stop();
    }
}
/** Bytes of the first chunk if a thread brings the others. Its answer comes by here, and says little but that there are ranges. */
const FIRST = 64 * 1024;
class RangedTransfer {
    pieces = newFlow();
    rank;
    active = 0;
    #remote;
    #blob;
    #options;
    #chunks;
    #ask;
    filler;
    #requests = new Set();
    #rests = newRests();
    /** Nothing is known of ranges before the first answer; once there is a stream, everything is left to it. */
    #mode = 'first';
    #over = false;
    constructor(remote, blob, options) {
        this.#remote = remote;
        this.#blob = blob;
        this.#options = options;
        this.#chunks = chunksOf(blob.size, options.beside?.had);
        this.#ask = partsOf(remote, blob, options.lanes);
        this.rank = options.rank;
    }
    /** Leaves to a thread from now on whatever can be left to it. */
    use(filler) {
        this.filler = filler;
        // Whoever keeps the file has to look; he may be waiting for bytes that never come.
        void filler.failed.then(() => this.pieces.put({ position: 0, landed: 0 }));
    }
    get left() {
        return this.#chunks.left();
    }
    get ready() {
        if (this.#over || this.#mode === 'stream' || !this.#chunks.more)
            return false;
        return this.active === 0 || this.#mode === 'ranges';
    }
    get underWay() {
        if (this.#mode !== 'ranges')
            return [];
        return [...this.#requests].map((request) => ({
            ...request.underWay(),
            go: () => {
                request.twice = true;
                return this.#work(() => this.#again(request.chunk));
            },
        }));
    }
    async go() {
        const { lanes, chunkSize } = this.#options;
        const first = this.filler && this.#mode === 'first' && !lanes.direct;
        const chunk = this.#chunks.take(first ? Math.min(FIRST, chunkSize) : lanes.rangeSize(chunkSize));
        if (chunk)
            await this.#work(() => this.#fetch(chunk));
    }
    stop() {
        this.#over = true;
        for (const request of this.#requests)
            request.stop();
        this.#rests.wake();
    }
    async #work(task) {
        this.active += 1;
        try {
            await task();
        }
        catch (error) {
            this.pieces.end(error);
            this.stop();
        }
        this.active -= 1;
        // Not before the last of them has handed on what it gathered.
        if (this.active === 0 && (this.left === 0 || this.#mode === 'stream'))
            this.pieces.end();
    }
    /** A chunk, whatever it takes; five requests in a row that bring too little of it end it. */
    async #fetch(chunk) {
        const isDone = () => chunk.at === chunk.end || this.#over || this.#mode === 'stream';
        const retries = this.#rests.until(isDone, this.#remote.retries);
        const { lanes, beside } = this.#options;
        const tries = newTries(retries, this.#blob.size, lanes, beside?.others);
        if (this.#mode === 'first' && (await beside?.isOver()))
            throw (0,registry_remote/* passedOver */.Jn)(this.#remote);
        while (!isDone()) {
            const [before, startedAt] = [chunk.at, retries.now()];
            const failure = await this.#request(chunk);
            if (isDone())
                return;
            tries.count({ fresh: chunk.at - before, of: chunk.end - before, startedAt });
            // Another place is nearer than a second try.
            if (this.#mode === 'first' && !this.#remote.patient)
                throw failure;
            if (await tries.pause(failure))
                continue;
            if (beside?.others() || !isAboutRanges(failure))
                throw tries.last(failure);
            return this.#stream({ received: this.#chunks.frontier(), ranges: false });
        }
    }
    /** The rest of a chunk once more, whatever becomes of it: the first request goes on. */
    async #again(chunk) {
        if ((0,transport_turns/* isCrowded */.lB)(await this.#request(chunk, true)))
            this.#options.lanes.refused(0, false, this.#remote.retries.now(), chunk);
    }
    /** One request for the rest of a chunk; returns what was wrong with it. */
    async #request(chunk, twice = false) {
        const { now, lanes, chunkSize } = this.#options;
        const request = new RangeRequest(chunk, twice, now);
        const { range } = request;
        this.#requests.add(request);
        try {
            const answer = await this.#ask(range, request.ends, this.filler);
            request.begin(answer);
            const wrong = answer.status === 206 ? wrongRange(answer, range, this.#blob) : undefined;
            if (answer.status !== 206 || wrong !== undefined)
                return await this.#refused(answer, wrong);
            // A stream of the rest may have begun since this was asked.
            if (this.#mode === 'first')
                this.#mode = 'ranges';
            lanes.begun(request.age());
            lanes.turn();
            await this.#pour(answer, range, request);
            // What is smaller says more of the distance than of the rate.
            const { bytes } = request;
            if (range.start + bytes === range.end && bytes >= chunkSize)
                lanes.done(bytes, request.age());
            return endedEarly(range, this.#remote, this.#blob);
        }
        catch (error) {
            return brokenOff(error, { remote: this.#remote, blob: this.#blob, received: this.#blob.size - this.left });
        }
        finally {
            this.#requests.delete(request);
            if (chunk.at === chunk.end)
                for (const other of this.#requests)
                    if (other.chunk === chunk)
                        other.stop();
            this.#rests.wake();
        }
    }
    /** Goes on as one stream if that is how this blob is to be had; otherwise returns the error. */
    async #refused(answer, wrong) {
        if (wrong === undefined && !NO_RANGE.has(answer.status))
            return answer.failure();
        if (this.#mode === 'first' && answer.status === 200)
            return this.#stream({ answer });
        await answer.discard();
        if (this.#mode === 'first')
            return this.#stream({ ranges: false });
        const reason = wrong ?? `${answer.url.host} answered ${answer.status} to the request for a part of ${this.#blob.digest}`;
        return new errors/* PullError */.YX('REGISTRY_ANSWER', this.#remote.name, reason, { temporary: true });
    }
    async #pour(answer, { start, end }, request) {
        if (answer.landed)
            return this.#follow(answer.landed, start, request);
        const gather = gathering(this.pieces);
        try {
            for await (const bytes of answer.body) {
                const position = start + request.bytes;
                const part = bytes.subarray(0, end - position);
                request.bytes += part.byteLength;
                await this.#hand(position, part, gather);
                const stale = request.chunk.at === end && position + part.byteLength < end;
                if (this.#over || stale || part.byteLength < bytes.byteLength)
                    return;
            }
        }
        finally {
            await gather.flush();
        }
    }
    /** Bytes that go into their file without coming by here. */
    async #follow(landed, from, request) {
        for await (const to of landed) {
            const position = from + request.bytes;
            request.bytes = to - from;
            for (const { start, end } of this.#fresh(position, to - position))
                await this.pieces.put({ position: start, landed: end - start });
            if (this.#over)
                return;
        }
    }
    /** All that is missing in one stream; what comes twice is dropped. */
    async #stream(beginning) {
        // Another chunk may have come to the same end already.
        if (this.#mode === 'stream')
            return;
        // Its errors are for the whole blob.
        this.#mode = 'stream';
        this.#rests.wake();
        this.#chunks.takeRest();
        const gather = gathering(this.pieces);
        let position = beginning.received ?? 0;
        try {
            const { lanes: turns, beside } = this.#options;
            for await (const bytes of streamBlob(this.#remote, this.#blob, { ...beginning, turns, others: beside?.others })) {
                await this.#hand(position, bytes, gather);
                position += bytes.byteLength;
                if (this.#over)
                    return;
            }
        }
        catch (error) {
            this.pieces.end(error);
            this.stop();
        }
        finally {
            await gather.flush();
        }
    }
    async #hand(position, bytes, gather) {
        for (const { start, end } of this.#fresh(position, bytes.byteLength)) {
            await gather.add(start, bytes.subarray(start - position, end - position));
        }
    }
    /** What of these bytes had not come before. */
    #fresh(position, length) {
        const parts = this.#chunks.fresh(position, length);
        const repeated = parts.reduce((rest, { start, end }) => rest - (end - start), length);
        this.#options.lanes.came(length, repeated);
        return parts;
    }
}

;// CONCATENATED MODULE: ./build/registry/blobs.js





/** Bytes of a closed range, unless a caller says otherwise. */
const CHUNK_SIZE = 8 * 1024 * 1024;
/** Bytes up to which a config is a small request like that for the manifest before it: a connection is open for it, and all else waits for its answer. */
const SMALL_CONFIG = 256 * 1024;
const CONFIGS = [media_types/* OCI_CONFIG */.TF, media_types/* DOCKER_CONFIG */.e6];
/** Milliseconds of a request, unless a caller says otherwise: what 25 MB/s takes for one part. */
const RANGE_MS = 330;
/**
 * The bytes of a blob, unverified (distribution-spec v1.1, "Pulling blobs"): above two chunks as pieces from several connections, otherwise as a stream in one
 * piece, and without ranges if they are not to be trusted; a small config over the connections of small requests. What others brought does not come again. Throws
 * what `streamBlob` throws.
 */
async function* fetchBlob(remote, blob, options) {
    const { had = [], others } = options.beside ?? {};
    const received = had[0]?.start === 0 ? had[0].end : 0;
    if (received >= blob.size)
        return;
    const beginning = { received, ranges: !options.plain, others };
    const large = blob.size > 2 * options.chunkSize;
    if (large && !options.plain && (0,registry_remote/* isDivisible */.aW)(remote))
        return yield* rangedBlob(remote, blob, options);
    // A host that refuses connections is asked over those that it lets us have.
    if (CONFIGS.includes(blob.mediaType) && blob.size <= SMALL_CONFIG && !options.lanes.refuses) {
        const turns = options.lanes.guest();
        try {
            return yield* streamBlob(noticing(remote, options.lanes), blob, { ...beginning, bulk: false, turns });
        }
        finally {
            turns.leave();
        }
    }
    const release = await connection(options, blob.size - received);
    try {
        if (await options.beside?.isOver())
            throw (0,registry_remote/* passedOver */.Jn)(remote);
        for await (const bytes of streamBlob(remote, blob, { ...beginning, turns: options.lanes })) {
            options.lanes.came(bytes.byteLength, 0);
            yield bytes;
        }
    }
    finally {
        release();
    }
}
/** The remote, of whose answers the lanes learn whether others can be had as plainly. */
const noticing = (remote, lanes) => ({
    ...remote,
    async ask(question) {
        const answer = await remote.ask(question);
        const { status, url, asked, headers } = answer;
        if (status === 200 && url.origin === asked.origin && (0,transport/* header */.wx)(headers, 'accept-ranges') === 'bytes')
            lanes.direct = true;
        return answer;
    },
});
/** Waits for one connection; to be released. */
function connection({ lanes, rank }, left) {
    return new Promise((resolve) => {
        const traveller = {
            rank,
            left,
            active: 0,
            whole: true,
            ready: true,
            underWay: [],
            go() {
                traveller.ready = false;
                return new Promise((release) => {
                    resolve(() => {
                        leave();
                        release();
                    });
                });
            },
        };
        const leave = lanes.join(traveller);
    });
}

// EXTERNAL MODULE: ./build/registry/client.js + 20 modules
var client = __webpack_require__(9558);
// EXTERNAL MODULE: ./build/registry/endpoints.js
var endpoints = __webpack_require__(4572);
;// CONCATENATED MODULE: ./build/registry/inside.js
/** Names that mean something in one network only (RFC 6762, 6761 and 8375, ICANN's `internal`, and what RFC 6762 lists as seen in the wild). */
const INSIDE_NAME = /^[^.:]+$|\.(?:local|internal|intranet|private|corp|home|lan|home\.arpa|localdomain)$/i;
/** Pure: true if strangers cannot have what this host gives, since they do not reach it: by where it lies, or by a name that nobody else looks up. */
function isInside(hostname, zone) {
    return zone !== 'public' || INSIDE_NAME.test(hostname.replace(/\.$/, ''));
}

;// CONCATENATED MODULE: ./build/registry/guest.js
/** Goes by itself until the host refuses it; then it takes its turn with the others, and has one of their connections for as long as it lasts. */
function newGuest(turns, { take, leave }) {
    let isSeated = false;
    return {
        get progress() {
            return turns.progress;
        },
        get cameAt() {
            return turns.cameAt;
        },
        get several() {
            return turns.several;
        },
        get quietSince() {
            return turns.quietSince;
        },
        refused(tried, asked, now, whose) {
            if (!isSeated)
                take();
            isSeated = true;
            return turns.refused(tried, asked, now, whose);
        },
        aside: turns.aside,
        leave() {
            if (isSeated)
                leave();
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/pace.js
/** What the last request says counts so much against all before it. */
const WEIGHT = 0.3;
/** Bytes a millisecond over all connections. So much comes from the machine itself or from next to it: then the processors are the limit, and each connection costs them. */
const PLENTY = 500_000;
/** As many as keep two processors busy. */
const FEW = 2;
/** Bytes a millisecond. With less the network is the limit after all, and it may be long before a request is done that says so. */
const SCARCE = PLENTY / 4;
/** With fewer connections so much of what came before must come still, or all of them are used again, for good. */
const AS_GOOD = 0.8;
/** Less time says nothing. */
const SPAN_MS = 200;
/** Pure but for what it remembers. Nothing is known at first, and all connections are worth having. */
function newPace(connections) {
    let usual = 0;
    let wait;
    let most = connections;
    // When the first request began, what came of all of them until they became few, and the requests of that time that are still to be waited out.
    let since;
    let before = 0;
    let passing = 0;
    // Where the look at the few began.
    let mark = { at: 0, bytes: 0 };
    function judge({ underWay, bytes, at }) {
        const span = at - mark.at;
        const isIdle = underWay + 1 < most;
        if (!isIdle && span < SPAN_MS)
            return;
        if (!isIdle && (bytes - mark.bytes) / span < before * AS_GOOD)
            most = connections;
        mark = { at, bytes };
    }
    return {
        get usual() {
            return usual;
        },
        get wait() {
            return wait ?? 0;
        },
        get connections() {
            return most;
        },
        begun(ms) {
            wait = wait === undefined ? ms : wait + (ms - wait) * WEIGHT;
        },
        came(bytes, ms) {
            if (most < connections && bytes / ms < SCARCE)
                most = connections;
        },
        done(bytes, ms, all) {
            const rate = bytes / Math.max(1, ms);
            const fresh = usual === 0 || passing === 1;
            usual = fresh ? rate : usual + (rate - usual) * WEIGHT;
            since ??= all.at - ms;
            if (passing > 0) {
                passing -= 1;
                mark = all;
            }
            else if (before === 0 && connections > FEW && usual * connections >= PLENTY) {
                before = all.bytes / Math.max(1, all.at - since);
                most = FEW;
                passing = all.underWay + 1;
            }
            else if (most < connections)
                judge(all);
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/schedule.js

/** A second request must promise to save as many milliseconds; before them nothing is known of the first. */
const WORTH_MS = 1000;
/** What is not so many times slower than usual, or later, is left alone. */
const SLOWER = 4;
const MOST_CHUNKS = 4;
const SHARES = 4;
const SHARE_MS = 500;
/**
 * Pure: who gets the connection that is free. The lowest rank first, so that what an engine waits for comes in its order; of the same rank the one with the most
 * bytes left for each of its connections, so that all end together; where the processors are the limit, first of all one whose thread has little to do. Undefined if
 * nobody can use it.
 */
function nextTransfer(transfers, spread = false) {
    let chosen;
    for (const transfer of transfers) {
        if (transfer.ready && (chosen === undefined || isBefore(transfer, chosen, spread)))
            chosen = transfer;
    }
    return chosen;
}
function isBefore(one, other, spread) {
    if (one.rank !== other.rank)
        return one.rank < other.rank;
    const busier = besides(one) - besides(other);
    if (spread && busier !== 0)
        return busier < 0;
    return one.left / (one.active + 1) > other.left / (other.active + 1);
}
const besides = ({ filler }) => filler?.underWay ?? 0;
/**
 * Pure: the bytes of the next range: as many whole chunks as come in so many milliseconds at the usual rate (bytes a millisecond), one at least and four at most.
 * Each request costs the registry something, and the faster the network, the more of the time that is.
 */
function rangeSize(chunkSize, usual, ms, most = MOST_CHUNKS) {
    return chunkSize * Math.max(1, Math.min(most, Math.floor((usual * ms) / chunkSize)));
}
/**
 * Pure: the bytes of the next range where the processors are the limit, and the registry's are among them: much more at once, but no more than what comes in half
 * a second, and a quarter of all that is left, so that the last requests end together.
 */
function shareOf(transfers, { chunkSize, usual }) {
    const left = transfers.reduce((sum, transfer) => sum + transfer.left, 0);
    return rangeSize(chunkSize, usual, SHARE_MS, Math.floor(left / SHARES / chunkSize));
}
/**
 * Pure: the request that holds up the end, and whose rest is to be asked for once more over a connection that is free: the one that will take longest, if another
 * would, as usual, bring its rest in a quarter of the time and a second sooner. An answer that has not begun is not late before four times the usual wait, so
 * what is late for all is not asked for twice. Undefined if there is none.
 */
function slowestRequest(requests, { usual, wait }) {
    let chosen;
    for (const request of requests) {
        const { bytes, left, ms, begun, twice } = request;
        // How much has come is told a buffer at a time.
        const late = SLOWER * (begun ? Math.min(buffers/* BUFFER_SIZE */.B_, left) / usual : wait);
        if (twice || usual <= 0 || ms < Math.max(WORTH_MS, late))
            continue;
        if (bytes * SLOWER > usual * ms || restOf(request) - left / usual - wait < WORTH_MS)
            continue;
        if (chosen === undefined || restOf(request) > restOf(chosen))
            chosen = request;
    }
    return chosen;
}
/** Milliseconds that it will take. */
const restOf = ({ bytes, left, ms }) => (bytes > 0 ? (left * ms) / bytes : Number.POSITIVE_INFINITY);

;// CONCATENATED MODULE: ./build/registry/seats.js
/** Nobody is there; `most` says how many connections there are, and `turn` is called when one of them may have become free. */
function newSeats(most, turn) {
    const back = [];
    let [busy, held, waiting] = [0, 0, 0];
    let several = false;
    function take() {
        busy += 1;
        several ||= busy > 1;
    }
    return {
        get busy() {
            return busy;
        },
        get waiting() {
            return waiting;
        },
        get several() {
            return several;
        },
        isFree: () => held === 0 && busy < most(),
        take,
        leave() {
            busy -= 1;
            turn();
        },
        recall() {
            const next = back.shift();
            if (!next)
                return false;
            take();
            next();
            return true;
        },
        async keep(wait) {
            waiting += 1;
            await wait().finally(() => {
                waiting -= 1;
            });
        },
        async aside(wait, asked) {
            // Where nothing else is under way, others would be sent into the same refusal.
            const holds = asked || busy === 1 ? 1 : 0;
            held += holds;
            waiting += 1;
            busy -= 1;
            turn();
            try {
                await wait().finally(() => {
                    held -= holds;
                });
                await new Promise((go) => {
                    back.push(go);
                    turn();
                });
            }
            catch (error) {
                // Whoever has a connection gives it back.
                take();
                throw error;
            }
            finally {
                waiting -= 1;
            }
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/width.js
/** After so many requests one more connection is tried; twice as many each time that was refused. */
const CALM = 8;
/** The first rest and the longest, milliseconds; each is twice the last. */
const RESTS = { first: 50, longest: 400 };
/** Pure but for what it remembers. Until something is refused a host takes them all. */
function newWidth(connections) {
    let most = connections;
    // Where all are refused, and nothing comes, the number is not the reason.
    let proved = connections;
    /** So many were taken at once before one more was tried. */
    let known = 0;
    let calm = CALM;
    let served = 0;
    let grown = false;
    let restMs = 0;
    /** Requests that ended since the last half second, and in that; and since the rest is so long. */
    let [fresh, older, ended] = [0, 0, 0];
    /** As many as ended just now may be refused for that. */
    function isLate(underWay, kept) {
        // One that waited where it was is in nobody's place.
        if (kept || underWay >= known || fresh + older === 0 || restMs >= RESTS.longest)
            return false;
        if (older > 0)
            older -= 1;
        else
            fresh -= 1;
        // All that were refused together had the same rest.
        if (restMs === 0 || ended >= most) {
            restMs = Math.max(RESTS.first, restMs * 2);
            ended = 0;
        }
        return true;
    }
    return {
        get connections() {
            return most;
        },
        get restMs() {
            return restMs;
        },
        refused(underWay, forGood = false, kept = false) {
            if (isLate(underWay, kept))
                return true;
            if (kept)
                restMs = 0;
            most = underWay === 0 ? proved : Math.min(most, underWay);
            known = Math.min(known, most);
            served = 0;
            if (forGood)
                calm = Number.POSITIVE_INFINITY;
            else if (grown)
                calm *= 2;
            grown = false;
            return false;
        },
        came() {
            proved = most;
            if (!grown)
                known = most;
        },
        served() {
            served += 1;
            if (served >= most)
                known = most;
            if (most === connections || served < calm)
                return;
            most += 1;
            served = 0;
            grown = true;
        },
        ended() {
            fresh += 1;
            ended += 1;
        },
        passed() {
            [fresh, older] = [0, fresh];
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/lanes.js





const LOOK_MS = 500;
/** Of all that comes no more than so much may come twice. */
const MOST_TWICE = 0.1;
/** A set of lanes for each registry, by its domain. */
function lanesByDomain(options) {
    const known = new Map();
    return (domain) => {
        const lanes = known.get(domain) ?? createLanes(options);
        known.set(domain, lanes);
        return lanes;
    };
}
/** Lanes that nobody uses yet. */
function createLanes({ connections, every, rangeMs, now }) {
    const travellers = new Set();
    const pace = newPace(connections);
    const width = newWidth(connections);
    // Those few that are worth having where the processors are the limit are those of the threads.
    let whole = 0;
    const seats = newSeats(() => Math.min(connections, pace.connections + whole, width.connections), turn);
    let [refusals, told] = [0, 0];
    /** Whether the request that was refused last is to keep its connection, and all who did. */
    let isLate = false;
    const kept = new WeakSet();
    let quietSince;
    let cameAt;
    const came = { bytes: 0, repeated: 0 };
    /** At the last look: the bytes that had come, and whether all connections were in use. */
    let seen = 0;
    let isWatched = false;
    let looking;
    /** Where the processors are the limit. */
    const isFew = () => pace.connections < connections;
    function give(request) {
        seats.take();
        const before = refusals;
        void request().then(() => {
            if (refusals === before && seats.busy >= width.connections)
                width.served();
            width.ended();
            rested();
        });
    }
    /** The connection is free; a host that sees late what is over gets a moment to see it. */
    function rested() {
        if (width.restMs === 0)
            seats.leave();
        else {
            const over = () => {
                stop();
                seats.leave();
            };
            // Where all connections rest, nothing else would.
            const stop = every(width.restMs, over, true);
        }
    }
    function turn() {
        while (seats.isFree()) {
            if (seats.recall())
                continue;
            const next = nextTransfer([...travellers], isFew());
            if (!next)
                return;
            give(() => (next.whole ? allOf(next) : next.go()));
        }
    }
    async function allOf(traveller) {
        whole += 1;
        await traveller.go();
        whole -= 1;
    }
    /** Time alone makes a request slow, so nobody would tell. */
    function look() {
        width.passed();
        if (seats.busy >= pace.connections && isWatched)
            pace.came(came.bytes - seen, LOOK_MS);
        isWatched = seats.busy >= pace.connections;
        seen = came.bytes;
        turn();
        if (!seats.isFree() || came.repeated > came.bytes * MOST_TWICE)
            return;
        const slow = slowestRequest([...travellers].flatMap(({ underWay }) => underWay), pace);
        if (slow)
            give(() => slow.go());
    }
    const lanes = {
        direct: false,
        get progress() {
            return came.bytes;
        },
        get several() {
            return seats.several;
        },
        get refuses() {
            return refusals > 0;
        },
        get quietSince() {
            return quietSince;
        },
        get cameAt() {
            return cameAt;
        },
        refused(tried, asked, at, whose) {
            quietSince ??= at;
            if (seats.waiting === 0)
                told = 0;
            refusals += 1;
            isLate = width.refused(seats.busy - 1, asked, kept.delete(whose));
            if (isLate)
                kept.add(whose);
            const isNews = tried > told;
            told = Math.max(told, tried);
            return isNews;
        },
        aside: (wait, asked) => (isLate && !asked ? seats.keep(wait) : seats.aside(wait, asked)),
        came(bytes, repeated) {
            came.bytes += bytes;
            quietSince = undefined;
            cameAt = now();
            came.repeated += repeated;
            width.came();
        },
        join(traveller) {
            travellers.add(traveller);
            looking ??= every(LOOK_MS, look);
            turn();
            return () => {
                travellers.delete(traveller);
                if (travellers.size > 0)
                    return;
                looking?.();
                looking = undefined;
            };
        },
        guest: () => newGuest(lanes, seats),
        turn,
        begun: pace.begun,
        done(bytes, ms) {
            pace.done(bytes, ms, { underWay: seats.busy - 1, bytes: came.bytes, at: now() });
        },
        rangeSize(chunkSize) {
            if (!isFew())
                return rangeSize(chunkSize, pace.usual, rangeMs);
            return shareOf([...travellers], { chunkSize, usual: pace.usual });
        },
    };
    return lanes;
}

// EXTERNAL MODULE: ./build/lib/parse-url.js
var parse_url = __webpack_require__(9447);
// EXTERNAL MODULE: ./build/registry/registry-error.js + 1 modules
var registry_error = __webpack_require__(5002);
;// CONCATENATED MODULE: ./build/registry/layer-url.js


const MOST_URLS = 4;
/**
 * The places that a manifest names for a layer which its registry may not hand out (image-spec v1.1, descriptor.md, `urls`): at most four, in their order.
 * They are asked without a login, over TLS and on the internet only; `send` must not carry one.
 */
function layerPlaces({ urls = [] }, home, origin, send) {
    const valid = urls.map(parse_url/* parseUrl */.D).filter((url) => url !== undefined);
    return valid.slice(0, MOST_URLS).map((url) => ({
        kind: 'layer-url',
        host: url.host,
        remote: layerRemote(url, home, origin, send),
    }));
}
function layerRemote(url, { name, retries }, origin, send) {
    return {
        name,
        origin: async () => url,
        domain: url.host,
        patient: true,
        retries,
        ask: async ({ kind, method = 'GET', target, headers = {}, limit, turns }) => {
            const purpose = { kind, domain: url.host, repository: name, target };
            const sender = { url: await origin(), via: 'layer' };
            const request = { method, url, headers, purpose, limit, turns, sender };
            const response = await send(request);
            return { ...response, asked: url, failure: () => (0,registry_error/* failureOf */.g5)(response, request, retries.now()) };
        },
    };
}

// EXTERNAL MODULE: ./build/oci/digest.js
var oci_digest = __webpack_require__(1564);
// EXTERNAL MODULE: ./build/oci/manifest.js + 1 modules
var manifest = __webpack_require__(1358);
// EXTERNAL MODULE: ./build/registry/transport/body.js
var body = __webpack_require__(5430);
;// CONCATENATED MODULE: ./build/registry/manifests.js








/**
 * Answers to HEAD after which a GET may still do: registries without HEAD, without words, or behind URLs signed for GET. After 429 the GET is for the words: a
 * quota that is used up is not charged for it, and where another limit lets it through, it brings what is needed next.
 */
const WORTH_A_GET = new Set([200, 400, 401, 403, 404, 405, 429]);
/** Answers of a storage host whose signed URL has run out; the registry hands out a new one. */
const manifests_EXPIRED = new Set([400, 401, 403, 404]);
/**
 * The digest a tag points to (distribution-spec v1.1, "Checking if content exists in the registry"): one HEAD where the registry names it there, else
 * the manifest is fetched and hashed, and comes along. Throws MANIFEST_INVALID for words where a manifest should be, twice.
 */
async function resolveTag(remote, tag, waits) {
    const target = `${remote.name}:${tag}`;
    const ask = (method) => askManifest(remote, { method, reference: tag, target, waits });
    const head = await ask('HEAD');
    const named = (0,transport/* header */.wx)(head.headers, 'docker-content-digest');
    if (head.status === 200 && (0,oci_digest/* isDigest */.Bc)(named)) {
        await head.discard();
        return { digest: named };
    }
    if (!WORTH_A_GET.has(head.status) || isOver(head))
        throw await head.failure();
    await head.discard();
    const document = await (0,retry/* onceMore */.Th)(remote.retries, ['MANIFEST_INVALID'], async () => {
        const answer = await ask('GET');
        const read = await readDocument(answer, algorithmIn(answer.headers));
        // Words are no manifest, whatever they hash to.
        if ((0,registry_error/* isLikeJson */.MF)(read.bytes))
            return read;
        const { found, hint } = (0,registry_error/* foundInstead */.D0)(read.bytes);
        const reason = `expected a manifest for ${target}, found ${found} from ${answer.url.host}`;
        throw new errors/* PullError */.YX('MANIFEST_INVALID', remote.name, reason, { hint });
    });
    return { digest: document.digest, document };
}
/** The manifest or index with this digest as the bytes received; throws DIGEST_MISMATCH if they hash to another, twice. */
function fetchManifest(remote, digest) {
    const waits = (0,retry/* newWaits */.Hr)();
    return (0,retry/* onceMore */.Th)(remote.retries, ['DIGEST_MISMATCH'], () => askDocument(remote, digest, waits));
}
async function askDocument(remote, digest, waits) {
    const answer = await askManifestOrBlob(remote, digest, waits);
    const document = await readDocument(answer, (0,oci_digest/* algorithmOf */.Hy)(digest));
    if (document.digest === digest)
        return document;
    const size = document.bytes.byteLength;
    const { host } = answer.url;
    const instead = (0,registry_error/* isLikeJson */.MF)(document.bytes) ? undefined : (0,registry_error/* foundInstead */.D0)(document.bytes);
    const found = instead ? `${instead.found} from ${host}` : `${document.digest} (${size} bytes from ${host})`;
    const hint = instead ? instead.hint : errors/* WRONG_BYTES */.UQ;
    const reason = `expected a manifest with the digest ${digest}, found ${found}`;
    throw new errors/* PullError */.YX('DIGEST_MISMATCH', remote.name, reason, { hint });
}
/** A registry that keeps the children of an index as blobs says 404 to the first question, as to one for what it does not have: then its words count. */
async function askManifestOrBlob(remote, digest, waits) {
    const asked = byDigest(remote, digest);
    const answer = await askManifest(remote, { ...asked, method: 'GET', waits });
    if (answer.status !== 404)
        return answer;
    const failure = await answer.failure();
    const limit = manifest/* MAX_DOCUMENT_BYTES */.bi;
    const blob = await remote
        .ask({ kind: 'blob', at: `blobs/${digest}`, target: asked.target, limit })
        .catch((error) => {
        throw (0,errors/* isCancelled */.mm)(error) ? error : failure;
    });
    if (blob.status === 200)
        return blob;
    await blob.discard();
    throw failure;
}
const byDigest = ({ name }, digest) => ({ reference: digest, target: `${name}@${digest}` });
/** True if the registry has the manifest for whoever asks: one HEAD, a GET where that is too many, and any other answer is no. */
async function hasManifest(remote, digest) {
    try {
        const waits = (0,retry/* newWaits */.Hr)();
        const head = await askManifest(remote, { ...byDigest(remote, digest), method: 'HEAD', waits });
        await head.discard();
        if (head.status !== 429 || isOver(head))
            return head.status === 200;
        const answer = await askManifest(remote, { ...byDigest(remote, digest), method: 'GET', waits });
        await answer.discard();
        return answer.status === 200;
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX && error.code !== 'CANCELLED')
            return false;
        throw error;
    }
}
const isOver = ({ status, headers }) => status === 429 && (0,registry_error/* isUsedUp */.l6)(headers);
async function askManifest(remote, { method, reference, target, waits }) {
    const ask = () => remote.ask({
        kind: 'manifest',
        method,
        at: `manifests/${reference}`,
        target,
        waits,
        headers: { accept: media_types/* MANIFEST_ACCEPT */.dY },
        limit: manifest/* MAX_DOCUMENT_BYTES */.bi,
    });
    const answer = await ask();
    if (method === 'HEAD' || !manifests_EXPIRED.has(answer.status) || answer.url.origin === answer.asked.origin)
        return answer;
    await answer.discard();
    return ask();
}
/** The header is a hint at the algorithm and no more: what it says is often wrong, and never checked by who sends it. */
function algorithmIn(headers) {
    const named = (0,transport/* header */.wx)(headers, 'docker-content-digest');
    return (0,oci_digest/* isDigest */.Bc)(named) ? (0,oci_digest/* algorithmOf */.Hy)(named) : 'sha256';
}
async function readDocument(answer, algorithm) {
    if (answer.status !== 200)
        throw await answer.failure();
    const { bytes } = await (0,body/* takeBytes */.t)(answer.body, manifest/* MAX_DOCUMENT_BYTES */.bi);
    return { mediaType: (0,media_types/* bareType */.Hf)((0,transport/* header */.wx)(answer.headers, 'content-type')), digest: (0,oci_digest/* digestOf */.ol)(bytes, algorithm), bytes };
}

// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./build/registry/transport/network-error.js
var network_error = __webpack_require__(2561);
;// CONCATENATED MODULE: ./build/registry/mirror-health.js

/** So many questions in a row without an answer, and a mirror is not asked again; those that were asked beside each other count once. */
const MOST_UNANSWERED = 3;
/**
 * Every mirror is worth asking at first. It is down for the rest of the run once it cannot be reached, or says nothing for as long as it is waited for, and after
 * three failures without an answer (5xx, connections that break) one after the other.
 */
function createMirrorHealth() {
    const down = new Set();
    const unanswered = new Map();
    return {
        isDown: (host) => down.has(host),
        begin(host) {
            const before = unanswered.get(host) ?? 0;
            return {
                answered: () => void unanswered.delete(host),
                failed(error) {
                    const ends = error.code === 'UNREACHABLE' || (0,network_error/* isSilence */.or)(error);
                    if (!ends && error.code !== 'UNAVAILABLE') {
                        unanswered.delete(host);
                        return false;
                    }
                    if (down.has(host))
                        return false;
                    // Otherwise one that was asked beside this was counted, or answered.
                    if (before === (unanswered.get(host) ?? 0))
                        unanswered.set(host, before + 1);
                    if (!ends && (unanswered.get(host) ?? 0) < MOST_UNANSWERED)
                        return false;
                    down.add(host);
                    return true;
                },
            };
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/seen.js
/** Nothing was handed on. After pieces everything is a piece; memory: a range for each gap. */
function nothingSeen() {
    let ranges = [];
    let total = 0;
    let pieces = false;
    /** The parts of a range that are new; then it is known. */
    function add(range) {
        const missing = [];
        let { start } = range;
        let merged = range;
        const others = [];
        for (const known of ranges) {
            if (known.end < range.start || known.start > range.end) {
                others.push(known);
                continue;
            }
            if (known.start > start)
                missing.push({ start, end: known.start });
            start = Math.max(start, known.end);
            merged = { start: Math.min(merged.start, known.start), end: Math.max(merged.end, known.end) };
        }
        if (start < range.end)
            missing.push({ start, end: range.end });
        ranges = [...others, merged].sort((a, b) => a.start - b.start);
        return missing;
    }
    return {
        bytes: () => total,
        ranges: () => ranges,
        fresh(chunk, position) {
            if ('landed' in chunk) {
                pieces = true;
                // One of no bytes is a sign, and has to arrive.
                if (chunk.landed === 0)
                    return [chunk];
                const missing = add({ start: chunk.position, end: chunk.position + chunk.landed });
                total += missing.reduce((sum, { start, end }) => sum + end - start, 0);
                return missing.map(({ start, end }) => ({ position: start, landed: end - start }));
            }
            const piece = 'position' in chunk ? chunk : { position, bytes: chunk };
            pieces ||= 'position' in chunk;
            const { byteLength } = piece.bytes;
            const missing = add({ start: piece.position, end: piece.position + byteLength });
            total += missing.reduce((sum, { start, end }) => sum + end - start, 0);
            const [only] = missing;
            if (missing.length === 1 && only && only.end - only.start === byteLength && (!pieces || 'position' in chunk))
                return [chunk];
            return missing.map(({ start, end }) => {
                const bytes = piece.bytes.subarray(start - piece.position, end - piece.position);
                return pieces ? { position: start, bytes: bytes.slice() } : bytes;
            });
        },
    };
}

;// CONCATENATED MODULE: ./build/registry/places.js




/** The places of one run: a mirror that is down is passed over for the rest of it. That is reported once, and which mirror serves what. */
function createPlaces(report) {
    const health = createMirrorHealth();
    const told = new Set();
    const tell = ({ kind, host, remote, file }, problem, over) => {
        const key = over ? host : `${host} ${remote.name} ${problem !== undefined}`;
        if (kind !== 'mirror' || told.has(key))
            return;
        told.add(key);
        report({ type: 'mirror', subject: remote.name, mirror: host, file, problem, over });
    };
    const isDown = ({ kind, host }) => kind === 'mirror' && health.isDown(host);
    /** Those to be asked now, one after the other; mirrors that are down only where nobody else may be asked. */
    function* usable(places) {
        const all = places.every(isDown);
        for (const place of places)
            if (all || !isDown(place))
                yield place;
    }
    async function isDownByNow(place) {
        // Who gives a connection up for a failure tells of that a moment later.
        await (0,external_node_timers_promises_.setImmediate)();
        return isDown(place);
    }
    /** Whether that is one after the place which is not asked for want of another only. */
    const isAnyLeft = (places, place) => places.slice(places.indexOf(place) + 1).some((other) => other.kind !== 'layer-url' && !isDown(other));
    /** Throws what ends the whole search. */
    function failed(place, question, error) {
        if (!(error instanceof errors/* PullError */.YX) || error.code === 'CANCELLED')
            throw error;
        const over = place.kind === 'mirror' && question.failed(error);
        // What was under way when it went down is told with that.
        if (over || !isDown(place))
            tell(place, error.reason, over || undefined);
        return { place, error };
    }
    return {
        async first(places, ask) {
            const failures = [];
            for (const place of usable(places)) {
                const question = health.begin(place.host);
                try {
                    const answer = await ask(place.remote);
                    question.answered();
                    tell(place);
                    return answer;
                }
                catch (error) {
                    failures.push(failed(place, question, error));
                }
            }
            throw together(failures);
        },
        async *bytes(places, blob, fetch) {
            const failures = [];
            const seen = nothingSeen();
            for (const place of usable(places)) {
                if (place.kind === 'layer-url' && !failures.some(isNotThere))
                    continue;
                const question = health.begin(place.host);
                const had = seen.ranges();
                const others = () => isAnyLeft(places, place);
                try {
                    let position = had[0]?.start === 0 ? had[0].end : 0;
                    const beside = { had, others, isOver: async () => others() && (await isDownByNow(place)) };
                    for await (const chunk of fetch(place.remote, blob, beside)) {
                        if ('offer' in chunk) {
                            yield chunk;
                            continue;
                        }
                        yield* seen.fresh(chunk, position);
                        position += 'position' in chunk ? 0 : chunk.byteLength;
                    }
                    // Too few bytes of the registry's own are for the store's door to refuse.
                    if (seen.bytes() < blob.size && place.kind === 'mirror')
                        throw ended(place, blob, seen.bytes());
                    question.answered();
                    tell(place);
                    return;
                }
                catch (error) {
                    failures.push(failed(place, question, error));
                }
            }
            throw together(failures);
        },
    };
}
function ended({ remote }, { digest, size }, found) {
    return new errors/* PullError */.YX('UNAVAILABLE', remote.name, `blob ${digest} ended early: expected ${size} bytes, found ${found}`);
}
/** What a registry answers that was never given a layer. */
const NOT_THERE = new Set(['BLOB_UNKNOWN', 'NAME_UNKNOWN', 'UNAUTHORIZED', 'DENIED', 'UNSUPPORTED']);
const isNotThere = ({ place, error }) => place.kind === 'registry' && NOT_THERE.has(error.code);
/** Codes that say nothing about the image; whoever gave an answer tells more. */
const NO_ANSWER = new Set(['UNREACHABLE', 'UNAVAILABLE']);
/**
 * One error for all that failed. Its code is the registry's own, for that decides what may stand in; its words begin with the most telling: the registry's if
 * it gave an answer, else that of the first who did.
 */
function together(failures) {
    const own = failures.find(({ place }) => place.kind === 'registry') ?? failures[0];
    if (!own)
        throw new Error('no place to ask');
    if (failures.length === 1)
        return own.error;
    const answered = failures.find(({ error }) => !NO_ANSWER.has(error.code));
    const best = NO_ANSWER.has(own.error.code) ? (answered ?? own) : own;
    const others = failures.filter((failure) => failure !== best).map(said);
    const { code, subject, temporary, retryAfterMs } = own.error;
    const first = best === own ? own.error.reason : said(best);
    const hint = best !== own && NOT_FOUND.has(best.error.code) ? silentHint(own.place) : best.error.hint;
    return new errors/* PullError */.YX(code, subject, [first, ...others].join('; '), {
        hint,
        temporary,
        retryAfterMs,
        cause: own.error,
    });
}
/** What a mirror says of an image that is only not on it. */
const NOT_FOUND = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN']);
const silentHint = ({ host }) => `A mirror may lack what the registry has: check whether this machine can reach ${host}, or run again when it answers.`;
function said({ place, error }) {
    if (place.kind === 'mirror')
        return `the mirror ${place.host}: ${error.reason}`;
    return place.kind === 'registry' ? error.reason : `${place.host}, which the manifest names: ${error.reason}`;
}

// EXTERNAL MODULE: ./build/registry/routes/machine-files.js + 1 modules
var machine_files = __webpack_require__(1639);
// EXTERNAL MODULE: ./build/registry/routes/registries-conf.js
var registries_conf = __webpack_require__(8745);
;// CONCATENATED MODULE: ./build/registry/routes/routes.js



const HUB = 'docker.io';
const HUB_HOST = 'registry-1.docker.io';
/**
 * The mirrors of the inputs come first, then what `hosts.toml` says of the registry, or else `registries.conf` of the longest prefix of the name, then the registry
 * itself. What `registries.conf` forbids is forbidden in any case. Who is not to be asked is left out; in the place of a registry that was moved there it is asked itself.
 */
function createRoutes({ mirrors, files, origins, isOwn = () => false }) {
    return async (repository) => {
        const [hosts, rules] = await Promise.all([files.hosts(repository.domain), files.rules()]);
        const ruled = (0,registries_conf/* ruleFor */.sG)(rules, (0,reference/* canonicalName */.Ew)(repository));
        if (ruled?.rule.blocked)
            throw blocked(repository, ruled.rule);
        if (hosts)
            learn(hosts, repository.domain, origins);
        const given = hosts ? hostRoutes(repository, hosts) : ruled && ruleRoutes(repository, ruled.rule, ruled.rest);
        const home = { ...EVERYTHING, kind: 'registry', repository };
        const routes = [...mirrorRoutes(repository, mirrors), ...(given ?? [home])];
        const others = routes.filter(({ origin, repository: { domain } }) => !isOwn(origin?.host ?? domain));
        return others.at(-1)?.kind === 'registry' ? others : [...others, home];
    };
}
const EVERYTHING = { resolves: true, pulls: true };
function mirrorRoutes({ domain, path }, mirrors) {
    const mine = mirrors.filter(({ registry }) => registry === domain);
    return mine.map((mirror) => {
        const repository = { domain: mirror.domain, path: `${mirror.prefix}${path}` };
        return { ...EVERYTHING, kind: 'mirror', repository };
    });
}
function hostRoutes(repository, { file, hosts }) {
    return hosts.map(({ origin, base, resolves, pulls }, index) => {
        const domain = origin ? domainOf(origin) : repository.domain;
        const namespace = domain === repository.domain ? undefined : repository.domain;
        const kind = index === hosts.length - 1 ? 'registry' : 'mirror';
        return { kind, repository: { ...repository, domain }, resolves, pulls, origin, base, namespace, file };
    });
}
/** Docker Hub by the name that logins for it have. */
const domainOf = ({ host }) => (host === HUB_HOST ? HUB : host);
function learn({ hosts }, domain, origins) {
    const own = domain === HUB ? HUB_HOST : domain;
    const originsOf = ({ origin }) => origin ? [origin.origin] : [`https://${own}`, `http://${own}`].filter((text) => URL.canParse(text));
    for (const host of hosts)
        for (const origin of originsOf(host))
            origins.learn(new URL(origin).origin, host.settings);
}
function ruleRoutes(repository, rule, rest) {
    const { file, mirrors, location, unusable } = rule;
    const at = (place) => (0,registries_conf/* repositoryAt */.uw)(`${place}${rest}`);
    const routes = mirrors.flatMap(({ location: there, resolves }) => {
        const mirror = at(there);
        return mirror ? [{ kind: 'mirror', repository: mirror, resolves, pulls: true, file }] : [];
    });
    const own = location === '' && unusable === undefined ? repository : at(location);
    if (!own || unusable !== undefined)
        throw misplaced(repository, rule);
    return [...routes, { ...EVERYTHING, kind: 'registry', repository: own, file }];
}
/** Not the original instead: whoever moved the registry did not mean that one to be asked. */
function misplaced(repository, { prefix, location, unusable, file }) {
    const place = unusable ?? JSON.stringify(location);
    const reason = `${file} moves ${prefix} to ${place}: expected a location such as registry.corp:5000/team with which the name is one of a registry`;
    return new errors/* PullError */.YX('UNSUPPORTED', (0,reference/* familiarName */.hG)(repository), reason, { hint: `Correct the location in ${file}.` });
}
function blocked(repository, { prefix, file }) {
    return new errors/* PullError */.YX('DENIED', (0,reference/* familiarName */.hG)(repository), `${file} blocks ${prefix}`, {
        hint: 'Ask who keeps that file, or name another one in CONTAINERS_REGISTRIES_CONF.',
    });
}

// EXTERNAL MODULE: ./build/lib/redact.js
var redact = __webpack_require__(1059);
;// CONCATENATED MODULE: ./build/registry/link.js
const EMPTY = /[\s,]*$/y;
const TARGET = /[\s,]*<([^<>\u0000-\u0020\u007f]*)>/y;
const PARAM = /[ \t]*;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s",;\\]+)))?/y;
const END = /[ \t\r\n]*(?:,|$)/y;
/** The links of all Link headers, in order. Never throws. */
function parseLinks(headers) {
    const links = [];
    for (const header of headers) {
        if (!parseHeader(header, links))
            return { links, malformed: true };
    }
    return { links, malformed: false };
}
/** What `rel="next"` points to, as written; a link that says nothing of its relation counts too. */
function nextLink(links) {
    const isNext = ({ params }) => (params.rel ?? 'next').toLowerCase().split(/\s+/).includes('next');
    return links.find(isNext)?.target;
}
/** The URL of a link, or undefined if it is none; `v2/…` counts from the root, as the registries that write it so mean it. */
function resolveLink(target, request) {
    const absolute = target.startsWith('v2/') ? `/${target}` : target;
    return target !== '' && URL.canParse(absolute, request.href) ? new URL(absolute, request) : undefined;
}
/** Adds the links of a header; false if it is malformed. */
function parseHeader(text, links) {
    let position = 0;
    const take = (pattern) => {
        pattern.lastIndex = position;
        const match = pattern.exec(text);
        if (match)
            position = pattern.lastIndex;
        return match;
    };
    while (!take(EMPTY)) {
        const target = take(TARGET)?.[1];
        if (target === undefined)
            return false;
        const params = Object.create(null);
        for (let param = take(PARAM); param; param = take(PARAM)) {
            const [, name = '', quoted, plain] = param;
            params[name.toLowerCase()] ??= quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '';
        }
        if (!take(END))
            return false;
        links.push({ target, params });
    }
    return true;
}

;// CONCATENATED MODULE: ./build/registry/tags.js









const PAGE_SIZE = 1000;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
const MAX_PAGES = 1000;
const MAX_TAGS = 100_000;
/**
 * Every tag of the repository once, in the registry's order (distribution-spec v1.1, "Listing Tags"); what is not a tag by its grammar is left out.
 * Pages are followed as the registry links them, on its own origin; a link seen before ends the list. Where a link leads nowhere (404), or a full page has none, the
 * registry is asked for what comes after its last tag. Throws TOO_MANY_TAGS beyond 100 000.
 */
async function listTags(remote) {
    const tags = new Set();
    const seen = new Set();
    let last = '';
    for (let next = { at: `tags/list?n=${PAGE_SIZE}` }; next !== undefined;) {
        const here = next;
        const page = await (0,retry/* onceMore */.Th)(remote.retries, ['REGISTRY_ANSWER'], () => askPage(remote, here, last));
        if (!page)
            break;
        const { answer, found } = page;
        const before = tags.size;
        for (const tag of found)
            if ((0,reference/* isTag */.dz)(tag))
                tags.add(tag);
        if (tags.size > MAX_TAGS)
            throw new errors/* PullError */.YX('TOO_MANY_TAGS', remote.name, `it has more than ${MAX_TAGS} tags`);
        seen.add(answer.asked.href);
        const link = nextPage(answer, remote.name);
        last = found.at(-1) ?? '';
        const isFull = found.length === PAGE_SIZE && tags.size > before;
        next = link ? { at: link } : isFull ? { at: pageAfter(last), mayBeNone: true } : undefined;
        if (link && seen.has(link.href))
            break;
        if (seen.size >= MAX_PAGES)
            throw answerError(remote.name, answer, `more than ${MAX_PAGES} pages of tags`);
    }
    return [...tags];
}
const pageAfter = (tag) => `tags/list?n=${PAGE_SIZE}&last=${encodeURIComponent(tag)}`;
/** Artifactory has sent links to where nothing is; of a page that may be none there is nothing then. */
async function askPage(remote, { at, mayBeNone }, last) {
    const target = `the tags of ${remote.name}`;
    const headers = { accept: 'application/json' };
    const answer = await remote.ask({ kind: 'tags', at, target, headers, limit: MAX_PAGE_BYTES });
    if (answer.status === 200)
        return { answer, found: await readPage(answer, remote.name) };
    const failure = await answer.failure();
    if (mayBeNone)
        return undefined;
    if (answer.status === 404 && typeof at !== 'string' && last !== '')
        return askPage(remote, { at: pageAfter(last) }, '');
    throw failure;
}
async function readPage(answer, subject) {
    const { bytes } = await (0,body/* takeBytes */.t)(answer.body, MAX_PAGE_BYTES);
    const json = (0,records/* parseJson */.qF)(new TextDecoder().decode(bytes));
    if (json === undefined) {
        const { found, hint } = (0,registry_error/* foundInstead */.D0)(bytes);
        throw answerError(subject, answer, `expected a list of tags, found ${found}`, hint);
    }
    const { tags } = (0,records/* asRecord */.qY)(json);
    if (tags === null)
        return [];
    if (!Array.isArray(tags))
        throw answerError(subject, answer, 'expected a list of tags, found other JSON');
    return tags.filter((tag) => typeof tag === 'string');
}
/** The next page, if any. An error rather than the end of the list where the link cannot be followed, for tags would be missing. */
function nextPage(answer, subject) {
    const { links, malformed } = parseLinks((0,transport/* headerValues */.UE)(answer.headers, 'link'));
    const target = nextLink(links);
    if (target === undefined && !malformed)
        return undefined;
    const url = target === undefined ? undefined : resolveLink(target, answer.asked);
    if (!url)
        throw answerError(subject, answer, 'the Link to the next page of tags is malformed');
    if (url.origin === answer.asked.origin)
        return url;
    const reason = `the next page of tags is not asked for: ${answer.asked.host} links to another origin, ${(0,redact/* redactUrl */.BO)(url)}`;
    throw new errors/* PullError */.YX('REDIRECT_REFUSED', subject, reason);
}
function answerError(subject, { url }, reason, hint) {
    return new errors/* PullError */.YX('REGISTRY_ANSWER', subject, `${url.host}: ${reason}`, { hint });
}

// EXTERNAL MODULE: ./build/registry/transport/redirect.js
var redirect = __webpack_require__(9290);
;// CONCATENATED MODULE: ./build/registry/registry.js

















/** The registries of the world over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
function registry_createRegistry(options) {
    const { mirrors = [], connections = 8, chunkSize = CHUNK_SIZE, every = everyFew, now = Date.now } = options;
    const { rangeMs = RANGE_MS } = options;
    const { network, retries, findCredential, remarks, open } = (0,client/* createClient */.U)(options);
    const known = (0,pool/* once */.Oo)();
    const { machineFiles: files = machine_files/* NO_FILES */.E, isOwn } = options;
    const routesOf = createRoutes({ mirrors, files, origins: network.origins, isOwn });
    const places = createPlaces(options.report);
    const asked = new Set();
    const lanes = lanesByDomain({ connections, every, rangeMs, now });
    /** Mirrors first, the registry itself last. */
    const placesOf = (repository) => known((0,reference/* canonicalName */.Ew)(repository), async () => {
        const routes = await routesOf(repository);
        const name = (0,reference/* familiarName */.hG)(repository);
        return routes.map((route) => {
            return { ...route, host: route.repository.domain, remote: open(route.repository, { route, name }) };
        });
    });
    const placesThat = async (repository, does) => {
        const all = await placesOf(repository);
        const able = all.filter((place) => place[does] !== false);
        if (able.length > 0)
            return able;
        const what = does === 'resolves' ? 'resolve' : 'pull';
        const reason = `${all[0]?.file} names no host with the capability "${what}"`;
        throw new errors/* PullError */.YX('UNSUPPORTED', (0,reference/* familiarName */.hG)(repository), reason);
    };
    const own = async (repository) => (await placesOf(repository)).at(-1) ?? { remote: open(repository) };
    async function placesOfBlob(repository, blob, again) {
        const able = await placesThat(repository, 'pulls');
        const all = again ? able.slice(-1) : able;
        if (!blob.urls?.length)
            return all;
        const { remote: home } = await own(repository);
        const anonymous = (0,transport/* compose */.Zz)((0,retry/* retry */.L5)(retries), (0,redirect/* redirect */.V)())(network.send);
        return [...all, ...layerPlaces(blob, home, home.origin, anonymous)];
    }
    return {
        resolve: async (repository, tag, standIn) => {
            const waits = (0,retry/* newWaits */.Hr)(standIn);
            return places.first(await placesThat(repository, 'resolves'), (remote) => resolveTag(remote, tag, waits));
        },
        manifest: async (repository, digest) => places.first(await placesThat(repository, 'pulls'), (remote) => fetchManifest(remote, digest)),
        blob: async function* (repository, blob, rank = 0, again) {
            // What is asked for again did not match its digest: then the registry itself has to answer for it, or the last that may give it, and no part of it that
            // something on the way may mistake.
            const key = `${(0,reference/* canonicalName */.Ew)(repository)}@${blob.digest}`;
            const plain = again ?? asked.has(key);
            asked.add(key);
            yield* places.bytes(await placesOfBlob(repository, blob, plain), blob, (remote, wanted, beside) => fetchBlob(remote, wanted, { lanes: lanes(remote.domain), rank, chunkSize, now, plain, beside }));
        },
        // A mirror may know of a few tags only, and to leave out the others would be wrong without a word.
        tags: async (repository) => places.first([...(await placesThat(repository, 'resolves'))].reverse(), listTags),
        has: async (repository, digest) => {
            const { remote, pulls } = await own(repository);
            return pulls !== false && hasManifest(remote, digest);
        },
        usesLogin: async (repository) => {
            const routes = await routesOf(repository);
            const found = await Promise.all(routes.map((route) => findCredential(route.repository)));
            if (found.some((credential) => credential !== undefined))
                return true;
            const origins = routes.flatMap(({ origin, repository: { domain } }) => origin ? [origin] : originsOf(domain, (0,reference/* familiarName */.hG)(repository)));
            return (await Promise.all(origins.map(network.hasOwnLogin))).includes(true);
        },
        inside: async (repository) => {
            const hidden = (await routesOf(repository)).filter(({ origin, repository: there }) => {
                const { hostname } = origin ?? (0,endpoints/* originOf */.y)(there.domain, (0,reference/* familiarName */.hG)(repository));
                return isInside(hostname, network.zoneOf(hostname));
            });
            if (hidden.some(({ kind }) => kind === 'registry'))
                return 'registry';
            return hidden.length > 0 ? 'mirror' : undefined;
        },
        quotas: remarks.quotas,
        close: network.close,
    };
}
/** With TLS, and as it would be without. */
function originsOf(domain, subject) {
    const url = (0,endpoints/* originOf */.y)(domain, subject);
    return [url, new URL(`http://${domain}/`)];
}
function everyFew(ms, call, holds = false) {
    const timer = setInterval(call, ms);
    if (!holds)
        timer.unref();
    return () => clearInterval(timer);
}

// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: ./build/registry/transport/pace.js
var transport_pace = __webpack_require__(7637);
// EXTERNAL MODULE: ./build/registry/transport/range-head.js
var range_head = __webpack_require__(9184);
// EXTERNAL MODULE: ./build/registry/transport/range-refusal.js
var range_refusal = __webpack_require__(7132);
// EXTERNAL MODULE: ./build/registry/transport/range-socket.js
var range_socket = __webpack_require__(7939);
;// CONCATENATED MODULE: ./build/registry/transport/range-bring.js






/** A record of TLS brings 16 KiB: to write and hash each by itself would cost more than to bring it. */
const ENOUGH = buffers/* BUFFER_SIZE */.B_ / 2;
/** What comes slowly is put sooner: somebody may be reading it. */
const PUT_MS = 50;
/**
 * Fills orders of closed ranges over bare connections of its own, which are kept; bytes are given on in the moment they come. Anything but the plain answer is
 * refused, with what was said instead, if that can be read.
 */
function rangeBringer() {
    const idle = new Map();
    const { signal } = new AbortController();
    // One listener a connection.
    (0,external_node_events_.setMaxListeners)(0, signal);
    async function lineFor(order, ends) {
        const free = idle.get(order.key) ?? [];
        for (let line = free.pop(); line; line = free.pop()) {
            if (line.socket.socket.destroyed)
                continue;
            line.socket.socket.ref();
            return line;
        }
        const { addresses, connectMs, silenceMs, vouched } = order;
        const lookup = (_, { all }, done) => {
            const [first] = addresses;
            if (all)
                done(null, [...addresses]);
            else
                done(null, first?.address ?? '', first?.family);
        };
        const url = new URL(order.url);
        const socket = await (0,range_socket/* openRangeSocket */.B)({ url, connectMs, silenceMs, vouched, lookup, ends }, signal);
        return { socket, room: (0,buffers/* takeBuffer */.Ut)() };
    }
    /** A connection that waits for the next order keeps no process alive. */
    const keep = (order, line) => {
        line.socket.socket.unref();
        idle.set(order.key, [...(idle.get(order.key) ?? []), line]);
    };
    return (what, put, tell) => {
        const order = what;
        let stop = () => { };
        const ends = new AbortController();
        lineFor(order, ends.signal).then((line) => {
            if (ends.signal.aborted)
                return void keep(order, line);
            stop = receive(line, order, put, tell, () => keep(order, line));
        }, () => tell({ type: 'refused' }));
        return () => {
            // One that does not come about would keep the process alive as long as it is waited for.
            ends.abort();
            stop();
        };
    };
}
/** One exchange; returns the way to end it and its connection. */
function receive({ socket: line, room }, order, put, tell, free) {
    const pace = (0,transport_pace/* newPace */.Sn)(order.silenceMs);
    /** The bytes of the room that have come, and those of them that are to be put. */
    let used = 0;
    let from = 0;
    /** Bytes of the body that were not put; unknown before the head. */
    let left;
    let putAt = 0;
    let kept = true;
    /** The head of what came instead of them. */
    let refusal;
    function end(told, complete = told.type === 'over' && !told.error) {
        line.listener = undefined;
        if (complete && kept)
            free();
        else
            line.socket.destroy();
        tell(told);
    }
    function broken(message, code) {
        putOut();
        if (line.listener !== listener)
            return;
        if (refusal)
            refuse(refusal, true);
        else if (left === undefined)
            end({ type: 'refused' });
        else
            end({ type: 'over', error: { message, code } });
    }
    /** Gives on why nothing comes, once all the words are there, or if they are all there will be. */
    function refuse(head, isAll) {
        const { bytes, whole, ended } = (0,range_refusal/* wordsOf */.Z)(head, room.subarray(head.length, used));
        if (!whole && !isAll)
            return;
        // A view of the room would take all of it along.
        const answer = { status: head.status, headers: head.headers, body: new Uint8Array(bytes) };
        end({ type: 'refused', answer }, whole && ended);
    }
    /** Whoever asks again would wait for the same. */
    function silent() {
        if (left === undefined && !refusal)
            end({ type: 'over', error: { message: 'silence', code: 'UND_ERR_HEADERS_TIMEOUT' } });
        else
            broken('silence', 'UND_ERR_BODY_TIMEOUT');
    }
    /** False if there is nothing more to do for now. */
    function begin() {
        const head = (0,range_head/* parseHead */.w)(room.subarray(0, used));
        if (head === 'more')
            return false;
        const plain = head?.status === 206 && head.headers['content-range'] === order.contentRange;
        kept = !/close/i.test(String(head?.headers.connection ?? ''));
        pace.again();
        if (head && (0,range_refusal/* isRefusal */.v)(head)) {
            refusal = head;
            return false;
        }
        if (!head || !plain || (0,range_head/* plainLength */.R)(head) !== order.end - order.start) {
            broken('no plain answer');
            return false;
        }
        from = head.length;
        left = order.end - order.start;
        tell({ type: 'begun' });
        return true;
    }
    /** What cannot be put ends everything. */
    function putOut() {
        if (left === undefined || used === from)
            return;
        const body = room.subarray(from, used);
        const position = order.end - left;
        left -= body.byteLength;
        from = 0;
        used = 0;
        putAt = performance.now();
        put(position, body);
    }
    const listener = {
        room: () => room.subarray(used),
        bytes(bytes) {
            if (bytes.buffer !== room.buffer)
                bytes.copy(room, used);
            used += bytes.byteLength;
            const begun = left !== undefined || (!refusal && begin());
            if (refusal)
                refuse(refusal, pace.trickles(bytes.byteLength) !== undefined);
            // So is a head that does not come to its end.
            if (!begun && !refusal && line.listener === listener && pace.trickles(bytes.byteLength) !== undefined)
                silent();
            if (!begun)
                return true;
            const missing = (left ?? 0) - (used - from);
            const count = Math.min(bytes.byteLength, used - from);
            if (missing < 0) {
                used = from;
                broken('more bytes than were announced', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH');
            }
            else if (missing === 0 || used >= ENOUGH || performance.now() - putAt > PUT_MS)
                putOut();
            if (line.listener !== listener)
                return true;
            const slow = missing > 0 ? pace.trickles(count) : undefined;
            if (missing === 0)
                end({ type: 'over' });
            else if (slow !== undefined)
                broken(slow);
            return true;
        },
        silence: silent,
        over: (error) => broken(error?.message ?? 'the connection was closed', error ? error.code : 'UND_ERR_SOCKET'),
    };
    line.listener = listener;
    line.socket.resume();
    line.socket.write(order.text, 'latin1');
    return () => {
        if (line.listener !== listener)
            return;
        line.listener = undefined;
        line.socket.destroy();
    };
}

// EXTERNAL MODULE: ./build/settings.js + 3 modules
var settings = __webpack_require__(9791);
// EXTERNAL MODULE: ./build/store/disk-error.js
var disk_error = __webpack_require__(7098);
// EXTERNAL MODULE: ./build/store/unchanged.js
var unchanged = __webpack_require__(9335);
;// CONCATENATED MODULE: ./build/store/blob-list.js






const ALGORITHMS = ['sha256', 'sha512'];
const AT_ONCE = 16;
/** Everything in `blobs/` that has the name of a blob, whatever it is; what vanishes meanwhile is left out. */
async function listBlobs(root) {
    const limit = (0,pool/* gate */.Gj)(AT_ONCE);
    const found = await Promise.all(ALGORITHMS.map(async (algorithm) => {
        const folder = (0,external_node_path_.join)(root, 'blobs', algorithm);
        const names = (await (0,disk_error/* unlessAbsent */.QY)(folder, (0,promises_.readdir)(folder))) ?? [];
        return Promise.all(names.map((name) => limit(() => blobAt((0,external_node_path_.join)(folder, name), `${algorithm}:${name}`))));
    }));
    return found.flat().filter((blob) => blob !== undefined);
}
async function blobAt(path, digest) {
    if (!(0,oci_digest/* isDigest */.Bc)(digest))
        return undefined;
    const stats = await (0,disk_error/* unlessAbsent */.QY)(path, (0,promises_.lstat)(path, { bigint: true }));
    if (stats === undefined)
        return undefined;
    const regular = stats.isFile();
    const size = regular ? Number(stats.size) : 0;
    return { digest, path, regular, size, writtenAt: Number(stats.mtimeMs), mark: (0,unchanged/* markOf */.F)(stats) };
}

// EXTERNAL MODULE: ./build/store/blob-file.js
var blob_file = __webpack_require__(2886);
// EXTERNAL MODULE: ./build/store/root-index.js
var root_index = __webpack_require__(3445);
;// CONCATENATED MODULE: ./build/store/check.js





/**
 * Hashes every blob and removes what is not what its name says, links and folders too; `index.json` lists nothing that is
 * gone. A blob that another process makes right meanwhile stays. Throws STORE_UNUSABLE if one cannot be read.
 */
async function checkStore(root, exclusive) {
    const blobs = await listBlobs(root);
    const wrong = [];
    for (const blob of blobs) {
        const reason = await faultOf(root, blob);
        if (reason !== undefined && (await (0,unchanged/* removeUnchanged */.q)(root, blob.path, blob.mark))) {
            wrong.push({ digest: blob.digest, reason });
        }
    }
    if (wrong.length > 0)
        await exclusive(() => (0,root_index/* rebuildIndex */.Ki)(root));
    return { blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0), wrong };
}
async function faultOf(root, { digest, size }) {
    try {
        for await (const _ of (0,blob_file/* streamBlob */.cc)(root, { digest, size }))
            ;
        return undefined;
    }
    catch (error) {
        if (error instanceof errors/* PullError */.YX && FAULTS.includes(error.code))
            return error.reason;
        throw error;
    }
}
const FAULTS = ['BLOB_UNKNOWN', 'SIZE_MISMATCH', 'DIGEST_MISMATCH'];

// EXTERNAL MODULE: ./build/store/exclusive.js + 1 modules
var store_exclusive = __webpack_require__(8674);
// EXTERNAL MODULE: ./build/store/names.js
var store_names = __webpack_require__(7130);
// EXTERNAL MODULE: ./build/store/reachable.js
var reachable = __webpack_require__(5665);
// EXTERNAL MODULE: ./build/store/layout-folder.js + 1 modules
var layout_folder = __webpack_require__(1926);
// EXTERNAL MODULE: ./build/store/lease.js
var lease = __webpack_require__(2948);
;// CONCATENATED MODULE: ./build/store/sweep-plan.js
/** So long a blob without a name may belong to a job that is about to name it: an image's blobs come before its name. */
const FRESH_MS = 60 * 60 * 1000;
/**
 * Pure: what must go for the blobs to take so many bytes. First blobs that no name leads to, the oldest first, then name
 * by name, the least recently used first, with what only they led to. What is leased or another tool's stays, so does a
 * name whose target a job has leased, and a blob without a name that is less than an hour old.
 */
function planSweep({ blobs, names, leased, foreign, now }, limits) {
    const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]));
    const uses = countUses(names);
    const doomed = [];
    const gone = [];
    let left = blobs.reduce((sum, { size }) => sum + size, 0);
    const mayGo = (digest) => sizes.has(digest) && !uses.has(digest) && !leased.blobs.has(digest) && !foreign.has(digest);
    const isDone = () => left <= limits.bytes || doomed.length >= limits.round;
    const doom = (digest) => {
        doomed.push(digest);
        left -= sizes.get(digest) ?? 0;
    };
    const stray = blobs.filter(({ digest, writtenAt }) => mayGo(digest) && now - writtenAt > FRESH_MS);
    for (const { digest } of stray.sort((a, b) => a.writtenAt - b.writtenAt))
        if (!isDone())
            doom(digest);
    for (const name of leastRecentlyUsed(names)) {
        if (isDone())
            break;
        if (leased.targets.has(name.target))
            continue;
        gone.push(name);
        for (const digest of name.reach) {
            const others = (uses.get(digest) ?? 0) - 1;
            if (others > 0)
                uses.set(digest, others);
            else
                uses.delete(digest);
            if (mayGo(digest))
                doom(digest);
        }
    }
    return { names: gone, blobs: doomed, complete: left <= limits.bytes || doomed.length < limits.round };
}
/** Of the names that go, the images they were: distinct targets that no other one of them leads to. */
function countImages(names) {
    const targets = new Set(names.map(({ target }) => target));
    for (const { target, reach } of names) {
        for (const digest of reach)
            if (digest !== target)
                targets.delete(digest);
    }
    return targets.size;
}
function countUses(names) {
    const uses = new Map();
    for (const digest of names.flatMap(({ reach }) => [...reach]))
        uses.set(digest, (uses.get(digest) ?? 0) + 1);
    return uses;
}
/** Who uses a name uses every name of what it leads to: the platforms of an image have names too, which nobody asks for. */
function leastRecentlyUsed(names) {
    const usedAt = new Map(names.map(({ target }) => [target, 0]));
    for (const name of names) {
        for (const digest of name.reach) {
            const known = usedAt.get(digest);
            if (known !== undefined && known < name.usedAt)
                usedAt.set(digest, name.usedAt);
        }
    }
    const lastUse = ({ target }) => usedAt.get(target) ?? 0;
    return names.toSorted((a, b) => lastUse(a) - lastUse(b) || (a.name < b.name ? -1 : 1));
}

;// CONCATENATED MODULE: ./build/store/sweep.js










/** Long enough for those who wait for the lock to see it free. */
const BETWEEN_ROUNDS_MS = 200;
/**
 * Removes blobs and names by `planSweep`, in rounds, each under the store's lock and short, so that nobody who waits for
 * the lock has to give up. At every moment the layout is valid: a name goes from `index.json` before it goes, and its
 * blobs go after it. Throws STORE_LOCKED or STORE_UNUSABLE.
 */
async function sweepStore(root, exclusive, limits, now) {
    const walk = (0,reachable/* storeWalk */.z)(root);
    let images = 0;
    let bytes = 0;
    for (;;) {
        const round = await exclusive((held) => sweepRound(root, walk, limits, now(), held));
        images += round.images;
        bytes += round.bytes;
        if (!round.goesOn)
            return { images, bytes };
        await (0,external_node_timers_promises_.setTimeout)(BETWEEN_ROUNDS_MS);
    }
}
async function sweepRound(root, walk, limits, now, held) {
    const lying = await tidied(root, now);
    // Nothing goes as long as all of it fits, so nothing has to be read.
    if (lying.blobs.reduce((sum, { size }) => sum + size, 0) <= limits.bytes)
        return { images: 0, bytes: 0, goesOn: false };
    const view = await readNames(root, walk, lying);
    const plan = planSweep(view, limits);
    // Stopped for so long that we were taken for dead: what we know is old, here and below.
    if (!(await held()))
        return { images: 0, bytes: 0, goesOn: false };
    await unname(root, plan.names);
    // Somebody may have used a name meanwhile, so that it stayed, or recorded it again.
    const kept = await (0,store_names/* listNames */.Zv)(root);
    const reached = await walk([...kept.flatMap(reachable/* startsOf */.j), ...(await (0,root_index/* foreignTargets */.tp)(root, kept))]);
    const sizes = new Map(view.blobs.map(({ digest, size }) => [digest, size]));
    let bytes = 0;
    for (const digest of plan.blobs.filter((each) => !reached.has(each))) {
        if (!(await held()))
            break;
        await (0,blob_file/* removeBlob */.uZ)(root, digest);
        bytes += sizes.get(digest) ?? 0;
    }
    const still = new Set(kept.map(({ name }) => name));
    const images = countImages(plan.names.filter(({ name }) => !still.has(name)));
    return { images, bytes, goesOn: !plan.complete && bytes > 0 };
}
/** The store as it is now; to be called under its lock. Removes what is left of killed runs and expired leases. */
async function look(root, walk, now) {
    return readNames(root, walk, await tidied(root, now));
}
async function tidied(root, at) {
    const now = await (0,layout_folder/* clearIngest */.K)(root);
    const leased = await (0,lease/* leasedDigests */.EX)(root, at);
    return { blobs: (await listBlobs(root)).filter(({ regular }) => regular), leased, now };
}
async function readNames(root, walk, lying) {
    const uses = await (0,store_names/* listNameUses */.E4)(root);
    const records = uses.map(({ record }) => record);
    const foreign = await walk(await (0,root_index/* foreignTargets */.tp)(root, records));
    const names = uses.map(async (use) => {
        const { name, target } = use.record;
        return { name, target: target.digest, usedAt: use.usedAt, reach: await walk((0,reachable/* startsOf */.j)(use.record)), use };
    });
    return { ...lying, names: await Promise.all(names), foreign };
}
/** Takes names away that nobody has used since they were seen, from `index.json` first; to be called under the lock. */
async function unname(root, names) {
    if (names.length === 0)
        return;
    // First of all from index.json: there a name without a file would be taken for another tool's.
    await (0,root_index/* rebuildIndex */.Ki)(root, new Set(names.map(({ name }) => name)));
    const removed = await Promise.all(names.map(({ use }) => (0,unchanged/* removeUnchanged */.q)(root, use.path, use.mark)));
    if (removed.includes(false))
        await (0,root_index/* rebuildIndex */.Ki)(root);
}

;// CONCATENATED MODULE: ./build/store/remove.js






/**
 * Removes names, and then the blobs that only they led to: at every moment the layout is valid. A name whose target a job has leased stays, and so does every blob that is
 * leased, or that another name or another tool's entry leads to. Throws STORE_LOCKED or STORE_UNUSABLE.
 */
async function removeNames(root, exclusive, wanted, now) {
    const walk = (0,reachable/* storeWalk */.z)(root);
    return exclusive(async (held) => {
        const { names, leased, blobs } = await look(root, walk, now());
        const asked = names.filter(({ name }) => wanted.has(name));
        const inUse = asked.filter(({ target }) => leased.targets.has(target)).map(({ name }) => name);
        const going = asked.filter(({ target }) => !leased.targets.has(target));
        // Stopped for so long that we were taken for dead: what we know is old.
        if (!(await held()))
            throw new errors/* PullError */.YX('STORE_LOCKED', root, 'another process took the store over', { hint: 'Try again.' });
        await unname(root, going);
        const kept = await (0,store_names/* listNames */.Zv)(root);
        const reached = await walk([...kept.flatMap(reachable/* startsOf */.j), ...(await (0,root_index/* foreignTargets */.tp)(root, kept))]);
        const orphans = new Set(going.flatMap(({ reach }) => [...reach]));
        const gone = [];
        for (const { digest, size } of blobs) {
            if (!orphans.has(digest) || reached.has(digest) || leased.blobs.has(digest))
                continue;
            if (!(await held()))
                break;
            await (0,blob_file/* removeBlob */.uZ)(root, digest);
            gone.push({ digest, size });
        }
        const still = new Set(kept.map(({ name }) => name));
        return { names: going.map(({ name }) => name).filter((name) => !still.has(name)), inUse, blobs: gone };
    });
}

;// CONCATENATED MODULE: ./build/store/care.js







const ROUND = 100;
/** What keeps the layout in this folder in order; a store must have been opened there before. */
function storeCare(root, options = {}) {
    const { now = Date.now, round = ROUND } = options;
    const exclusive = (0,store_exclusive/* exclusiveIn */.I)(root, options);
    return {
        list: () => listImages(root),
        verify: () => checkStore(root, exclusive),
        sweep: (maxBytes) => sweepStore(root, exclusive, { bytes: maxBytes, round }, now),
        remove: (names) => removeNames(root, exclusive, new Set(names), now),
    };
}
async function listImages(root) {
    const walk = (0,reachable/* storeWalk */.z)(root);
    const sizes = new Map((await listBlobs(root)).map(({ digest, size }) => [digest, size]));
    const images = (await (0,store_names/* listNameUses */.E4)(root)).map(async ({ record, usedAt }) => {
        const { name, target } = record;
        const reached = await walk((0,reachable/* startsOf */.j)(record));
        const blobs = new Map([...reached].flatMap((digest) => entryOf(sizes, digest)));
        const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
        return { name, target: target.digest, bytes, blobs, usedAt };
    });
    return (await Promise.all(images)).sort((a, b) => b.usedAt - a.usedAt || (a.name < b.name ? -1 : 1));
}
function entryOf(map, key) {
    const value = map.get(key);
    return value === undefined ? [] : [[key, value]];
}

// EXTERNAL MODULE: external "node:worker_threads"
var external_node_worker_threads_ = __webpack_require__(5919);
;// CONCATENATED MODULE: ./build/store/coverage.js
/** Nothing is in it. Memory: a range for each gap. */
function newCoverage() {
    /** In order, with a gap between each and the next. */
    let ranges = [];
    return {
        claim(start, end) {
            const last = ranges.at(-1);
            // As nearly all bytes come: in turn.
            if (last && ranges.length === 1 && last.start === 0 && last.end === start) {
                ranges = [{ start: 0, end }];
                return [{ start, end }];
            }
            const missing = [];
            let from = start;
            let merged = { start, end };
            const others = [];
            for (const known of ranges) {
                if (known.end < start || known.start > end) {
                    others.push(known);
                    continue;
                }
                if (known.start > from)
                    missing.push({ start: from, end: known.start });
                from = Math.max(from, known.end);
                merged = { start: Math.min(merged.start, known.start), end: Math.max(merged.end, known.end) };
            }
            if (from < end)
                missing.push({ start: from, end });
            ranges = [...others, merged].sort((a, b) => a.start - b.start);
            return missing;
        },
        frontier: () => (ranges[0]?.start === 0 ? ranges[0].end : 0),
    };
}

// EXTERNAL MODULE: ./build/store/verify.js
var verify = __webpack_require__(3569);
;// CONCATENATED MODULE: ./build/store/fill-file.js





let shared;
/** The open file of a blob, of which nothing is there; what came before its turn is read back for the hash, from the page cache. */
function fillFile(fd, path, blob) {
    const coverage = newCoverage();
    const proof = (0,verify/* proofOf */.oX)(blob);
    let hashed = 0;
    function catchUp() {
        shared ??= Buffer.allocUnsafeSlow(buffers/* BUFFER_SIZE */.B_);
        for (let end = coverage.frontier(); hashed < end;) {
            const count = (0,external_node_fs_.readSync)(fd, shared, 0, Math.min(buffers/* BUFFER_SIZE */.B_, end - hashed), hashed);
            if (count === 0)
                throw (0,verify/* sizeMismatch */.sf)(blob, `${hashed}`);
            proof.take(shared.subarray(0, count));
            hashed += count;
        }
    }
    function write(bytes, position) {
        for (let done = 0; done < bytes.byteLength;)
            done += (0,external_node_fs_.writeSync)(fd, bytes, done, bytes.byteLength - done, position + done);
    }
    return {
        put(position, bytes) {
            if (position + bytes.byteLength > blob.size)
                throw (0,verify/* sizeMismatch */.sf)(blob, `at least ${position + bytes.byteLength}`);
            try {
                // What was hashed is never written again: a second answer may bring other bytes.
                for (const { start, end } of coverage.claim(position, position + bytes.byteLength)) {
                    const part = bytes.subarray(start - position, end - position);
                    write(part, start);
                    if (start !== hashed)
                        continue;
                    proof.take(part);
                    hashed = end;
                }
                if (hashed < coverage.frontier())
                    catchUp();
            }
            catch (error) {
                throw (0,disk_error/* diskError */.wO)(path, error);
            }
        },
        written: coverage.frontier,
        prove: () => proof.end(),
    };
}

;// CONCATENATED MODULE: ./build/store/fill-thread.js


/** Milliseconds. More often nobody needs to know how far it is, and each message is work for two threads. */
const TELL_MS = 50;
/** The work of a thread that fills files: takes what it is told, says what becomes of it; the files are opened and closed by others. */
function fillThread(bring, say) {
    const files = new Map();
    /** Does what may fail; whatever fails is the end of the file. */
    function attempt(id, open, work) {
        if (open.failed)
            return;
        try {
            work();
        }
        catch (error) {
            open.failed = true;
            for (const stop of open.orders.values())
                stop();
            open.orders.clear();
            say({ type: 'failed', file: id, error: failureOf(error) });
        }
    }
    function begin(id, open, order, what) {
        let landed = 0;
        let told = { to: 0, at: performance.now() };
        const tell = (news) => say({ type: 'told', file: id, order, told: news, written: open.file.written() });
        const tellLanded = () => {
            if (landed === told.to)
                return;
            told = { to: landed, at: performance.now() };
            tell({ type: 'landed', to: landed });
        };
        const put = (position, bytes) => attempt(id, open, () => {
            open.file.put(position, bytes);
            landed = position + bytes.byteLength;
            if (performance.now() - told.at > TELL_MS)
                tellLanded();
        });
        const hear = (news) => {
            if (!open.orders.has(order))
                return;
            if (news.type === 'over' || news.type === 'refused')
                open.orders.delete(order);
            tellLanded();
            tell(news);
        };
        open.orders.set(order, () => { });
        open.orders.set(order, bring(what, put, hear));
    }
    function close(id) {
        for (const stop of files.get(id)?.orders.values() ?? [])
            stop();
        files.delete(id);
        say({ type: 'closed', file: id });
    }
    return (message) => {
        const { file: id } = message;
        if (message.type === 'open') {
            const file = fillFile(message.fd, message.path, message.blob);
            files.set(id, { file, orders: new Map(), failed: false });
        }
        if (message.type === 'close')
            close(id);
        const open = files.get(id);
        if (!open)
            return;
        if (message.type === 'write') {
            const { position, bytes } = message;
            attempt(id, open, () => open.file.put(position, bytes));
            // The buffer goes back to where it came from.
            const transfer = bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
            say({ type: 'wrote', file: id, bytes, written: open.file.written() }, transfer);
        }
        if (message.type === 'bring' && !open.failed)
            begin(id, open, message.order, message.what);
        if (message.type === 'breakOff') {
            open.orders.get(message.order)?.();
            open.orders.delete(message.order);
        }
        if (message.type === 'prove')
            attempt(id, open, () => {
                open.file.prove();
                say({ type: 'proved', file: id });
            });
    };
}
function failureOf(error) {
    if (!(error instanceof errors/* PullError */.YX))
        return { code: 'STORE_UNUSABLE', subject: 'layer', reason: String(error) };
    const { code, subject, reason, hint } = error;
    return { code, subject, reason, hint };
}

;// CONCATENATED MODULE: ./build/store/fill-place.js



/** A thread keeps little but its code, and its garbage need not lie about for long. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };
/** The files of one place. */
class Files {
    bytes = 0;
    listeners = new Map();
    #work = { orders: 0 };
    #joined = 0;
    join(listener, size, post) {
        this.#joined += 1;
        const file = this.#joined;
        this.listeners.set(file, listener);
        this.bytes += size;
        return {
            work: this.#work,
            send: (message, transfer = []) => post({ ...message, file }, transfer),
            leave: () => {
                if (this.listeners.delete(file))
                    this.bytes -= size;
            },
        };
    }
    hear(message) {
        this.listeners.get(message.file)?.hear(message);
    }
}
/** This thread, which does between other things what another would do; `bring` as in `fillThread`. */
function placeHere(bring) {
    const files = new Files();
    // Nobody expects an answer while he is still asking.
    const fill = fillThread(bring, (message) => queueMicrotask(() => files.hear(message)));
    return {
        get bytes() {
            return files.bytes;
        },
        over: false,
        join: (listener, size) => files.join(listener, size, (message) => queueMicrotask(() => fill(message))),
        end: async () => { },
    };
}
/** A thread of its own that runs the file at `path`; it keeps the process alive only while it fills a file. `gone` is called when it has ended. */
function placeInThread(path, gone) {
    const files = new Files();
    const worker = new external_node_worker_threads_.Worker(path, { execArgv: [], resourceLimits: LIMITS });
    let over = false;
    const place = {
        get bytes() {
            return files.bytes;
        },
        get over() {
            return over;
        },
        join(listener, size) {
            const seat = files.join(listener, size, (message, transfer) => {
                if (!over)
                    worker.postMessage(message, [...transfer]);
            });
            worker.ref();
            return {
                ...seat,
                leave() {
                    seat.leave();
                    if (files.listeners.size === 0)
                        worker.unref();
                },
            };
        },
        end: async () => void (await worker.terminate()),
    };
    const ended = (why) => {
        if (over)
            return;
        over = true;
        gone(place);
        const error = new errors/* PullError */.YX('STORE_UNUSABLE', 'layer', `the thread that wrote it has ended: ${why}`);
        for (const listener of [...files.listeners.values()])
            listener.ended(error);
    };
    worker.on('message', (message) => files.hear(message));
    worker.on('error', (error) => ended(String(error)));
    worker.on('exit', (code) => ended(`exit code ${code}`));
    // Whoever listens takes that back.
    worker.unref();
    return place;
}

;// CONCATENATED MODULE: ./build/store/fill-pool.js

/** So many places, none of which keeps the process alive but while it fills a file. */
function fillPool({ path, places: most, here }) {
    const places = here ? [placeHere(here)] : [];
    function lightest() {
        const [idle] = places.filter(({ over }) => !over).sort((a, b) => a.bytes - b.bytes);
        return idle && (idle.bytes === 0 || places.length >= most) ? idle : start();
    }
    function start() {
        const fresh = placeInThread(path, (place) => places.splice(places.indexOf(place), 1));
        places.push(fresh);
        return fresh;
    }
    return {
        expect(files) {
            while (places.length < Math.min(files, most))
                start();
        },
        take(size) {
            const place = lightest();
            return { join: (listener) => place.join(listener, size) };
        },
        close: async () => void (await Promise.all(places.map((place) => place.end()))),
    };
}

// EXTERNAL MODULE: ./build/store/layout-store.js + 2 modules
var layout_store = __webpack_require__(9614);
;// CONCATENATED MODULE: ./build/wire.js














/** Sent with every request; the version is the one of package.json, which a test holds against it. */
const VERSION = '0.1.0';
/** Settings out of the raw text of the inputs and what was found on disk for them; throws one INPUT_INVALID that lists every mistake. */
async function readSettings(raw, found) {
    // A start does not pay for a reader of YAML that nobody needs; so it is with all that is imported on the spot.
    if (!raw['registry-auth']?.trim())
        return parseSettings(raw, found);
    const { parseYamlTexts } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(391)]).then(__webpack_require__.bind(__webpack_require__, 391));
    return parseSettings(raw, found, parseYamlTexts);
}
/** Builds every port the settings ask for; throws STORE_UNUSABLE or ENGINE_UNAVAILABLE before any image is touched. */
async function wire(settings, world) {
    const { environment, report, signal, cache = NO_CACHE } = world;
    const { request } = settings;
    const detected = await detectEngine(settings.engine, { environment, os: external_node_process_.platform, offerImage }, signal);
    if (detected.notice)
        report({ type: 'notice', message: detected.notice });
    const pool = world.fillWorker === undefined ? undefined : poolOf(world.fillWorker);
    const [store, access] = await Promise.all([
        (0,layout_store/* openStore */.C)(world.store, { run: runOf(environment), signal, pool }),
        accessOf({ ...settings, concurrency: request.concurrency }, world),
    ]);
    const registry = registry_createRegistry({ ...access, signal, report });
    const watch = request.lock && request.policy === 'always' ? watcher(access, signal) : undefined;
    const ports = {
        registry,
        store,
        cache,
        engine: detected.engine,
        platform: defaultPlatform(detected),
        chooseTags: await tagChoice(request.tags),
        tagWatch: watch?.tagWatch,
        report,
        signal,
        now: Date.now,
    };
    const parts = [registry, watch, cache, pool];
    return { ports, close: async () => void (await Promise.all(parts.map((part) => part?.close()))) };
}
/** What a client of registries is made of, but for its signal and its words. */
async function accessOf(access, { environment, report, signal, onSecret = () => { } }) {
    const warn = (message) => report({ type: 'warning', message });
    return {
        logins: access.logins,
        authFiles: await readAuthFiles(environment, warn),
        machineFiles: (0,machine_files/* machineFiles */.d)(environment, warn),
        askHelper: (0,credential_helper/* createAskHelper */.Q)({ environment, signal }),
        githubToken: access.githubToken,
        onSecret,
        mirrors: access.mirrors,
        insecureRegistries: access.insecureRegistries,
        environment,
        connections: access.concurrency,
        userAgent: USER_AGENT,
    };
}
/** The registries of the world as the settings reach them; the caller closes it. */
async function openRegistry(access, world, own = {}) {
    const { report, signal } = world;
    return registry_createRegistry({ ...(await accessOf(access, world)), ...own, signal, report });
}
/** Images served to engines that pull. */
const offerImage = async (image, source, tag) => {
    const server = await __webpack_require__.e(/* import() */ 17).then(__webpack_require__.bind(__webpack_require__, 17));
    return server.offerImage(image, source, tag);
};
async function tagChoice(patterns) {
    if (patterns.length === 0)
        return (tags) => tags;
    const { tagFilter } = await Promise.all(/* import() */[__webpack_require__.e(6), __webpack_require__.e(88), __webpack_require__.e(812)]).then(__webpack_require__.bind(__webpack_require__, 1812));
    return tagFilter(patterns);
}
/** A client of its own for what must not hinder the pull: one try, no words, and an end whenever it is asked for. */
function watcher(access, signal) {
    const own = new AbortController();
    const ends = AbortSignal.any([signal, own.signal]);
    const once = async () => {
        throw (0,errors/* cancelled */.KW)();
    };
    const registry = registry_createRegistry({ ...access, signal: ends, report: () => { }, sleep: once });
    return {
        tagWatch: async (repository, tag) => (await registry.resolve(repository, tag)).digest,
        async close() {
            own.abort();
            await registry.close();
        },
    };
}
/** The store at this path, and what keeps it in order. */
async function openCare(path, environment) {
    const store = await (0,layout_store/* openStore */.C)(path, { run: runOf(environment) });
    return { store, care: storeCare(store.root) };
}
/** The registries as somebody without any login sees them, through the same proxies. */
function anonymousRegistry(signal, environment) {
    const files = machineFiles(environment, () => { });
    const options = { userAgent: USER_AGENT, signal, environment, machineFiles: files, anonymous: true };
    return createRegistry({ ...options, report: () => { } });
}
/** Places to fill files, as many as there are processors: more than four would share the same network and disk, and of two this thread is one. */
function poolOf(path) {
    const processors = (0,external_node_os_.availableParallelism)();
    const places = Math.min(4, Math.max(2, processors));
    return fillPool({ path, places, here: processors > 2 ? undefined : rangeBringer() });
}
/** The job, for people who look at what it marks in the store. */
const runOf = (environment) => environment.GITHUB_RUN_ID ?? `pid-${process.pid}`;
const USER_AGENT = `pull-image/${VERSION}`;
/** The cache of a terminal, which has no jobs to keep anything between. */
const NO_CACHE = {
    readable: false,
    writable: false,
    newest: async () => undefined,
    restore: async () => undefined,
    save: async () => 'refused',
    close: async () => { },
};
/** What the engine runs; without one what containers on this machine run: Linux, on macOS too, and Windows on Windows. */
function defaultPlatform({ engine }) {
    return engine?.platform ?? (0,platform/* normalizePlatform */.FL)((0,platform/* hostPlatform */.ol)());
}


/***/ }),

/***/ 4090:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  hF: () => (/* binding */ compareLock),
  tW: () => (/* binding */ readSources),
  RB: () => (/* binding */ saveLock),
  zR: () => (/* binding */ storedLock)
});

// EXTERNAL MODULE: ./build/errors.js
var errors = __webpack_require__(9473);
// EXTERNAL MODULE: ./build/settings/reader.js
var reader = __webpack_require__(7121);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/lib/clean.js
var clean = __webpack_require__(1525);
// EXTERNAL MODULE: ./build/lib/format.js
var format = __webpack_require__(177);
;// CONCATENATED MODULE: ./build/sources/workspace.js





/** Larger than any file people write references into. */
const MAX_BYTES = 4 * 1024 * 1024;
function workspaceAt(folder) {
    const root = external_node_path_.resolve(folder);
    return {
        root,
        async read(file) {
            const subject = (0,clean/* clean */.uH)(file, 300);
            const outside = () => new errors/* PullError */.YX('INPUT_INVALID', subject, `lies outside of ${root}, and nothing outside is read`);
            const at = external_node_path_.resolve(root, file);
            if (!isWithin(root, at))
                throw outside();
            try {
                if (!isWithin(await (0,promises_.realpath)(root), await (0,promises_.realpath)(at)))
                    throw outside();
                const { size } = await (0,promises_.stat)(at);
                if (size > MAX_BYTES) {
                    const reason = `expected a file of at most ${(0,format/* formatBytes */.z3)(MAX_BYTES)}, found ${(0,format/* formatBytes */.z3)(size)}`;
                    throw new errors/* PullError */.YX('INPUT_INVALID', subject, reason);
                }
                return new TextDecoder('utf-8', { fatal: true }).decode(await (0,promises_.readFile)(at));
            }
            catch (error) {
                return absent(error, subject);
            }
        },
    };
}
/**
 * The absolute path of a file that the workflow names, relative to the folder or anywhere else. Throws INPUT_INVALID for one that is named in the folder and that
 * links lead out of it: those are not the workflow's.
 */
async function placeIn(folder, file) {
    const root = external_node_path_.resolve(folder);
    const at = external_node_path_.resolve(root, file);
    if (!isWithin(root, at) || isWithin(await whereItEnds(root), await whereItEnds(at)))
        return at;
    throw new errors/* PullError */.YX('INPUT_INVALID', (0,clean/* clean */.uH)(file, 300), `is led out of ${root} by a link`);
}
/** What the path, or as much of it as is there, comes to when links are followed; a link to nothing counts as there. */
async function whereItEnds(at) {
    const link = await (0,promises_.readlink)(at).catch(() => undefined);
    try {
        return await (0,promises_.realpath)(at);
    }
    catch (error) {
        const parent = external_node_path_.dirname(at);
        if (parent === at)
            throw error;
        return link === undefined ? whereItEnds(parent) : external_node_path_.resolve(await whereItEnds(parent), link);
    }
}
function absent(error, subject) {
    if (error instanceof errors/* PullError */.YX)
        throw error;
    const { code = '' } = error;
    if (['ENOENT', 'ENOTDIR'].includes(code))
        return undefined;
    const found = code === 'EISDIR' ? 'is a folder; name its files, as in folder/**/*.yml' : '';
    const reason = found ||
        (code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
            ? 'is not text in UTF-8'
            : `cannot be read (${/^(EACCES|EPERM)$/.test(code) ? 'permission denied' : code || error})`);
    throw new errors/* PullError */.YX('INPUT_INVALID', subject, reason, { cause: error });
}
function isWithin(root, file) {
    const way = external_node_path_.relative(root, file);
    return way !== '..' && !way.startsWith(`..${external_node_path_.sep}`) && !external_node_path_.isAbsolute(way);
}

;// CONCATENATED MODULE: ./build/wire/sources.js



// Loaded where they are needed: most runs name no files, and a start must not pay for YAML, globs and versions.
const filesModule = () => Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(6), __webpack_require__.e(382), __webpack_require__.e(250)]).then(__webpack_require__.bind(__webpack_require__, 2250));
const lockModule = () => __webpack_require__.e(/* import() */ 769).then(__webpack_require__.bind(__webpack_require__, 4769));
const NOTHING = { images: [], warnings: [], left: [], mistakes: [], files: 0 };
/** Reads what `files`, `lock-file` and `tags` name, relative to `folder`, which nothing is read outside of but a lock file that is named there; mistakes are collected, never thrown. */
async function readSources(raw, folder, environment) {
    const patterns = (0,reader/* splitLines */.uz)(raw.files ?? '');
    const world = { workspace: workspaceAt(folder), environment: (name) => visible(name, environment) };
    const { images, warnings, left, files, mistakes } = patterns.length > 0 ? await filesModule().then(({ discover }) => discover(patterns, world)) : NOTHING;
    const attempts = [...mistakes, ...(await tagMistakes((0,reader/* splitLines */.uz)(raw.tags ?? '')))];
    const lock = await lockOf(raw, folder, attempts);
    const events = warnings.map((message) => ({ type: 'warning', message }));
    if (files > 0)
        events.push({ type: 'discovered', files, images: new Set(images.map(({ text }) => text)).size, left });
    return { found: { images, mistakes: attempts, lock }, events };
}
/**
 * The variables that a step of the user's has too. The runner gives inputs and its own tokens to actions alone: a file of a pull request must not be able to put them
 * into the name of an image.
 */
const visible = (name, environment) => /^(?:INPUT|STATE|ACTIONS)_/i.test(name) ? undefined : environment[name];
/** A file that is to be written anew need not be right now. */
async function lockOf(raw, folder, mistakes) {
    const file = raw['lock-file']?.trim();
    if (!file || /^true$/i.test(raw['update-lock']?.trim() ?? ''))
        return undefined;
    try {
        return await storedLock(file, folder);
    }
    catch (error) {
        mistakes.push(`lock-file: ${sentence(error)}`);
        return undefined;
    }
}
/** What the lock file says, undefined if there is none; throws INPUT_INVALID for one that cannot be read. */
async function storedLock(file, folder) {
    const { readLockFile } = await lockModule();
    return readLockFile(await placeIn(folder, file));
}
/** How the lock differs from what the file says. */
async function compareLock(file, lock, folder) {
    const { lockChanges } = await lockModule();
    return lockChanges((await storedLock(file, folder)) ?? new Map(), lock);
}
async function tagMistakes(patterns) {
    if (patterns.length === 0)
        return [];
    const { tagFilter } = await Promise.all(/* import() */[__webpack_require__.e(6), __webpack_require__.e(88), __webpack_require__.e(812)]).then(__webpack_require__.bind(__webpack_require__, 1812));
    return patterns.flatMap((pattern) => {
        try {
            tagFilter([pattern]);
            return [];
        }
        catch (error) {
            return [sentence(error)];
        }
    });
}
function sentence(error) {
    if (!(error instanceof errors/* PullError */.YX))
        throw error;
    return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}
/** Writes the lock file the settings ask for, reports and returns how it changed; leaves it as it was, with a warning, if an image failed. */
async function saveLock(settings, lock, folder, report) {
    if (!settings?.update)
        return undefined;
    if (!lock) {
        const message = `${settings.file} was left as it was: it is to hold every image, and not all could be asked for.`;
        report({ type: 'warning', message });
        return undefined;
    }
    const { writeLockFile } = await lockModule();
    const changes = await writeLockFile(await placeIn(folder, settings.file), lock);
    report({ type: 'locked', file: settings.file, changes });
    return changes;
}


/***/ })

};
