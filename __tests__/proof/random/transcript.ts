import type { Played } from './play.ts'

/** A run as a person would want to read it: what was asked, what was answered, and how it ended. */
export function transcriptOf({ story, witness, ending, endMs, cancelMs }: Played): readonly string[] {
  const inputs = Object.entries(story.inputs).filter(([name]) => !/key|token/.test(name))
  const calls = witness.calls.map(({ action, params, askedMs, sentMs, endMs: at, ending: is }) => {
    const { Lang: _, PageSize: __, MachineTypes: ___, LogicalExp: ____, ...telling } = params
    const answer =
      is === undefined ? 'broken off' : is.kind === 'good' ? JSON.stringify(is.body) : Object.values(is).join(' ')
    return `${askedMs} ${sentMs === askedMs ? '' : `(${sentMs}) `}${action} ${JSON.stringify(telling)} -> ${at} ${answer}`
  })
  const { outputs, exitCode } = ending
  return [
    inputs.map(([name, value]) => `${name}: ${value}`).join(', '),
    JSON.stringify(story.entries),
    ...calls,
    `${endMs} ${outputs.verdict} ${exitCode} ${outputs.reason}${cancelMs === undefined ? '' : `, cancelled at ${cancelMs}`}`,
  ]
}
