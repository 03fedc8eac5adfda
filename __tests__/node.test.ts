test('the tests run on the Node that the action runs on', () => {
  expect(process.versions.node).toMatch(/^24\./)
})
