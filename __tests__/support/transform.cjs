// TypeScript, and those packages that are ES modules only, become CommonJS for jest. Types are checked by `tsc`.
const { createHash } = require('node:crypto')
const { readFileSync } = require('node:fs')
const ts = require('typescript')

const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true }

const thisFile = readFileSync(__filename)

module.exports = {
  // What another version of this file made is not used again, nor what counts no lines where lines are counted.
  getCacheKey: (text, fileName, { instrument }) =>
    createHash('sha256').update(thisFile).update(`${instrument} ${fileName}`).update(text).digest('hex'),
  process(text, fileName) {
    const isModule = fileName.endsWith('.ts') || /^\s*(?:import|export)\b/m.test(text)
    if (!isModule) return { code: text }
    const { outputText } = ts.transpileModule(text, {
      fileName,
      compilerOptions: { ...compilerOptions, allowJs: true, inlineSourceMap: true },
    })
    // What has no counterpart in CommonJS.
    return { code: outputText.replaceAll('import.meta.url', "require('node:url').pathToFileURL(__filename).href") }
  },
}
