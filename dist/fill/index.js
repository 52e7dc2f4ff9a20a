import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
var __webpack_exports__ = {};

;// CONCATENATED MODULE: external "node:worker_threads"
const external_node_worker_threads_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:worker_threads");
;// CONCATENATED MODULE: external "node:events"
const external_node_events_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");
;// CONCATENATED MODULE: ./build/lib/buffers.js
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

;// CONCATENATED MODULE: ./build/lib/format.js
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

;// CONCATENATED MODULE: ./build/registry/transport/pace.js

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
const slowWords = (bytes, ms) => `only ${formatBytes(bytes)} in ${formatSeconds(ms / 1000)}`;

;// CONCATENATED MODULE: ./build/registry/transport/range-head.js
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

;// CONCATENATED MODULE: ./build/registry/transport/range-refusal.js
const range_refusal_MOST = 64 * 1024;
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
    const enough = bytes.byteLength >= range_refusal_MOST;
    if (/(?:^|,)\s*chunked\s*$/i.test(String(headers['transfer-encoding'] ?? ''))) {
        const words = inChunks(bytes.subarray(0, range_refusal_MOST));
        return { ...words, whole: words.whole || enough };
    }
    const said = headers['content-length'];
    const length = typeof said === 'string' && /^\d{1,12}$/.test(said) ? Number(said) : range_refusal_MOST;
    const whole = enough || bytes.byteLength >= length;
    return { bytes: bytes.subarray(0, Math.min(length, range_refusal_MOST)), whole, ended: bytes.byteLength === length };
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

;// CONCATENATED MODULE: external "node:net"
const external_node_net_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");
;// CONCATENATED MODULE: external "node:tls"
const external_node_tls_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:tls");
;// CONCATENATED MODULE: ./build/registry/transport/range-socket.js


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
            ? (0,external_node_tls_namespaceObject.connect)({ ...options, ...name, rejectUnauthorized: vouched, ALPNProtocols: ['http/1.1'] })
            : (0,external_node_net_namespaceObject.connect)(options);
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

;// CONCATENATED MODULE: ./build/registry/transport/range-bring.js






/** A record of TLS brings 16 KiB: to write and hash each by itself would cost more than to bring it. */
const ENOUGH = BUFFER_SIZE / 2;
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
    (0,external_node_events_namespaceObject.setMaxListeners)(0, signal);
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
        const socket = await openRangeSocket({ url, connectMs, silenceMs, vouched, lookup, ends }, signal);
        return { socket, room: takeBuffer() };
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
    const pace = newPace(order.silenceMs);
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
        const { bytes, whole, ended } = wordsOf(head, room.subarray(head.length, used));
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
        const head = parseHead(room.subarray(0, used));
        if (head === 'more')
            return false;
        const plain = head?.status === 206 && head.headers['content-range'] === order.contentRange;
        kept = !/close/i.test(String(head?.headers.connection ?? ''));
        pace.again();
        if (head && isRefusal(head)) {
            refusal = head;
            return false;
        }
        if (!head || !plain || plainLength(head) !== order.end - order.start) {
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

;// CONCATENATED MODULE: ./build/errors.js
/**
 * A failure somebody foresaw: what it is about, what was expected and found, and what to do.
 * Its message is `subject: reason`; anything else that is thrown is a bug of ours.
 */
class errors_PullError extends Error {
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
    return new errors_PullError('CANCELLED', 'pull-image', 'cancelled');
}
/** True if the error says that the run was cancelled, whoever noticed first. */
function isCancelled(error) {
    return error instanceof errors_PullError && error.code === 'CANCELLED';
}

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
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

;// CONCATENATED MODULE: ./build/lib/clean.js

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
function clean_clean(text, limit = 1000) {
    const line = text
        .replace(ANSI, '')
        .replace(UNPRINTABLE, ' ')
        .replaceAll('##[', '# #[')
        .replace(COLONS, (found, address) => ((0,external_node_net_namespaceObject.isIPv6)(address ?? '') ? found : found.replace(/:(?=:)/g, ': ')))
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

;// CONCATENATED MODULE: ./build/store/disk-error.js


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
        return new errors_PullError('DISK_FULL', path, reason, { hint, cause: error });
    }
    const hint = TAKEN.includes(code)
        ? 'Something else lies there: remove it, or let the input `store` name another folder.'
        : 'Let the input `store` name a folder this user can write to.';
    return new errors_PullError('STORE_UNUSABLE', path, clean_clean(error.message), { hint, cause: error });
}

