// The order of the tests in the mutation check: the first that fails ends a mutant, so the quick and exact ones begin.
const ORDER = [/domain.(?!.*properties)/, /startScan|run\.test|statusKeeper/, /steps/, /gate\.test/]

function rank({ path }) {
  const place = ORDER.findIndex((pattern) => pattern.test(path))
  return place < 0 ? ORDER.length : place
}

module.exports = class {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b))
  }
  allFailedTests(tests) {
    return tests
  }
  cacheResults() {}
}
