// jest runs the sources as they are: Node's own type stripping keeps every position, so no source map is needed.
const { stripTypeScriptTypes } = require('node:module');
module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
