import { nextTick } from 'vue'

/** Showing the end of a page: the newest of a conversation. */
export function toBottom(): void {
  uni.pageScrollTo({ scrollTop: 1_000_000, duration: 0 })
}

/** Bring the first field that has a fault into sight; on H5 it takes the keyboard as well. */
export async function showFault(): Promise<void> {
  await nextTick()
  // #ifdef H5
  const found = document.querySelector<HTMLElement>('.faulty')
  found?.scrollIntoView({ block: 'center' })
  found?.querySelector<HTMLElement>('input, textarea, button')?.focus({ preventScroll: true })
  // #endif
  // #ifndef H5
  uni.pageScrollTo({ selector: '.faulty', offsetTop: -80, fail: () => undefined })
  // #endif
}

/** Give the keyboard to a field: what had it is not there any more. */
export async function toField(id: string): Promise<void> {
  // #ifdef H5
  await nextTick()
  document.querySelector<HTMLElement>(`#${id}`)?.querySelector<HTMLElement>('input, textarea')?.focus()
  // #endif
  // #ifndef H5
  void id
  // #endif
}
