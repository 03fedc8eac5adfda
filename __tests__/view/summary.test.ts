import { summaryOf } from '../../src/view/summary.ts'
import { failure, outcomeOf, server01, waited } from '../support/builders.ts'
import { renderOutline } from '../support/githubPage.ts'

/** Whole pages of a job summary. */

test('the page of a scan that passed', () => {
  expect(renderOutline(summaryOf(outcomeOf([waited({ kind: 'passed' })])))).toMatchInlineSnapshot(`
"<h2>
  "✅ Virus scan passed"
<p>
  "Virus scan task 282832 ended with Success (what it found was not read)"
<table>
  <tbody>
    <tr>
      <th>
        "Tasks"
      <th>
        "Servers"
      <th>
        "Duration"
      <th>
        "Calls"
      <th>
        "Virus alerts"
      <th>
        "Site"
    <tr>
      <td>
        "1"
      <td>
        "1 server"
      <td>
        "1 min 2 s"
      <td>
        "3"
      <td>
        "not read (no severity-cutoff)"
      <td>
        "China site"
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
        "States seen"
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
<details>
  <summary>
    "Scanned: 1 target"
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
  "Asked "
  <code>
    "tds.cn-shanghai.aliyuncs.com"
  ".""
`)
})

test('the page of a scan that was denied says what to do, policy included', () => {
  const denied = waited({ kind: 'denied', failure: failure('permission', { code: 'NoPermission' }) })
  expect(renderOutline(summaryOf(outcomeOf([denied])))).toMatchInlineSnapshot(`
"<h2>
  "❌ Virus scan: access refused"
<p>
  "The cloud refused virus scan task 282832: "
  <code>
    "NoPermission"
  " (the RAM action yundun-sas:DescribeScanTaskProgress is not allowed)"
<table>
  <tbody>
    <tr>
      <th>
        "Tasks"
      <th>
        "Servers"
      <th>
        "Duration"
      <th>
        "Calls"
      <th>
        "Virus alerts"
      <th>
        "Site"
    <tr>
      <td>
        "1"
      <td>
        "1 server"
      <td>
        "1 min 2 s"
      <td>
        "3"
      <td>
        "not read (no severity-cutoff)"
      <td>
        "China site"
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
        "States seen"
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
        "none"
      <td>
        "1"
      <td>
        "3"
      <td>
        "1 min 1 s"
      <td>
        <code>
          "R-1"
<details>
  <summary>
    "Scanned: 1 target"
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
  "Asked "
  <code>
    "tds.cn-shanghai.aliyuncs.com"
  ".""
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

test('the servers are listed with their type in words', () => {
  const group = { type: 'groupId', name: 'web', target: '42' }
  const outline = renderOutline(
    summaryOf(outcomeOf([waited({ kind: 'passed' }, { targets: [server01, group, { ...group, type: 'vpc' }] })])),
  )
  expect(outline).toMatch(/"server"[\s\S]*"host001"[\s\S]*"server group"[\s\S]*"web"[\s\S]*"vpc"/)
})
