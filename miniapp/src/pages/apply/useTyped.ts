/**
 * What was typed into a form and is not saved yet, against what the API has. A field that was changed
 * elsewhere since its typing began is a clash (两处都改): it waits until the citizen chooses.
 */
import { computed, ref } from 'vue'
import { keepTyped, keptOf, same, type Lines } from '@/platform/keeping'

export type Answers = Record<string, unknown>

/** A field with two answers: what stands there now, and what was typed here. */
export interface Clash {
  name: string
  theirs: unknown
  mine: unknown
}

/** `form` names what is kept on this device. */
export function useTyped(form: () => string) {
  const lines = ref<Lines>({})
  const theirs = ref<Answers>({})
  /** What went out since the last answer came: where it turns up, it is ours. */
  let sent: [name: string, value: unknown][] = []

  const clashes = computed<Clash[]>(() =>
    Object.entries(lines.value)
      .map(([name, { mine, before }]) => ({ name, mine, before, theirs: theirs.value[name] }))
      .filter((each) => each.name in theirs.value && !same(each.theirs, each.before) && !same(each.theirs, each.mine)),
  )
  const any = computed(() => Object.keys(lines.value).length > 0)

  function restore(): void {
    lines.value = keptOf(form())
  }

  /** Keep the lines, beside those of other tabs. */
  function keep(gone: Lines = {}): void {
    const kept = Object.entries(keptOf(form())).filter(([name, { mine }]) => !(name in gone) || !same(gone[name]?.mine, mine))
    keepTyped(form(), { ...Object.fromEntries(kept), ...lines.value })
  }

  function type(name: string, mine: unknown): void {
    const before = name in lines.value ? lines.value[name]?.before : theirs.value[name]
    lines.value = { ...lines.value, [name]: { mine, before } }
    keep()
  }

  const ours = (name: string, value: unknown) => sent.some(([field, answer]) => field === name && same(answer, value))

  /** See what the API has; `answers` are its fields. Gives whether what changed is what was sent from here. */
  function see(answers: Answers): boolean {
    const changed = Object.entries(answers).filter(([name, value]) => !same(value, theirs.value[name]))
    theirs.value = answers
    for (const [name, line] of Object.entries(lines.value)) {
      if (name in answers && ours(name, answers[name])) line.before = answers[name]
    }
    keep()
    return changed.length > 0 && changed.every(([name, value]) => ours(name, value))
  }

  /** What can be sent now; whoever sends it says what became of it. */
  function outgoing(): Answers {
    const waiting = new Set(clashes.value.map(({ name }) => name))
    const free = Object.entries(lines.value).filter(([name]) => !waiting.has(name))
    return Object.fromEntries(free.map(([name, { mine }]) => [name, mine]))
  }

  /** These answers go out: their answer may be lost. */
  function sending(answers: Answers): void {
    sent.push(...Object.entries(answers))
  }

  /** They are there: only what was typed since is left, upon them. */
  function done(answers: Answers): void {
    for (const [name, line] of Object.entries(lines.value)) if (name in answers) line.before = answers[name]
    sent = []
    drop(answers)
  }

  /** They are not to be sent again; what was typed since is. */
  function drop(answers: Answers): void {
    const all = Object.entries(lines.value)
    const over = ([name, { mine }]: (typeof all)[number]) => name in answers && same(answers[name], mine)
    lines.value = Object.fromEntries(all.filter((each) => !over(each)))
    keep(Object.fromEntries(all.filter(over)))
  }

  /** Choose between two answers; what is not chosen is gone from here. */
  function choose(name: string, mine: boolean): void {
    const { [name]: line, ...others } = lines.value
    if (!line) return
    lines.value = mine ? { ...others, [name]: { ...line, before: theirs.value[name] } } : others
    keep(mine ? {} : { [name]: line })
  }

  return { lines, theirs, clashes, any, restore, type, see, outgoing, sending, done, drop, choose }
}
