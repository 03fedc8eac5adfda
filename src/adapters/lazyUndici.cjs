// Evaluated in undici's place: tsconfig.json maps the name `undici` to this file, for imports inside packages too.
// `@actions/core` imports undici for one thing, a proxy on the way to GitHub's token service, yet evaluating it costs
// a fifth of the start-up of every run. It stays in the bundle, whole, and is evaluated at its first use.
module.exports = {
  get ProxyAgent() {
    return require('undici-itself').ProxyAgent
  },
}
