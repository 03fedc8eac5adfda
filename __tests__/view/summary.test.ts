import { FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { makeVisible, shorten } from '../../src/view/escape.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { failure, id, outcomeOf, server01, waited } from '../support/builders.ts'
import { renderOutline } from '../support/githubPage.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

test('the page of a scan that passed', () => {
  expect(renderOutline(summaryOf(outcomeOf([waited({ kind: 'passed' })])))).toMatchInlineSnapshot(`
"<h2>
  "✅ Virus scan passed"
<p>
  "Virus scan task 282832 ended with Success (what it found was not read)"
<h3>
  "Tasks"
<table>
  <tbody>
    <tr>
      <th>
        "Task"
      <th>
        "Verdict"
      <th>
        "Last state"
      <th>
        "Targets"
      <th>
        "Looks"
      <th>
        "Waited"
      <th>
        "Last request id"
    <tr>
      <td>
        <code>
          "282832"
      <td>
        "passed"
      <td>
        "Success"
      <td>
        "1"
      <td>
        "3"
      <td>
        "1 min 1 s"
      <td>
        <code>
          "R-1"
<h3>
  "Servers and server groups"
<table>
  <tbody>
    <tr>
      <th>
        "Type"
      <th>
        "Name"
      <th>
        "Id"
    <tr>
      <td>
        "server"
      <td>
        <code>
          "host001"
      <td>
        <code>
          "503201a7-14c6-4280-801b-1169ed420000"
<p>
  "1 min 2 s in all, 3 looks, alerts not read (no severity-cutoff), "
  <code>
    "tds.cn-shanghai.aliyuncs.com"
  " (China site)""
`)
})

test('the page of a scan that was denied says what to do, policy included', () => {
  const denied = waited({ kind: 'denied', failure: failure('permission', { code: 'NoPermission' }) })
  expect(renderOutline(summaryOf(outcomeOf([denied])))).toMatchInlineSnapshot(`
"<h2>
  "❌ Virus scan: refused by the cloud"
<p>
  "The cloud refused virus scan task 282832: "
  <code>
    "NoPermission"
  " (the RAM action yundun-sas:DescribeScanTaskProgress is not allowed)"
<h3>
  "What to do now"
<ol>
  <li>
    "Allow yundun-sas:DescribeScanTaskProgress to the RAM user or role whose key is used. This policy is enough for all of this run: "
    <code>
      "{\\"Version\\":\\"1\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":[\\"yundun-sas:DescribeScanTaskProgress\\"],\\"Resource\\":\\"*\\"}]}"
<h3>
  "Tasks"
<table>
  <tbody>
    <tr>
      <th>
        "Task"
      <th>
        "Verdict"
      <th>
        "Last state"
      <th>
        "Targets"
      <th>
        "Looks"
      <th>
        "Waited"
      <th>
        "Last request id"
    <tr>
      <td>
        <code>
          "282832"
      <td>
        "denied"
      <td>
        "none seen"
      <td>
        "1"
      <td>
        "3"
      <td>
        "1 min 1 s"
      <td>
        <code>
          "R-1"
<h3>
  "Servers and server groups"
<table>
  <tbody>
    <tr>
      <th>
        "Type"
      <th>
        "Name"
      <th>
        "Id"
    <tr>
      <td>
        "server"
      <td>
        <code>
          "host001"
      <td>
        <code>
          "503201a7-14c6-4280-801b-1169ed420000"
<p>
  "1 min 2 s in all, 3 looks, alerts not read (no severity-cutoff), "
  <code>
    "tds.cn-shanghai.aliyuncs.com"
  " (China site)""
`)
})

test.each([
  [{ kind: 'passed' }, true, '✅ Virus scan passed'],
  [{ kind: 'scan-failed' }, true, '❌ Virus scan failed'],
  [{ kind: 'scan-failed' }, false, '⚠️ Virus scan failed'],
  [{ kind: 'timed-out' }, true, '❌ Virus scan not finished in time'],
  [{ kind: 'cancelled' }, true, '❌ Virus scan: wait cancelled'],
] as const)('the heading for %j', (ending, failsJob, heading) => {
  const outcome = outcomeOf([waited(ending)])
  const markdown = summaryOf({
    ...outcome,
    judgement: { ...outcome.judgement, failsJob: failsJob && ending.kind !== 'passed' },
  })
  expect(markdown.split('\n')[0]).toBe(`## ${heading}`)
})

test('a rehearsal says so in its heading', () => {
  expect(summaryOf(outcomeOf([waited({ kind: 'passed' })], { rehearsal: true }))).toMatch(
    /^## ✅ Virus scan passed \(rehearsal\)\n/,
  )
})

/** A page in which one name stands at every place where foreign text can stand. */
function pageWith(name: string): string {
  const bad = failure('unknown-code', { code: name, message: name })
  const tasks = [
    waited(
      { kind: 'unavailable', failure: bad },
      { unknownState: name, lastFailure: bad, targets: [{ type: name, name, target: name }] },
    ),
    waited({ kind: 'timed-out' }, { id: id('2'), unknownState: name }),
  ]
  return renderOutline(summaryOf(outcomeOf(tasks)))
}
const plain = pageWith('PLAIN')

test.each(HOSTILE_NAMES)('the name %j makes no element of its own and is shown as it is', (name) => {
  const shown = JSON.stringify(makeVisible(shorten(name, 120))).slice(1, -1)
  expect(pageWith(name)).toBe(plain.replaceAll('PLAIN', () => shown))
})

test('a name as the value of an input makes no element either', () => {
  const page = (name: string) =>
    renderOutline(
      summaryOf(
        outcomeOf([], {
          judgement: judge([{ kind: 'invalid-input', problems: [{ name, value: name, text: 'is bad' }] }], FORGIVABLE),
        }),
      ),
    )
  for (const name of HOSTILE_NAMES) {
    expect(page(name)).toBe(page('PLAIN').replaceAll('PLAIN', () => JSON.stringify(makeVisible(name)).slice(1, -1)))
  }
})

test('never over 1 MiB: 100 tasks and 30,000 targets with the longest of hostile names', () => {
  const name = '\u{e0041}'.repeat(1_000)
  const targets = Array.from({ length: 30_000 }, (_, i) => ({ type: name, name, target: `${i}${name}` }))
  const bad = failure('unknown-code', { code: name })
  const tasks = Array.from({ length: 100 }, (_, i) =>
    waited(
      { kind: 'unavailable', failure: bad },
      { id: id(`922337203685477580${i}`), unknownState: name, lastFailure: bad, targets: i === 0 ? targets : [] },
    ),
  )
  const markdown = summaryOf(outcomeOf(tasks))
  expect(Buffer.byteLength(markdown)).toBeLessThan(1_024 * 1_024)
  expect(/and 29\d{3} more targets/.test(markdown)).toBe(true)
})

test('the servers are listed with their type in words', () => {
  const group = { type: 'groupId', name: 'web', target: '42' }
  const outline = renderOutline(
    summaryOf(outcomeOf([waited({ kind: 'passed' }, { targets: [server01, group, { ...group, type: 'vpc' }] })])),
  )
  expect(outline).toMatch(/"server"[\s\S]*"host001"[\s\S]*"server group"[\s\S]*"web"[\s\S]*"vpc"/)
})
