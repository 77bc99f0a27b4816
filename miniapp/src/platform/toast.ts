/** A short word to the citizen that goes by itself; screen readers hear it (AppPage). */
import { ref } from 'vue'

const SECONDS = 4

/** What is being said, or empty. */
export const said = ref('')
let timer: ReturnType<typeof setTimeout> | undefined

/** Say something. */
export function say(text: string): void {
  said.value = text
  clearTimeout(timer)
  timer = setTimeout(() => (said.value = ''), SECONDS * 1000)
}
