// Bundled in proxy-agent-negotiate's place: tsconfig.json maps the name `proxy-agent-negotiate` to this file, for imports
// inside packages too.
//
// `https-proxy-agent` brings it for proxies that want Kerberos, which nobody here asks for; it would load a package that
// is not there, from a file of its own.
module.exports = {
  createNegotiateAuth() {
    throw new Error('Kerberos is not part of this bundle: see src/adapters/replaced/negotiate.cjs')
  },
}
