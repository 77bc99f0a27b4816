/** Idempotency keys by what is wished: the same wish, tried again, is the same request again. */
import { newKey } from '@/api/client'

export interface Keys {
  /** The key of a wish, the same until it is done. */
  of: (wish: unknown) => string
  /** The wish came true: the same one later is a new request. */
  done: (wish: unknown) => void
}

/** Keep keys for as long as a page lives. */
export function useKeys(): Keys {
  const kept = new Map<string, string>()
  return {
    of(wish) {
      const name = JSON.stringify(wish)
      const key = kept.get(name) ?? newKey()
      kept.set(name, key)
      return key
    },
    done: (wish) => void kept.delete(JSON.stringify(wish)),
  }
}
