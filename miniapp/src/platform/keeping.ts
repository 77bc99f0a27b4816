/**
 * What was typed and the API does not have yet (还没交上去的内容): kept on this device until it has, or until
 * its citizen logs out. A session that merely ends keeps it: he logs in again and goes on.
 */

/** A field that was typed: what stands on the page, and what the API had when the typing began. */
export interface Line {
  mine: unknown
  before: unknown
}
export type Lines = Record<string, Line>

const PREFIX = 'typed:'

/** What is kept of a form; `form` names it, for example draft:<id>. */
export function keptOf(form: string): Lines {
  return (uni.getStorageSync(PREFIX + form) as Lines | '') || {}
}

/** Keep what was typed into a form; nothing left forgets it. */
export function keepTyped(form: string, lines: Lines): void {
  if (Object.keys(lines).length) uni.setStorageSync(PREFIX + form, lines)
  else uni.removeStorageSync(PREFIX + form)
}

/** Whether anything that was typed is on this device only. */
export function anythingTyped(): boolean {
  return names().length > 0
}

/** Forget all that was typed. */
export function forgetTyped(): void {
  for (const name of names()) uni.removeStorageSync(name)
}

/** Whether two answers say the same; an empty field says nothing. */
export function same(one: unknown, other: unknown): boolean {
  return (one ?? '') === (other ?? '')
}

function names(): string[] {
  return uni.getStorageInfoSync().keys.filter((name) => name.startsWith(PREFIX))
}
