/**
 * A form that is saved as it is typed (保存草稿). What was typed and is not saved yet stays on this device
 * too: a phone that loses its network, or is closed, loses nothing.
 */
import { computed, ref, type Ref } from 'vue'
import { Problem, loggedOut, sentenceOf } from '@/api/problem'
import { logIn, replace } from '@/platform/navigation'

const PAUSE_MS = 800
const AGAIN_MS = 5_000
const CONFLICT = '这份草稿刚在别的手机或页面上改过。下面是最新的，您刚填的还在，请看一遍。'
const CHANGED = /_changed$/

interface Saved {
  id: string
  revision: number
  sections: { fields: { name: string; value?: unknown; source: string | null }[] }[]
}
type Answers = Record<string, unknown>

/** How a kind of form is read and written. */
export interface Room<T, More> {
  name: string
  read: (id: string) => Promise<T>
  write: (id: string, body: { revision: number; answers: Answers } & Partial<More>) => Promise<T>
}

export function useSaved<T extends Saved, More extends object>(room: Room<T, More>) {
  const draft = ref<T | null>(null) as Ref<T | null>
  const fault = ref('')
  const loading = ref(false)
  /** 已保存 10:32 and the like; `unsaved` while something is only on this device. */
  const saved = ref('')
  const unsaved = ref(false)
  const refused = ref('')
  const busy = ref(false)
  let pending: Answers = {}
  /** Options and the like that could not be saved yet. */
  let wanted: Partial<More> = {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | null = null

  const id = computed(() => draft.value?.id ?? '')
  const kept = () => `${room.name}:${id.value}`

  async function load(which: string): Promise<void> {
    loading.value = true
    fault.value = ''
    try {
      draft.value = await room.read(which)
      const left = uni.getStorageSync(kept()) as Answers | ''
      if (left && Object.keys(left).length) {
        pending = left
        show(left)
        void save()
      }
    } catch (error) {
      if (loggedOut(error)) logIn()
      // Handed in already, perhaps in another tab: what became of it is the case's page.
      const { application, bundle } = error instanceof Problem ? error.more : {}
      if (application) replace(`pages/case/detail?id=${String(application)}`)
      if (bundle) replace(`pages/bundle/detail?id=${String(bundle)}`)
      fault.value = sentenceOf(error)
    } finally {
      loading.value = false
    }
  }

  /** Write a field; saved a moment later. */
  function type(name: string, value: unknown): void {
    pending = { ...pending, [name]: value }
    show({ [name]: value })
    keep()
    clearTimeout(timer)
    timer = setTimeout(() => void save(), PAUSE_MS)
  }

  function show(answers: Answers): void {
    for (const section of draft.value?.sections ?? []) {
      for (const field of section.fields) {
        if (field.name in answers) Object.assign(field, { value: answers[field.name], source: 'typed' })
      }
    }
  }

  function keep(): void {
    unsaved.value = Object.keys(pending).length > 0
    if (unsaved.value) uni.setStorageSync(kept(), pending)
    else uni.removeStorageSync(kept())
  }

  /** Save what is pending, and options or delivery with it. */
  async function save(more: Partial<More> = {}): Promise<void> {
    clearTimeout(timer)
    while (saving) await saving
    wanted = { ...wanted, ...more }
    if (!draft.value || (!Object.keys(pending).length && !Object.keys(wanted).length)) return
    saving = write(wanted).finally(() => (saving = null))
    await saving
  }

  async function write(more: Partial<More>): Promise<void> {
    const sent = pending
    try {
      const fresh = await room.write(id.value, { revision: draft.value!.revision, answers: sent, ...more })
      pending = Object.fromEntries(Object.entries(pending).filter(([name, value]) => sent[name] !== value))
      if (wanted === more) wanted = {}
      take(fresh)
      refused.value = ''
      saved.value = `已保存 ${new Date().toTimeString().slice(0, 5)}`
    } catch (error) {
      await notSaved(error)
    } finally {
      keep()
    }
  }

  async function notSaved(error: unknown): Promise<void> {
    const problem = error instanceof Problem ? error : null
    if (loggedOut(error)) logIn()
    else if (problem?.status === 409 && CHANGED.test(problem.code)) {
      take(await room.read(id.value))
      refused.value = CONFLICT
      timer = setTimeout(() => void save(), AGAIN_MS)
    } else {
      refused.value = sentenceOf(error)
      // What the API will never take does not hold up what is typed after it; it stays on the page.
      if (problem?.status === 422) pending = {}
      if (!problem || problem.status === 0 || problem.status >= 500) {
        timer = setTimeout(() => void save(), AGAIN_MS)
      }
    }
  }

  /** Show a newer draft, with what is typed and not saved on top of it. */
  function take(fresh: T): void {
    draft.value = fresh
    show(pending)
  }

  /** Do something with the draft when all that was typed is saved. */
  async function act(action: () => Promise<T | void>): Promise<boolean> {
    busy.value = true
    refused.value = ''
    try {
      await save()
      const fresh = await action()
      if (fresh) take(fresh)
      return true
    } catch (error) {
      if (loggedOut(error)) logIn()
      else refused.value = sentenceOf(error)
      return false
    } finally {
      busy.value = false
    }
  }

  return { draft, id, fault, loading, saved, unsaved, refused, busy, load, type, save, take, act }
}
