/** What a page loads: its state for AppState, and loading it again. */
import { ref, type Ref } from 'vue'
import { loggedOut, sentenceOf } from '@/api/problem'
import { logIn } from '@/platform/navigation'

export interface Loaded<T> {
  data: Ref<T | null>
  /** A sentence, when loading failed. */
  fault: Ref<string>
  loading: Ref<boolean>
  load: () => Promise<void>
}

/** Load with `ask`; a later call wins over an earlier one that answers late. */
export function useLoad<T>(ask: () => Promise<T>): Loaded<T> {
  const data = ref<T | null>(null) as Ref<T | null>
  const fault = ref('')
  const loading = ref(false)
  let calls = 0
  async function load(): Promise<void> {
    const mine = ++calls
    loading.value = true
    fault.value = ''
    try {
      const found = await ask()
      if (mine === calls) data.value = found
    } catch (error) {
      if (mine === calls) fault.value = sentenceOf(error)
    } finally {
      if (mine === calls) loading.value = false
    }
  }
  return { data, fault, loading, load }
}

/** Load what is the citizen's own: who is not logged in any more logs in, and comes back. */
export function useOwn<T>(ask: () => Promise<T>): Loaded<T> {
  return useLoad(async () => {
    try {
      return await ask()
    } catch (error) {
      if (loggedOut(error)) logIn()
      throw error
    }
  })
}
