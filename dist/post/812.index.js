export const id = 812;
export const ids = [812];
export const modules = {

/***/ 1812:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   tagFilter: () => (/* binding */ tagFilter)
/* harmony export */ });
/* harmony import */ var node_vm__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(714);
/* harmony import */ var picomatch__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4006);
/* harmony import */ var semver__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2088);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9473);
/* harmony import */ var _lib_clean_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(1525);





/** Tags have neither blanks nor slashes nor signs of comparison (distribution-spec v1.1, "Pulling manifests"), so such a glob matches none. */
const NOT_IN_A_TAG = /[\s/<>=~]/;
const OPTIONS = { dot: true, nonegate: true, windows: false };
const EXPRESSION = /^\/(.*)\/([a-z]*)$/s;
/** A comparison at the start, or what only ranges have between versions. */
const RANGE = /^[<>=~^]|\s-\s|\|\||^v?\d+(?:\.[\dx*]+)*\s+[<>=~^]/;
const HINT = 'Write globs such as 7.*, *-alpine or !*-rc*, version ranges such as >=7 <8 or ^7.2, or /regular expressions/.';
/** All tags of one repository against one expression: a sound one takes milliseconds for 100,000 tags, one that backtracks without end never returns. */
const EXPRESSION_MS = 2_000;
/**
 * The tags, in their order, that match one of the patterns and none of those after a `!`; patterns after `!` alone narrow all tags, no patterns at all take every
 * tag. A pattern is a glob, a version range or a `/regular expression/` with the flags `i` and `u`; case counts unless `i` says otherwise. Throws INPUT_INVALID
 * for a pattern that no tag can match, and when one takes longer than 2 s.
 */
function tagFilter(patterns) {
    const read = patterns.map(readPattern);
    const takes = read.filter(({ negated }) => !negated);
    const drops = read.filter(({ negated }) => negated);
    return (tags) => {
        const taken = takes.length === 0 ? new Set(tags) : union(takes, tags);
        const dropped = union(drops, [...taken]);
        return tags.filter((tag) => taken.has(tag) && !dropped.has(tag));
    };
}
const union = (patterns, tags) => new Set(patterns.flatMap(({ matches }) => matches(tags)));
function readPattern(pattern) {
    // `!(a|b)` is a glob of its own, not the negation of `(a|b)`; the result is the same only where it stands alone.
    const negated = /^!(?!\()/.test(pattern);
    const text = negated ? pattern.slice(1).trim() : pattern;
    const expression = EXPRESSION.exec(text);
    if (expression)
        return { negated, matches: expressionPattern(expression[1] ?? '', expression[2] ?? '', pattern) };
    if (RANGE.test(text))
        return { negated, matches: rangePattern(text, pattern) };
    if (text === '' || NOT_IN_A_TAG.test(text))
        throw invalid('expected a glob, a range or an expression over tags', pattern);
    return { negated, matches: inTime(picomatch__WEBPACK_IMPORTED_MODULE_4__.makeRe(text, OPTIONS), pattern, 'Write fewer * in it.') };
}
function rangePattern(text, pattern) {
    let range;
    try {
        // Ubuntu's 22.04 is no version to semver, neither here nor in a tag.
        range = new semver__WEBPACK_IMPORTED_MODULE_1__.Range(text.replace(/(?<![\w-])0+(?=\d)/g, ''));
    }
    catch {
        throw invalid('expected a version range', pattern);
    }
    return (tags) => tags.filter((tag) => {
        const version = versionOf(tag);
        return version !== undefined && range.test(version);
    });
}
const VERSION = /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?:-(.+))?$/;
/**
 * The version a tag stands for: `7` is 7.0.0, `22.04` is 22.4.0, `v1.2` is 1.2.0. What follows a `-` makes it a pre-release, as semver has it, so that a range takes
 * neither `8.0-rc1` nor `7.2-alpine` unless it names such a one itself. Undefined for any other tag.
 */
function versionOf(tag) {
    const [, major, minor = '0', patch = '0', suffix] = VERSION.exec(tag) ?? [];
    if (major === undefined)
        return undefined;
    const numbers = [major, minor, patch].map(Number).join('.');
    try {
        return new semver__WEBPACK_IMPORTED_MODULE_1__.SemVer(suffix === undefined ? numbers : `${numbers}-${suffix}`);
    }
    catch {
        return undefined;
    }
}
function expressionPattern(source, flags, pattern) {
    if (!/^[iu]*$/.test(flags))
        throw invalid(`expected no flags but i and u after the expression, not ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(flags, 20))}`, pattern);
    let expression;
    try {
        expression = new RegExp(source, flags);
    }
    catch (cause) {
        const reason = cause instanceof Error ? (0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(cause.message, 300) : 'not an expression';
        throw invalid(`expected a regular expression (${reason})`, pattern);
    }
    return inTime(expression, pattern, 'Avoid repetitions inside repetitions, such as (a+)+, or use a glob.');
}
/** Runs where a time limit ends it: tags are somebody else's text, and an expression, or the stars of a glob, may take exponential time on some. */
function inTime(expression, pattern, hint) {
    return (tags) => {
        const context = (0,node_vm__WEBPACK_IMPORTED_MODULE_0__.createContext)({ expression, tags, taken: [] });
        try {
            new node_vm__WEBPACK_IMPORTED_MODULE_0__.Script('for (const tag of tags) if (expression.test(tag)) taken.push(tag)').runInContext(context, {
                timeout: EXPRESSION_MS,
            });
        }
        catch (cause) {
            const found = `${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(pattern, 200))} had not been held against the tags after ${EXPRESSION_MS / 1000} s`;
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .PullError */ .YX('INPUT_INVALID', 'tags', found, { hint, cause });
        }
        return context.taken;
    };
}
function invalid(reason, pattern) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .PullError */ .YX('INPUT_INVALID', 'tags', `${reason}, found ${JSON.stringify((0,_lib_clean_js__WEBPACK_IMPORTED_MODULE_3__/* .clean */ .uH)(pattern, 200))}`, {
        hint: HINT,
    });
}


/***/ })

};
