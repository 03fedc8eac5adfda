import type { Outcome } from '../domain/outcome.ts'
import { isGood } from '../domain/verdict.ts'
import { detailLines, type LogLine, remedyLines } from './log.ts'
import { type Outputs, outputsOf, type WrittenReport } from './outputs.ts'
import { toReason } from './sentence.ts'
import { summaryOf } from './summary.ts'
import { reason } from './verdictText.ts'

/** All that a run says at its end, before anything of it is said: `main` only carries it out. */
export interface RunEnding {
  readonly outputs: Outputs
  readonly summary: string
  /** In order. A job that fails has just one line of level `error`, which is the reason. */
  readonly lines: readonly EndLine[]
  readonly exitCode: 0 | 1
}

interface EndLine {
  readonly level: LogLine['level'] | 'error'
  readonly text: string
}

export function endingOf(outcome: Outcome, report?: WrittenReport): RunEnding {
  const { verdict, failsJob } = outcome.judgement
  const { outputs, warnings } = outputsOf(outcome, report)
  const level = failsJob ? 'error' : isGood(verdict) ? 'info' : 'warning'
  return {
    outputs,
    summary: summaryOf(outcome),
    lines: [
      ...warnings.map((text) => ({ level: 'warning', text }) as const),
      ...detailLines(outcome),
      { level, text: toReason(reason(outcome)) },
      ...remedyLines(outcome),
    ],
    exitCode: failsJob ? 1 : 0,
  }
}
