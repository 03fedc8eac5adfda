// Runs the test files of a mutant one after the other up to the first that fails, the quick and exact ones first: Stryker
// asks only whether a test notices, and jest knows no `bail` when it is called as it calls it.
const { default: Runner } = require(require.resolve('jest-runner', { paths: [require.resolve('jest')] }))

const ORDER = [
  /domain.(?!.*properties)/,
  /startScan|run\.test|caller|readAlerts|checkCoverage/,
  /steps/,
  /__tests__.gate/,
]

function rank({ path }) {
  const place = ORDER.findIndex((pattern) => pattern.test(path))
  return place < 0 ? ORDER.length : place
}

module.exports = class extends Runner {
  async runTests(tests, watcher, options) {
    let hasFailed = false
    this.on('test-file-success', ([, result]) => {
      hasFailed ||= result.numFailingTests > 0 || result.testExecError != null
    })
    this.on('test-file-failure', () => {
      hasFailed = true
    })
    for (const test of [...tests].sort((a, b) => rank(a) - rank(b))) {
      if (hasFailed) return
      await super.runTests([test], watcher, options)
    }
  }
}
