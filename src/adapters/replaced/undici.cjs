// Bundled in undici's place: tsconfig.json maps the name `undici` to this file, for imports inside packages too.
//
// `@actions/core` brings `@actions/http-client`, which imports undici for one thing: `getAgentDispatcher`, a proxy for
// clients of `fetch`. Nothing in `@actions/core` calls it (its own requests go through `node:http`), yet undici is two
// thirds of the bundle's text and a fifth of the start-up that every run pays. Code that does use `fetch` behind a
// proxy belongs into a bundle of its own, loaded when it is used, and built without this mapping.
module.exports = {
  ProxyAgent: class {
    constructor() {
      throw new Error('undici is not part of this bundle: see src/adapters/replaced/undici.cjs')
    }
  },
}
