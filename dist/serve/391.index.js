export const id = 391;
export const ids = [391];
export const modules = {

/***/ 391:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   parseYamlTexts: () => (/* binding */ parseYamlTexts)
/* harmony export */ });
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8815);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9473);


const HINT = 'Write YAML, and a password between single quotes.';
/**
 * The value of a YAML document whose scalars are all texts, as they were written: `0123` and `no` stay what they are, and what is left empty is the empty
 * text. Throws INPUT_INVALID with the line; no word of the document comes into the message, for it may be a secret.
 */
function parseYamlTexts(text, subject) {
    const lines = new yaml__WEBPACK_IMPORTED_MODULE_0__/* .LineCounter */ .HN();
    const document = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .parseDocument */ .Tp)(text, { schema: 'failsafe', prettyErrors: false, lineCounter: lines });
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault) {
        const { line } = lines.linePos(fault.pos[0]);
        const reason = `line ${line} is not YAML (${fault.code.toLowerCase().replaceAll('_', ' ')})`;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', subject, reason, { hint: HINT });
    }
    try {
        return document.toJS();
    }
    catch {
        // An alias without its anchor: its name is what somebody meant to be a password.
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .PullError */ .YX('INPUT_INVALID', subject, 'a text that begins with * needs quotes', { hint: HINT });
    }
}


/***/ })

};
