import { type Contexts, expandAll, holds, type Status } from './expressions.ts'
import { useGate } from './gate.ts'
import { REPOSITORY } from './identity.ts'
import type { StepRecord } from './records.ts'
import { useRehearsal } from './rehearsal.ts'
import { type Done, isCancelled, type Place, type Post, storeOf } from './run.ts'
import { shell } from './shell.ts'
import { STAND_INS } from './standIns.ts'
import type { Step, Texts } from './workflowFile.ts'

/** A step: an action or commands, if its condition holds. */

const OUR_ACTION = 'OWNER/virus-scan-gate@COMMIT'
const OUR_REHEARSAL = 'OWNER/virus-scan-gate/src/emulator@COMMIT'

interface StepScene {
  /** Without secrets, which an `if:` may not see. */
  readonly contexts: Contexts
  readonly secrets: Readonly<Record<string, string>>
  readonly status: Status
  readonly place: Place
}

export async function runStep(step: Step, { contexts, secrets, status, place }: StepScene): Promise<StepRecord> {
  const { cancel } = place.run.story
  const all = { ...contexts, secrets }
  const env = { ...(contexts.env as Texts), ...expandAll(step.env, all) }
  const about = { ...(step.id === undefined ? {} : { id: step.id }), name: nameOfStep(step) }
  if (!holds(step.if, { ...contexts, env }, status))
    return { ...about, outcome: 'skipped', conclusion: 'skipped', outputs: {}, log: '' }
  const wasCancelled = isCancelled(cancel)
  const inputs = expandAll(step.with, { ...all, env })
  const done = step.run === undefined ? await use(step, inputs, env, place) : await shell(step, all, env, place)
  const isCutShort = !wasCancelled && isCancelled(cancel)
  const outcome = done.isGood ? 'success' : isCutShort ? 'cancelled' : 'failure'
  const conclusion = outcome === 'failure' && step['continue-on-error'] === true ? 'success' : outcome
  return { ...about, outcome, conclusion, outputs: done.outputs, log: done.log }
}

async function use(step: Step, inputs: Readonly<Record<string, string>>, env: Texts, place: Place): Promise<Done> {
  const { uses = '' } = step
  if (uses === OUR_ACTION) return useGate(inputs, env, place)
  if (uses === OUR_REHEARSAL) return useRehearsal(nameOfStep(step), inputs, env, place)
  const [name = ''] = uses.split('@')
  const standIn = STAND_INS[name]
  if (standIn === undefined) throw new Error(`The replay knows no action ${uses}`)
  const { workspace, permissions, run } = place
  const signer = String(run.github.workflow_ref).replace(/@.*/, '')
  const scene = { store: storeOf(run), workspace, permissions, repository: REPOSITORY, signer }
  return standIn(inputs, scene).then(
    () => ({ isGood: true, outputs: {}, log: '' }),
    (error: unknown) => ({ isGood: false, outputs: {}, log: String(error) }),
  )
}

export async function runPost({ name, run }: Post): Promise<StepRecord> {
  const { isGood, outputs, log } = await run()
  const outcome = isGood ? 'success' : 'failure'
  return { name: `Post ${name}`, outcome, conclusion: outcome, outputs, log }
}

export function nameOfStep({ name, uses, run = '' }: Step): string {
  return name ?? `Run ${uses ?? run.split('\n', 1)[0]}`
}
