/** Windows (窗口) as people say them: 14号, 14到21号, 14、16号. */

const spoken = (number: string): string => number.replace(/^0+(?=\d)/, '')

/** 14号窗口 of 014. */
export const windowWords = (number: string): string => `${spoken(number)}号窗口`

/** 14到21号窗口 of 014 … 021; what does not follow on is listed. */
export function windowsWords(numbers: readonly string[]): string {
  const runs: string[][] = []
  for (const number of numbers) {
    const run = runs[runs.length - 1]
    const last = run?.[run.length - 1]
    if (run && last !== undefined && Number(number) === Number(last) + 1) run.push(number)
    else runs.push([number])
  }
  const words = runs.flatMap((run) => {
    const [first, last] = [run[0] ?? '', run[run.length - 1] ?? '']
    return run.length > 2 ? [`${spoken(first)}到${spoken(last)}`] : run.map(spoken)
  })
  return words.length ? `${words.join('、')}号窗口` : ''
}