;// CONCATENATED MODULE: external "node:crypto"
const external_node_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");
;// CONCATENATED MODULE: ./build/oci/digest.js



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
    throw new PullError('DIGEST_INVALID', subject, digestProblem(text));
}
/** Why a text is no digest we take: what was expected, and what was found. */
function digestProblem(text) {
    const algorithm = text.slice(0, text.indexOf(':'));
    return GRAMMAR.test(text) && !['sha256', 'sha512'].includes(algorithm)
        ? `unsupported digest algorithm ${JSON.stringify(clean(algorithm, 60))}, expected sha256 or sha512`
        : `expected sha256:<64 hex digits> or sha512:<128 hex digits>, found ${JSON.stringify(clean(text, 160))}`;
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
    return finishDigest(createHash(algorithm).update(bytes), algorithm);
}
/** The digest of everything a hash was fed; ends the hash. */
function finishDigest(hash, algorithm) {
    return `${algorithm}:${hash.digest('hex')}`;
}

;// CONCATENATED MODULE: ./build/store/verify.js



/** A proof for one pass over one blob. */
function proofOf(blob) {
    const algorithm = algorithmOf(blob.digest);
    const hash = (0,external_node_crypto_namespaceObject.createHash)(algorithm);
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
            const found = finishDigest(hash, algorithm);
            if (found !== blob.digest) {
                throw new errors_PullError('DIGEST_MISMATCH', blob.digest, `other bytes: expected ${blob.digest}, found ${found}`);
            }
        },
    };
}
/** SIZE_MISMATCH for the blob; `found` is a number of bytes in words. */
function sizeMismatch(blob, found) {
    return new errors_PullError('SIZE_MISMATCH', blob.digest, `wrong size: expected ${blob.size} bytes, found ${found}`);
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

;// CONCATENATED MODULE: ./build/store/fill-file.js





let shared;
/** The open file of a blob, of which nothing is there; what came before its turn is read back for the hash, from the page cache. */
function fillFile(fd, path, blob) {
    const coverage = newCoverage();
    const proof = proofOf(blob);
    let hashed = 0;
    function catchUp() {
        shared ??= Buffer.allocUnsafeSlow(BUFFER_SIZE);
        for (let end = coverage.frontier(); hashed < end;) {
            const count = (0,external_node_fs_namespaceObject.readSync)(fd, shared, 0, Math.min(BUFFER_SIZE, end - hashed), hashed);
            if (count === 0)
                throw sizeMismatch(blob, `${hashed}`);
            proof.take(shared.subarray(0, count));
            hashed += count;
        }
    }
    function write(bytes, position) {
        for (let done = 0; done < bytes.byteLength;)
            done += (0,external_node_fs_namespaceObject.writeSync)(fd, bytes, done, bytes.byteLength - done, position + done);
    }
    return {
        put(position, bytes) {
            if (position + bytes.byteLength > blob.size)
                throw sizeMismatch(blob, `at least ${position + bytes.byteLength}`);
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
                throw diskError(path, error);
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
    if (!(error instanceof errors_PullError))
        return { code: 'STORE_UNUSABLE', subject: 'layer', reason: String(error) };
    const { code, subject, reason, hint } = error;
    return { code, subject, reason, hint };
}

;// CONCATENATED MODULE: ./build/fill-worker.js



// A thread of the store's, whose bytes the registry's code brings.
const hear = fillThread(rangeBringer(), (message, transfer = []) => external_node_worker_threads_namespaceObject.parentPort?.postMessage(message, [...transfer]));
external_node_worker_threads_namespaceObject.parentPort?.on('message', hear);

