// Bundled in xml2js's place: tsconfig.json maps the name `xml2js` to this file, for imports inside packages too.
//
// pop-core brings it for APIs of another style, ROA, some of which answer in XML. It loads their client with its own, though
// Security Center and STS are RPC and answer in JSON. With what it needs it was a third of the text of the bundle.
module.exports = {
  Parser: class {
    constructor() {
      throw new Error('xml2js is not part of this bundle: see src/adapters/replaced/xml2js.cjs')
    }
  },
}
