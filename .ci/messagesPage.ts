import { type Message, messagesIn } from './messages.ts'

/** docs/messages.md: the texts in the order in which people meet them. */

interface Section {
  readonly title: string
  readonly about: string
  readonly files: readonly string[]
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Headings and reasons',
    about:
      'The heading of the summary, and the sentence of `reason`, of the annotation and of the commit status. Of several facts the others follow after "Also".',
    files: ['view/verdictText.ts', 'view/taskText.ts', 'view/gateText.ts', 'view/sentence.ts'],
  },
  {
    title: 'What to do now',
    about: 'The remedies, in the last lines of the log and in the summary.',
    files: ['view/remedies.ts', 'view/loginText.ts'],
  },
  {
    title: 'While it runs',
    about: 'Lines of the log, and warnings.',
    files: [
      'view/openingText.ts',
      'view/log.ts',
      'view/outputs.ts',
      'view/duration.ts',
      'adapters/runner.ts',
      'main.ts',
    ],
  },
  {
    title: 'The job summary',
    about: 'Its tables and charts.',
    files: ['view/summary.ts', 'view/diagrams.ts', 'view/blocks.ts'],
  },
  {
    title: "In GitHub's pages",
    about: 'The commit status, the tracking issues, and what is said where GitHub does not do what it is asked.',
    files: [
      ...['view/commitStatus.ts', 'view/issueText.ts', 'view/repositoryText.ts', 'github.ts', 'steps/trackIssues.ts'],
      'adapters/github/repository.ts',
    ],
  },
  {
    title: 'Inputs',
    about:
      'The verdict is `invalid-input`. Before each stands the name of the input, and its value where that is no secret.',
    files: [
      ...[
        'inputs.ts',
        'inputs/declared.ts',
        'inputs/failOn.ts',
        'inputs/waitFor.ts',
        'inputs/reading.ts',
        'inputs/endpoints.ts',
        'domain/endpoint.ts',
      ],
      ...['inputs/login.ts', 'inputs/network.ts', 'inputs/github.ts', 'inputs/allowList.ts', 'adapters/yaml.ts'],
      ...['adapters/files.ts', 'adapters/smallText.ts', 'steps/lookUp.ts', 'domain/targets.ts', 'domain/coverage.ts'],
    ],
  },
  {
    title: 'What went wrong with a call',
    about: 'After the code, in the log and in reasons.',
    files: [
      ...['adapters/networkErrors.ts', 'adapters/rpc.ts', 'adapters/rpcReply.ts'],
      ...['adapters/securityCenter.ts', 'adapters/sts.ts'],
      ...['adapters/idToken.ts', 'adapters/sessionSources.ts', 'adapters/ecs/role.ts', 'steps/caller.ts'],
      ...['steps/logIn.ts', 'steps/sessionKeeper.ts'],
    ],
  },
]

/** What looks like a text and is shown to nobody as one, by the file that has it. */
export const NOT_SHOWN: Readonly<Record<string, readonly RegExp[]>> = {
  // What is hidden in an issue, so that a later run knows facts again.
  'domain/tracking.ts': [/./],
  // An error that is told in the words of networkErrors.
  'adapters/proxy.ts': [/gave no tunnel/],
  'adapters/idToken.ts': [/^Bearer /, /^the reply has no end$/],
  // Names of queues, and a query.
  'adapters/github/repository.ts': [/^issues and files$/, /^status \{/, /^query /],
  // The syntax of charts, and of HTML.
  'view/diagrams.ts': [/^(?:section|title|dateFormat|axisFormat|tickInterval|todayMarker|xychart-beta|bar) /],
  'view/blocks.ts': [/^<(?:table|details)>/],
}

export function isShown({ file, text }: Message): boolean {
  return !(NOT_SHOWN[file] ?? []).some((pattern) => pattern.test(text))
}

/** `root` is the folder that src is in. */
export function messagesPage(root: string): string {
  const messages = messagesIn(root).filter(isShown)
  const homeless = messages.filter(({ file }) => !SECTIONS.some(({ files }) => files.includes(file)))
  if (homeless.length > 0) throw new Error(`No section of .ci/messagesPage.ts has ${homeless[0]?.file}`)
  const sections = SECTIONS.map(({ title, about, files }) => {
    const lists = files.flatMap((file) => messages.filter((message) => message.file === file))
    const texts = [...new Set(lists.map(({ text }) => text))]
    return `## ${title}\n\n${about}\n\n${texts.map((text) => `- ${inCode(text)}\n`).join('')}`
  })
  return `${HEAD}\n${sections.join('\n')}`
}

/** A code span keeps all but a blank at both ends. */
function inCode(text: string): string {
  return `\`${text.trim().replaceAll('\n', ' ')}\``
}

const HEAD = `# Messages

What log, summary, annotations, commit statuses and issues may say. The texts are English whatever the language of the workflow, and
their wording is kept: a change is named in the changelog. For programs there are the outputs \`verdict\` and \`error-code\`, which do
not change with the wording.

This page is made from the sources by \`npm run docs\`: every text there of two words or more, except what is shown to nobody. Words
that stand alone (heads of columns, states, levels) are not listed, nor is what the cloud, GitHub and Node say in their own words.

\`{…}\` stands for a value or for another text of this page, \`[…]\` around what may be left out, \`(… | …)\` around what one is said of.
`
