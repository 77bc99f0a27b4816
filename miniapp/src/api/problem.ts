/** What the API refuses with (RFC 9457), and what stands for an API that cannot be reached. */
export class Problem extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable code, for example `slot_full`; `offline` when no answer came. */
    readonly code: string,
    /** A Chinese sentence for the citizen. */
    readonly detail: string,
    /** Whatever else the answer carries: the fields at fault, when to try again. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(code)
  }
}

const OFFLINE = '网络好像断了。您填的还在，连上后再试一次。'
const UNOPENED = '这台手机打不开这个文件，请换一台手机或电脑看。'
const BROKEN = '服务暂时没有回应，请过一会儿再试。'

/** The problem of a call that got no answer. */
export function offline(): Problem {
  return new Problem(0, 'offline', OFFLINE)
}

/** The problem of a file that came and that this device cannot show. */
export function unopened(): Problem {
  return new Problem(200, 'unopened', UNOPENED)
}

/** The problem that an answer states, or one that stands for an answer that states none. */
export function problemOf(status: number, body: unknown): Problem {
  const stated = typeof body === 'string' ? parsed(body) : body
  if (!stated || typeof stated !== 'object' || !('code' in stated)) {
    return new Problem(status, 'unavailable', BROKEN)
  }
  const { code, detail, title, ...more } = stated as Record<string, unknown>
  return new Problem(status, String(code), String(detail || title || BROKEN), more)
}

const OVER = ['login_required', 'session_expired']

/** Whether nobody is logged in any more; a wrong SMS code (401 too) does not mean that. */
export function loggedOut(error: unknown): boolean {
  return error instanceof Problem && OVER.includes(error.code)
}

/** The sentence that the citizen reads, whatever went wrong. */
export function sentenceOf(error: unknown): string {
  return error instanceof Problem ? error.detail : BROKEN
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
